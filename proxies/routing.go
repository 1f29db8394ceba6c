package proxies

import "gauntlet/proxies/network"

// NextHop is how a box of a chain reaches the next one.
type NextHop int

// The ways to it.
const (
	ToOrigin   NextHop = iota // there is no next box: to where requests say, or a relay to the gateway
	ToNext                    // a relay carries the client's bytes to it as they are
	ToParent                  // requests go to it in absolute-form
	ThroughIt                 // it is asked for a tunnel, by CONNECT or SOCKS
	Redirected                // it does not know of it: whoever assembles the chain redirects its connections
)

// NextHop returns how box i reaches the next.
func (c Chain) NextHop(i int) NextHop {
	next := c[i+1:]
	if len(next) == 0 {
		return ToOrigin
	}
	asked := next.asked()
	switch {
	case asked == nil:
		return Redirected
	case c[i].Kind == Relay:
		return ToNext
	case (asked.Kind == Forward || asked.Kind == TLS) && (c[i].Kind == Forward || c[i].Kind == Intercept):
		return ToParent
	}
	return ThroughIt
}

// asked is the box to which a client of the chain speaks knowingly, nil if
// there is none: relays are looked through.
func (c Chain) asked() *Spec {
	for i := range c {
		if c[i].Kind != Relay {
			if c[i].Kind.Explicit() {
				return &c[i]
			}
			return nil
		}
	}
	return nil
}

// Explicit is the box for which the client must be configured, nil if the
// client is to know of none.
func (c Chain) Explicit() *Spec { return c.asked() }

// Lead completes the options of box i, which has o.Network to dial on: next is
// the address at which the box after it listens, gateway where a relay sends
// what it carries in the end.
func (c Chain) Lead(i int, o Options, next, gateway string) Options {
	switch way := c.NextHop(i); {
	case way == ToParent || way == ToNext:
		o.Upstream, o.Parent = next, way == ToParent
	case way == ThroughIt:
		o.Network = Through(o.Network, *c[i+1:].asked(), next)
		o.Egress = throughAll(o.Egress, *c[i+1:].asked(), next)
	case c[i].carries():
		o.Upstream = gateway
	}
	return o
}

func throughAll(all []network.Network, box Spec, address string) []network.Network {
	var out []network.Network
	for _, n := range all {
		out = append(out, Through(n, box, address))
	}
	return out
}
