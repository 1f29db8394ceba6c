package proxies

import (
	"maps"
	"slices"
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

// sort is what there is to know of a kind.
type sort struct {
	build    func(Spec, Options) (Box, error)
	explicit bool // a client has to be told of it
	port     int  // where it listens unless its spec says
}

// sorts is the registry of boxes.
func sorts() map[Kind]sort {
	return map[Kind]sort{
		Connect:   {build: newConnect, explicit: true, port: 8080},
		Down:      {build: newDown, port: 8000},
		Forward:   {build: newForward, explicit: true, port: 8080},
		Intercept: {build: newIntercept, port: 3129},
		Portal:    {build: newPortal, port: 8000},
		Relay:     {build: newRelay, port: 8000},
		Socks4:    {build: newSocks, explicit: true, port: 1080},
		Socks4a:   {build: newSocks, explicit: true, port: 1080},
		Socks5:    {build: newSocks, explicit: true, port: 1080},
		TLS:       {build: newTLS, explicit: true, port: 8080},
	}
}

// Explicit tells whether a client must be told of the box; the others stand
// unseen in its way.
func (k Kind) Explicit() bool { return sorts()[k].explicit }

// DefaultPort is where a box listens whose spec names no port.
func (k Kind) DefaultPort() int { return sorts()[k].port }

// IsSOCKS tells whether a client must speak SOCKS to the box.
func (k Kind) IsSOCKS() bool { return k == Socks4 || k == Socks4a || k == Socks5 }

// Kinds lists the kinds of boxes, sorted.
func Kinds() []Kind { return slices.Sorted(maps.Keys(sorts())) }

func kinds() []string {
	var names []string
	for _, k := range Kinds() {
		names = append(names, string(k))
	}
	return names
}
