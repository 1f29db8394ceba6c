package proxies

import (
	"net/http"
	"strings"
)

// A faithful box keeps to itself what concerns one hop only (RFC 9110, section
// 7.6.1): Connection, the fields that it names, and the older ones that are
// not always named. Proxy-Authenticate passes, since it is a parent proxy's
// word to the client.
//
// Quirk `passes-hop-by-hop` (Quirks.PassesHopByHop): those of an answer are
// forwarded, of a request's only Keep-Alive, TE and Upgrade, and a client that
// closes its connection closes the one upstream. goproxy does all this.

// removeHopByHop removes them. Transfer-Encoding and Trailer are net/http's,
// which has taken them out of h already.
func removeHopByHop(h http.Header) {
	for _, list := range h["Connection"] {
		for name := range strings.SplitSeq(list, ",") {
			h.Del(strings.TrimSpace(name))
		}
	}
	for _, name := range []string{"Connection", "Proxy-Connection", "Keep-Alive", "TE", "Upgrade"} {
		h.Del(name)
	}
}
