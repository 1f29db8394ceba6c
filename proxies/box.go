// Package proxies builds the boxes that stand between a client and a gateway:
// forward and intercepting proxies on goproxy, proxies that only make tunnels
// or open the TLS in them, SOCKS servers, captive portals, a plain TCP relay,
// and places where one of them follows the other. kinds.go is the registry of
// boxes, quirks.go that of quirks; behaviour.go tells where on an exchange's way
// a quirk may act.
//
// A box without quirks is faithful: what it need not change it passes as it
// came, header spelling and order included, and a cut message stays cut.
// Everything a real or a careless proxy does differently is a quirk with a word
// of its own, so that a chain of boxes is one line of text.
//
// The package knows HTTP and TCP, nothing of MSN, and it does not disturb
// traffic: faults belong to proxies/wire, which wraps the listeners that a box
// serves. Whoever assembles a run imports it. A box owns the goroutines and
// connections that it starts; Close ends them.
package proxies

import (
	"crypto/x509"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"time"

	"gauntlet/proxies/authority"
	"gauntlet/proxies/network"
)

// Box is an intermediary.
type Box interface {
	// Serve accepts connections from l until Close, and then returns nil; any
	// other end is an error. It takes ownership of l, and may be called for
	// several listeners, each from a goroutine of its own. The listener's
	// connections may be wrapped (faults, recording).
	Serve(l net.Listener) error
	// Close ends listeners, connections and goroutines, and waits for them. A
	// second call does nothing.
	Close() error
	// Name is the one-line form of the box's Spec.
	Name() string
}

// Options is where a box stands. The zero value of each field but Network is
// useful.
type Options struct {
	// Network carries what the box dials; required.
	Network network.Network
	// Upstream is the host:port to which this box sends everything: a relay's
	// target, the next box of a chain, a gateway. Empty means that requests
	// (or, for a relay, the original destination) say where they go.
	Upstream string
	// Parent says that Upstream is a forward proxy itself: requests go to it
	// in absolute-form, tunnels as CONNECT.
	Parent bool
	// Egress are the networks of a box with the quirk egress, each dialling from
	// another address.
	Egress []network.Network
	// Authority signs the certificates of a tls box; nil makes one of its own,
	// which nobody trusts.
	Authority *authority.Authority
	// Roots are whom a tls box trusts upstream; nil means its own authority.
	Roots *x509.CertPool
	// Listen binds the box's address anew after it was down (see Spec.For); what
	// it gives is the box's, like the listener of Serve. Nil leaves the first
	// listener open meanwhile: then connections are reset, not refused.
	Listen func() (net.Listener, error)
	// Machines are the host:port of those over which a box with the quirk balances
	// spreads what it sends.
	Machines []string
	// Unplug has the network lose each attempt to connect to the box until plug is
	// called. Nil: while a box is unplugged, new connections come about, and nothing
	// is heard on them.
	Unplug func() (plug func() error, err error)
	// Exposed says that the box serves whoever comes, and not a case: it hangs up
	// on who does not finish a head or a greeting in time, and refuses what has
	// been here before.
	Exposed bool
	// OnError hears of what went wrong in the box's own goroutines and
	// upstream; it may be called from several at once.
	OnError func(error)
	// Logger gets what a proxy's log would have; nil discards it.
	Logger *slog.Logger
}

// New builds the box that spec describes; it listens nowhere until Serve.
// Errors are *syntax.Error, or say what Options lacks.
func New(spec Spec, o Options) (Box, error) {
	if err := spec.Check(); err != nil {
		return nil, err
	}
	if err := o.check(spec); err != nil {
		return nil, fmt.Errorf("box %q: %w", spec, err)
	}
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	if spec.Then != nil {
		return newChangingBox(spec, o)
	}
	return registry()[spec.Kind].build(spec, o)
}

// check finds what the box of a spec lacks.
func (o Options) check(s Spec) error {
	if o.Network == nil {
		return errors.New("needs a network to dial on")
	}
	for _, p := range s.Phases() {
		if n := p.Addresses(); n > len(o.Egress) {
			return fmt.Errorf("egress %d needs that many networks to dial on, there are %d", n, len(o.Egress))
		}
		if n := p.Machines(); n > len(o.Machines) {
			return fmt.Errorf("balances %d needs that many machines, there are %d", n, len(o.Machines))
		}
	}
	if o.Upstream == "" {
		if o.Parent {
			return errors.New("a parent proxy needs an address")
		}
		return nil
	}
	if _, _, err := net.SplitHostPort(o.Upstream); err != nil {
		return fmt.Errorf("upstream: %w", err)
	}
	return nil
}

// report passes an error of the box's own goroutines on.
func (o Options) report(err error) {
	o.Logger.Debug("box error", "error", err)
	if o.OnError != nil {
		o.OnError(err)
	}
}

// headPatience is how long an exposed box waits for a head, a greeting or a
// handshake that was begun, or not even that.
const headPatience = 30 * time.Second

// hurry has an exposed box wait no longer for what a client sends first; relax
// ends that.
func (o Options) hurry(client net.Conn) (relax func()) {
	if !o.Exposed {
		return func() {}
	}
	_ = client.SetReadDeadline(time.Now().Add(headPatience)) // one that is closed is noticed when it is read
	return func() { _ = client.SetReadDeadline(time.Time{}) }
}
