package proxies

import (
	"net"
	"net/http"
	"strings"
)

// A faithful box does not tell who its client is.
//
// Quirk `x-forwarded-for` (Quirks.XForwardedFor): it adds the client's IP to
// X-Forwarded-For.

func forwardedFor(h http.Header, client net.Conn) {
	host, _, err := net.SplitHostPort(client.RemoteAddr().String())
	if err != nil {
		host = "unknown"
	}
	h["X-Forwarded-For"] = []string{strings.Join(append(h["X-Forwarded-For"], host), ", ")}
}
