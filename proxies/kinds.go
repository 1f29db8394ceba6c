package proxies

import (
	"io"
	"maps"
	"net/http"
	"slices"

	"gauntlet/proxies/network"
	"gauntlet/proxies/socks"
)

// Kind is the sort of box.
type Kind string

// The boxes that New builds.
const (
	Connect   Kind = "connect"
	Down      Kind = "down"
	Forward   Kind = "forward"
	Intercept Kind = "intercept"
	Portal    Kind = "portal"
	Relay     Kind = "relay"
	Socks4    Kind = "socks4"
	Socks4a   Kind = "socks4a"
	Socks5    Kind = "socks5"
	TLS       Kind = "tls"
)

// facts are what there is to know of a kind.
type facts struct {
	build    func(Spec, Options) (Box, error)
	doc      string
	explicit bool          // a client has to be told of it
	http     bool          // it reads and forwards requests
	socks    socks.Version // "" if it does not speak SOCKS
	port     int           // where it listens unless its spec says
}

// registry is the kinds of boxes.
func registry() map[Kind]facts {
	return map[Kind]facts{
		Connect:   {build: newConnect, doc: "an HTTP proxy that makes tunnels and nothing else", explicit: true, port: 8080},
		Down:      {build: newDown, doc: "nobody there: every connection is refused, or reset at once", port: 8000},
		Forward:   {build: newForward, doc: "an explicit HTTP proxy: absolute-form requests, CONNECT", explicit: true, http: true, port: 8080},
		Intercept: {build: newIntercept, doc: "an HTTP proxy that the client knows nothing of", http: true, port: 3129},
		Portal:    {build: newPortal, doc: "a captive portal: answers every request itself", port: 8000},
		Relay:     {build: newRelay, doc: "copies bytes, knows no HTTP", port: 8000},
		Socks4:    {build: newSocks, doc: "SOCKS 4: addresses only", explicit: true, socks: socks.V4, port: 1080},
		Socks4a:   {build: newSocks, doc: "SOCKS 4A: names as well", explicit: true, socks: socks.V4a, port: 1080},
		Socks5:    {build: newSocks, doc: "SOCKS 5 (RFC 1928), with a password (RFC 1929) if it wants one", explicit: true, socks: socks.V5, port: 1080},
		TLS:       {build: newTLS, doc: "a forward proxy that opens the TLS in its tunnels", explicit: true, http: true, port: 8080},
	}
}

// Kinds are all of them.
func Kinds() []Kind { return slices.Sorted(maps.Keys(registry())) }

// Doc says what such a box is.
func (k Kind) Doc() string { return registry()[k].doc }

// Explicit reports whether a client must be told of the box; the others stand
// unseen in its way.
func (k Kind) Explicit() bool { return registry()[k].explicit }

// DefaultPort is where a box listens whose spec names no port.
func (k Kind) DefaultPort() int { return registry()[k].port }

// IsSOCKS reports whether a client must speak SOCKS to the box.
func (k Kind) IsSOCKS() bool { return k.socks() != "" }

func (k Kind) socks() socks.Version { return registry()[k].socks }

func (k Kind) speaksHTTP() bool { return registry()[k].http }

// vocabulary lists the words that may follow the kind.
func (k Kind) vocabulary() []string {
	words := []string{"port", "for"}
	if k == Intercept {
		words = append(words, "by")
	}
	if k.Explicit() {
		words = append(words, ipv6Word)
	}
	for _, q := range quirkTable {
		if q.means(k) {
			words = append(words, q.Word)
		}
	}
	slices.Sort(words)
	return words
}

// explicitKinds are the words for those that a client is told of.
func explicitKinds() []string {
	return slices.DeleteFunc(kinds(), func(k string) bool { return !Kind(k).Explicit() })
}

// kinds are the words for them, sorted.
func kinds() []string {
	var names []string
	for _, k := range slices.Sorted(maps.Keys(registry())) {
		names = append(names, string(k))
	}
	return names
}

