package heads

import (
	"net/http"
	"strings"
)

// RemoveHopByHop removes what concerns one hop only (RFC 9110, section 7.6.1):
// Connection, the fields that it names, and the older ones that are not always
// named. Transfer-Encoding and Trailer are net/http's, which has taken them out
// of h already. Proxy-Authenticate passes: it is a parent proxy's word to the
// client.
func RemoveHopByHop(h http.Header) {
	for _, list := range h["Connection"] {
		for name := range strings.SplitSeq(list, ",") {
			h.Del(strings.TrimSpace(name))
		}
	}
	for _, name := range []string{"Connection", "Proxy-Connection", "Keep-Alive", "TE", "Upgrade"} {
		h.Del(name)
	}
}

// InventNothing keeps net/http from adding to an answer what the server did not
// say. A present key without a value keeps it silent.
func InventNothing(h http.Header) {
	for _, key := range []string{"Date", "Content-Type"} {
		if _, given := h[key]; !given {
			h[key] = nil
		}
	}
}
