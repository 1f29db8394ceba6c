package proxies

import (
	"maps"
	"slices"

	"gauntlet/proxies/socks"
)

// Kind is the sort of box.
type Kind string

// The boxes that New builds.
const (
	Connect   Kind = "connect"   // an HTTP proxy that makes tunnels and nothing else
	Down      Kind = "down"      // nobody there: every connection is refused, or reset at once
	Forward   Kind = "forward"   // an explicit HTTP proxy: absolute-form requests, CONNECT
	Intercept Kind = "intercept" // an HTTP proxy that the client knows nothing of
	Portal    Kind = "portal"    // a captive portal: answers every request itself
	Relay     Kind = "relay"     // copies bytes, knows no HTTP
	Socks4    Kind = "socks4"    // SOCKS 4: addresses only
	Socks4a   Kind = "socks4a"   // SOCKS 4A: names as well
	Socks5    Kind = "socks5"    // SOCKS 5 (RFC 1928), with a password (RFC 1929) if it wants one
	TLS       Kind = "tls"       // a forward proxy that opens the TLS in its tunnels
)

// facts are what there is to know of a kind.
type facts struct {
	build    func(Spec, Options) (Box, error)
	explicit bool          // a client has to be told of it
	http     bool          // it reads and forwards requests
	socks    socks.Version // "" if it does not speak SOCKS
	port     int           // where it listens unless its spec says
}

// registry is the kinds of boxes.
func registry() map[Kind]facts {
	return map[Kind]facts{
		Connect:   {build: newConnect, explicit: true, port: 8080},
		Down:      {build: newDown, port: 8000},
		Forward:   {build: newForward, explicit: true, http: true, port: 8080},
		Intercept: {build: newIntercept, http: true, port: 3129},
		Portal:    {build: newPortal, port: 8000},
		Relay:     {build: newRelay, port: 8000},
		Socks4:    {build: newSocks, explicit: true, socks: socks.V4, port: 1080},
		Socks4a:   {build: newSocks, explicit: true, socks: socks.V4a, port: 1080},
		Socks5:    {build: newSocks, explicit: true, socks: socks.V5, port: 1080},
		TLS:       {build: newTLS, explicit: true, http: true, port: 8080},
	}
}

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
	for _, q := range quirks() {
		if q.means(k) {
			words = append(words, q.Word)
		}
	}
	slices.Sort(words)
	return words
}

// kinds are the words for them, sorted.
func kinds() []string {
	var names []string
	for _, k := range slices.Sorted(maps.Keys(registry())) {
		names = append(names, string(k))
	}
	return names
}
