package proxies

import (
	"context"
	"net"
	"net/http"
	"slices"
	"strconv"
	"sync"
	"time"

	"gauntlet/proxies/network"
)

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

// What requests stay together by, where a box spreads them over machines.
const (
	byAddress    = "address"
	byConnection = "connection"
	byCookie     = "cookie"
	byNothing    = "nothing"
)

// machineCookie is what a client shows who is to come to the same machine again.
const machineCookie = "GAUNTLETMACHINE"

// acceptPatience is how long a balancer waits for a machine to accept, before it
// takes the next one.
const acceptPatience = 3 * time.Second

// balancer spreads what a box sends over machines: in turn whatever comes for the
// first time, and later to the same one.
type balancer struct {
	machines int
	by       string

	mu    sync.Mutex
	turns int
	known map[string]int // machines by the client's address
}

// next is the machine whose turn it is; called with mu held.
func (b *balancer) next() int {
	b.turns++
	return (b.turns - 1) % b.machines
}

// choose is the machine for an exchange.
func (b *balancer) choose(x *exchange, r *http.Request) int {
	b.mu.Lock()
	defer b.mu.Unlock()
	switch b.by {
	case byAddress:
		host, _, _ := net.SplitHostPort(x.client.RemoteAddr().String()) // without a port it is nobody's
		machine, known := b.known[host]
		if !known {
			machine = b.next()
			b.known[host] = machine
		}
		return machine
	case byConnection:
		if x.client.machine == 0 {
			x.client.machine = b.next() + 1
		}
		return x.client.machine - 1
	case byCookie:
		return b.shown(x, r)
	}
	return b.next()
}

// shown is the machine that the client names, or one that it is told of.
func (b *balancer) shown(x *exchange, r *http.Request) int {
	if cookie, err := r.Cookie(machineCookie); err == nil {
		if machine, err := strconv.Atoi(cookie.Value); err == nil && machine >= 0 && machine < b.machines {
			return machine
		}
	}
	machine := b.next()
	x.machine = strconv.Itoa(machine)
	return machine
}

// direct has an exchange go to its machine; what it says of its host stays.
func (b *balancer) direct(x *exchange, r *http.Request) {
	r.URL.Host = x.box.options.Machines[b.choose(x, r)]
}

// tell gives the client the cookie.
func (b *balancer) tell(resp *http.Response) {
	x, _ := resp.Request.Context().Value(exchangeKey{}).(*exchange)
	if x != nil && x.machine != "" {
		resp.Header.Add("Set-Cookie", machineCookie+"="+x.machine+"; Path=/")
	}
}

// dialMachine connects to the machine with that address, or else to the next that
// accepts.
func (d *dialer) dialMachine(ctx context.Context, address string) (c *conn, err error) {
	all := d.options.Machines[:d.behaviour.balancer.machines]
	first := slices.Index(all, address)
	if first < 0 {
		return d.dial(ctx, address)
	}
	for i := range all {
		attempt, cancel := context.WithTimeout(ctx, acceptPatience)
		c, err = d.dial(attempt, all[(first+i)%len(all)])
		cancel()
		if err == nil {
			return c, nil
		}
	}
	return nil, err
}
