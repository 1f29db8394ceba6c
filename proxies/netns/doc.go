// Package netns is a network of namespaces: hosts with addresses of their own,
// routers between them, redirect rules as those of an intercepting proxy, and
// the kernel's own ways to lose a connection. Sockets are real, ports literal,
// and there is no way out: every address that a host dials leads to the
// servers of the same network, where nobody listens unless somebody was put
// there.
//
// It works on Linux, as root and as an ordinary user, without other programs.
// The host's own network is never touched: a network can only be made in a
// process that Reexec has started, in namespaces that end with it, and the
// networks are made inside of those. What a killed process leaves behind is
// nothing, for namespaces, their mounts and their processes end with it.
//
// The package knows addresses, packets and processes; it knows nothing of HTTP
// or of boxes. The rig and specs import it. A Net's goroutines end with Close.
package netns

import (
	"errors"
	"net/netip"
	"time"
)

// errUnavailable marks the error of a machine that cannot make such networks, or
// does not let us; the error itself says what is missing.
var errUnavailable = errors.New("real interception is not possible here")

// Options is what a Net looks like: arms that meet at the servers.
type Options struct {
	Arms    []Arm
	Servers Place
	IPv6    bool                  // each address has one of that family beside it, as sixOf says
	Names   map[string]netip.Addr // what the names of this network are
	Asked   bool                  // programs ask the name server for each of Names, which may change; else they find them in a file
	Below   map[string]netip.Addr // what all other names below these domains are; any other leads to the servers, where nobody listens
	// Dialled, when set, hears of what programs do that Start has started at the
	// first arm's client: every attempt to connect, once it is known what became of
	// it. Resolved hears of every name that a program looks up. Each is called by
	// one goroutine.
	Dialled  func(Dial)
	Resolved func(Lookup)
	// Found, when set, may change what a program is told that looks up one of Names; it
	// is asked once for what is one lookup, whatever families are asked for.
	Found func(name string, leads []netip.Addr) Answer
}

// Answer is what a program is told that looks up a name.
type Answer struct {
	Addresses []netip.Addr  // none: there is no such name
	After     time.Duration // so long the answer takes
	TTL       time.Duration // so long it may be kept, in whole seconds; 0: it is for this once (RFC 1035, section 3.2.1)
}

// Arm is a path from a client to the servers. Between any two of its places,
// and before the servers, lies a router.
type Arm struct {
	Places []Place // the client first
	// Translated says that the first router hides the client behind an address
	// of its own, as routers at home do.
	Translated bool
}

// Place is a host: all addresses of a network belong to it, the first that is
// named is its own.
type Place struct {
	Address netip.Addr
	Bits    int // how many bits of Address are those of its network; 32: it has only the one
}

// Dial is an attempt to connect.
type Dial struct {
	At time.Time
	To netip.AddrPort
	// Failed is why it did not come about; "" if it did.
	Failed string
}

// Lookup is a name that somebody asked for.
type Lookup struct {
	At   time.Time
	Name string // without the dot at its end
	Lost bool   // the network does not know it
}