// newForward builds an explicit HTTP proxy: the client knows it and names the
// server in each request line (absolute-form), or asks for a tunnel (CONNECT).
func newForward(s Spec, o Options) (Box, error) { return newHTTPBox(s, o) }

// refuseOriginForm answers a request that does not say where it goes.
func refuseOriginForm(w http.ResponseWriter, _ *http.Request) {
	http.Error(w, "this is a proxy: the request line needs a whole URL", http.StatusBadRequest)
}

// newConnect builds a proxy that makes tunnels, and forwards nothing: what
// firewalls allow for HTTPS. A plain request is a 405.
func newConnect(s Spec, o Options) (Box, error) {
	b, err := newHTTPBox(s, o)
	if err != nil {
		return nil, err
	}
	b.serve = func(x *exchange, r *http.Request) {
		if r.Method == http.MethodConnect {
			x.tunnel(r)
			return
		}
		x.w.Header().Set("Allow", http.MethodConnect)
		http.Error(x.w, "this proxy makes tunnels only", http.StatusMethodNotAllowed)
	}
	return b, nil
}

// newIntercept builds a proxy that the client knows nothing of: requests come
// as to a server (origin-form), though some clients send absolute-form even
// then. Both are served on the same connection. Where a request goes is said
// by its Host or by the address that the client dialled; Host goes upstream
// as the client sent it in either case.
func newIntercept(s Spec, o Options) (Box, error) {
	b, err := newHTTPBox(s, o)
	if err != nil {
		return nil, err
	}
	b.goByHost()
	if s.Routing == ByOriginalDestination {
		b.server.Handler = goByAddress(b)
	}
	return b, nil
}

// goByHost has a request that does not say where it goes sent to its Host.
func (b *httpBox) goByHost() {
	b.proxy.NonproxyHandler = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Host == "" {
			http.Error(w, "the request does not say where it goes: no Host", http.StatusBadRequest)
			return
		}
		r.URL.Scheme, r.URL.Host = "http", r.Host
		b.proxy.ServeHTTP(w, r)
	})
}

// goByAddress has a request sent where its connection was going. CONNECT names
// its own destination.
func goByAddress(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method != http.MethodConnect {
			address, redirected := network.OriginalDestination(clientConnOf(r))
			if !redirected {
				http.Error(w, "this connection was not intercepted: no original destination", http.StatusBadRequest)
				return
			}
			r.URL.Scheme, r.URL.Host = "http", address
		}
		next.ServeHTTP(w, r)
	})
}

// portalPage is what everybody gets to see.
const portalPage = `<!DOCTYPE html>
<html><head><title>Welcome to our network</title></head>
<body><h1>Welcome</h1><p>Please accept our terms to go on.</p>
<form method="post" action="http://portal.invalid/accept"><button>Accept</button></form></body></html>
`

// newPortal builds a captive portal: every request, whatever it asks for, gets
// a page of the portal's own with status 200; a CONNECT is forbidden. Nothing
// goes upstream.
func newPortal(s Spec, o Options) (Box, error) {
	b, err := newHTTPBox(s, o)
	if err != nil {
		return nil, err
	}
	b.serve = func(x *exchange, r *http.Request) { welcome(x.w, r, b.behaviour.redirects) }
	return b, nil
}

func welcome(w http.ResponseWriter, r *http.Request, redirects bool) {
	_, _ = io.Copy(io.Discard, r.Body) // a client that broke off gets its page all the same
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.Header().Set("Cache-Control", "no-store")
	status := http.StatusOK
	switch {
	case r.Method == http.MethodConnect:
		status = http.StatusForbidden
	case redirects:
		w.Header().Set("Location", "http://portal.invalid/")
		status = http.StatusFound
	}
	w.WriteHeader(status)
	_, _ = io.WriteString(w, portalPage)
}
