// Package plain is goproxy by itself, as one would set it up who wants a proxy and
// nothing else: what our boxes are compared with. Whatever a box of ours costs more
// than this is the price of its faults, its quirks and its record.
package plain

import (
	"context"
	"net"
	"net/http"

	"github.com/elazarl/goproxy"
)

// idle is how many connections it keeps for each upstream host, so that as many
// clients as are measured at a time find theirs again.
const idle = 100

// kept is a transport that reaches hosts by dial and keeps its connections.
func kept(dial func(ctx context.Context, network, address string) (net.Conn, error)) *http.Transport {
	return &http.Transport{DialContext: dial, MaxIdleConnsPerHost: idle}
}

// Proxy is a forward proxy that reaches its upstreams by dial, which makes
// connections as a net.Dialer does.
func Proxy(dial func(ctx context.Context, network, address string) (net.Conn, error)) http.Handler {
	p := goproxy.NewProxyHttpServer()
	p.Tr = kept(dial)
	return p
}
