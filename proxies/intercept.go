package proxies

import (
	"net/http"

	"gauntlet/proxies/network"
)

// newIntercept builds a proxy that the client knows nothing of: requests come
// as to a server (origin-form), though some clients send absolute-form even
// then. Both are served on the same connection. Where a request goes is said
// by its Host or by the address that the client dialled; Host goes upstream
// as the client sent it in either case.
func newIntercept(s Spec, o Options) (Box, error) {
	b := newHTTPBox(s, o)
	b.proxy.NonproxyHandler = http.HandlerFunc(b.serveOriginForm)
	if s.Routing == ByOriginalDestination {
		b.server.Handler = http.HandlerFunc(b.serveDialled)
	}
	return b, nil
}

// serveOriginForm gives a request the URL that goproxy wants, by its Host.
func (b *httpBox) serveOriginForm(w http.ResponseWriter, r *http.Request) {
	if r.Host == "" {
		http.Error(w, "the request does not say where it goes: no Host", http.StatusBadRequest)
		return
	}
	r.URL.Scheme, r.URL.Host = "http", r.Host
	b.proxy.ServeHTTP(w, r)
}

// serveDialled sends a request where its connection was going. CONNECT names
// its own destination.
func (b *httpBox) serveDialled(w http.ResponseWriter, r *http.Request) {
	if r.Method != http.MethodConnect {
		address, redirected := network.OriginalDestination(downstreamOf(r))
		if !redirected {
			http.Error(w, "this connection was not intercepted: no original destination", http.StatusBadRequest)
			return
		}
		r.URL.Scheme, r.URL.Host = "http", address
	}
	b.ServeHTTP(w, r)
}
