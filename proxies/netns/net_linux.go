package netns

import (
	"errors"
	"net/netip"
	"slices"
	"strings"
	"sync"

	"golang.org/x/sys/unix"
)

// Net is one network. Its methods are safe for concurrent use.
type Net struct {
	options Options
	servers *host
	arms    [][]*host
	roads   []*road
	watch   *watch
	names   *nameServer

	done     chan struct{} // closed by Close
	watching sync.WaitGroup

	mu     sync.Mutex
	closed bool
	seats  map[*host]*seat
}

// host is a place with its namespace.
type host struct {
	place   Place
	space   *space
	network netip.Prefix // all of its addresses
	seen    netip.Prefix // as whom the others see its connections
	rules   *rules
}

// road is the router between two places, or between the last one and the
// servers.
type road struct {
	space      *space
	from, to   *host
	down, up   plug           // its own two interfaces
	behind     []netip.Prefix // what lies on the client's side
	translates bool
	rules      *rules
	strict     bool // it hands on only what it knows
	disturbed  int  // rules against single connections, so far
}

// Elsewhere is what a name means to programs that the network does not know:
// an address of the servers where nobody listens.
var Elsewhere = netip.AddrFrom4([4]byte{10, 253, 0, 1})

// Resolver is where names are looked up.
var Resolver = netip.AddrFrom4([4]byte{10, 253, 0, 53})

// New makes a network; the caller owns it and calls Close.
func New(o Options) (*Net, error) {
	if !Inside() {
		return nil, errOutside
	}
	n := &Net{options: o, seats: map[*host]*seat{}, done: make(chan struct{})}
	err := n.build()
	if err != nil {
		return nil, errors.Join(err, n.Close())
	}
	return n, nil
}

func (n *Net) build() (err error) {
	if n.servers, err = newHost("the servers", n.options.Servers); err != nil {
		return err
	}
	// Whatever else is dialled ends at the servers too: there is no way out.
	if err := n.servers.space.owns(netip.PrefixFrom(netip.IPv4Unspecified(), 0), unix.RT_TABLE_MAIN); err != nil {
		return err
	}
	for i, arm := range n.options.Arms {
		if err := n.lay(i, arm); err != nil {
			return err
		}
	}
	return nil
}

func newHost(name string, p Place) (*host, error) {
	s, err := newSpace(name)
	if err != nil {
		return nil, err
	}
	h := &host{place: p, space: s, network: netip.PrefixFrom(p.Address, p.Bits).Masked()}
	h.seen = h.network
	return h, s.owns(h.network, unix.RT_TABLE_LOCAL)
}

// lay makes the places of an arm and joins them.
func (n *Net) lay(number int, a Arm) error {
	var hosts []*host
	for _, p := range a.Places {
		h, err := newHost(p.Address.String(), p)
		if h != nil {
			hosts = append(hosts, h)
		}
		if err != nil {
			return err
		}
	}
	n.arms = append(n.arms, hosts)
	numbers := numbering{arm: byte(number)}
	behind := []netip.Prefix{numbers.all()}
	for i, h := range hosts {
		next := n.servers
		if i+1 < len(hosts) {
			next = hosts[i+1]
		}
		behind = append(behind, h.network)
		if err := n.join(h, next, &numbers, behind, a.Translated && i == 0); err != nil {
			return err
		}
	}
	return nil
}

// numbering gives the addresses of an arm's cables.
type numbering struct{ arm, cable byte }

func (c *numbering) all() netip.Prefix {
	return netip.PrefixFrom(netip.AddrFrom4([4]byte{10, 254, c.arm, 0}), 24)
}

func (c *numbering) next() [2]netip.Addr {
	base := c.cable * 4
	c.cable++
	return [2]netip.Addr{netip.AddrFrom4([4]byte{10, 254, c.arm, base + 1}), netip.AddrFrom4([4]byte{10, 254, c.arm, base + 2})}
}

// join lays the road between two hosts. behind is what lies on this side of it.
func (n *Net) join(from, to *host, numbers *numbering, behind []netip.Prefix, translated bool) error {
	s, err := newSpace("the road from " + from.space.name)
	if err != nil {
		return err
	}
	r := &road{space: s, from: from, to: to, behind: slices.Clone(behind), translates: translated}
	n.roads = append(n.roads, r)
	first, err := cable(from.space, s, numbers.next())
	if err != nil {
		return err
	}
	second, err := cable(s, to.space, numbers.next())
	if err != nil {
		return err
	}
	r.down, r.up = first[1], second[0]
	everywhere := netip.PrefixFrom(netip.IPv4Unspecified(), 0)
	err = errors.Join(first[0].leads(everywhere, r.down, from.place.Address), r.up.leads(everywhere, second[1], netip.Addr{}))
	for _, network := range behind {
		err = errors.Join(err, r.down.leads(network, first[0], netip.Addr{}), second[1].leads(network, r.up, netip.Addr{}))
	}
	if err == nil && translated {
		from.seen = netip.PrefixFrom(r.up.address, 32)
		err = r.translate()
	}
	return err
}

// find is the host that has an address; the servers have all that nobody else
// has.
func (n *Net) find(address netip.Addr) *host {
	for _, arm := range n.arms {
		for _, h := range arm {
			if h.network.Contains(address) {
				return h
			}
		}
	}
	return n.servers
}

// Resolve is what a dialled name means; ok is false for one that the network
// does not know.
func (n *Net) resolve(name string) (netip.Addr, bool) {
	name = strings.ToLower(strings.TrimSuffix(name, "."))
	if a, ok := n.options.Names[name]; ok {
		return a, true
	}
	for _, domain, more := strings.Cut(name, "."); more; _, domain, more = strings.Cut(domain, ".") {
		if a, ok := n.options.Below[domain]; ok {
			return a, true
		}
	}
	return netip.Addr{}, false
}

// Close ends the network with all that Start has started in it. Sockets live
// on, with nobody at their other end, until their owners close them.
func (n *Net) Close() error {
	n.mu.Lock()
	again, seats := n.closed, n.seats
	n.closed = true
	n.mu.Unlock()
	if again {
		return nil
	}
	close(n.done)
	n.watching.Wait()
	var errs []error
	for _, s := range seats {
		errs = append(errs, s.close())
	}
	errs = append(errs, n.watch.close(), n.names.close())
	for _, r := range n.roads {
		errs = append(errs, r.rules.close(), r.space.close())
	}
	for _, arm := range append(n.arms, []*host{n.servers}) {
		for _, h := range arm {
			if h != nil {
				errs = append(errs, h.rules.close(), h.space.close())
			}
		}
	}
	return errors.Join(errs...)
}
