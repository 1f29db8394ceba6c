package netns

import (
	"errors"
	"fmt"
	"net"
	"net/netip"
	"os/exec"
	"slices"
	"sync"
	"sync/atomic"

	"golang.org/x/sys/unix"

	"gauntlet/proxies/network"
)

// Net is one network. Its methods are safe for concurrent use.
type Net struct {
	options Options
	servers *host
	arms    [][]*host
	routers []*router
	watch   *watch
	names   *names
	naming  *nameServer

	done     chan struct{} // closed by Close
	watching sync.WaitGroup

	mu        sync.Mutex
	closed    bool
	launchers map[*host]*launcher
}

// host is a place with its namespace.
type host struct {
	place     Place
	namespace *namespace
	network   netip.Prefix               // all of its addresses
	seen      netip.Prefix               // as whom the others see its connections
	moved     atomic.Pointer[netip.Addr] // where it is now in place of its own address; nil: it has not moved
	rules     *rules
}

// router is the router between two places, or between the last one and the
// servers.
type router struct {
	namespace  *namespace
	from, to   *host
	below      iface          // that of the host before it
	down, up   iface          // its own two interfaces
	behind     []netip.Prefix // what lies on the client's side
	translates bool
	rules      *rules
	strict     bool // it hands on only what it knows
	disturbed  int  // rules against single connections, so far
}

// elsewhere is what a name means to programs that the network does not know:
// an address of the servers where nobody listens.
var elsewhere = netip.AddrFrom4([4]byte{10, 253, 0, 1})

// resolver is where names are looked up.
var resolver = netip.AddrFrom4([4]byte{10, 253, 0, 53})

// New makes a network; the caller owns it and calls Close.
func New(o Options) (*Net, error) {
	if !Inside() {
		return nil, errOutside
	}
	n := &Net{options: o, names: newNames(o), launchers: map[*host]*launcher{}, done: make(chan struct{})}
	err := n.build()
	if err != nil {
		return nil, errors.Join(err, n.Close())
	}
	return n, nil
}

func (n *Net) build() (err error) {
	if n.servers, err = newHost("the servers", n.options.Servers, n.options.IPv6); err != nil {
		return err
	}
	// Whatever else is dialled ends at the servers too: there is no way out.
	if err := n.servers.namespace.owns(netip.PrefixFrom(netip.IPv4Unspecified(), 0), unix.RT_TABLE_MAIN); err != nil {
		return err
	}
	for i, arm := range n.options.Arms {
		if err := n.lay(i, arm); err != nil {
			return err
		}
	}
	return nil
}

func newHost(name string, p Place, ipv6 bool) (*host, error) {
	s, err := newNamespace(name, ipv6)
	if err != nil {
		return nil, err
	}
	h := &host{place: p, namespace: s, network: netip.PrefixFrom(p.Address, p.Bits).Masked()}
	h.seen = h.network
	err = s.owns(h.network, unix.RT_TABLE_LOCAL)
	if err == nil && ipv6 {
		err = s.has(sixOf(p.Address))
	}
	return h, err
}

// lay makes the places of an arm and joins them.
func (n *Net) lay(number int, a Arm) error {
	var hosts []*host
	for _, p := range a.Places {
		h, err := newHost(p.Address.String(), p, n.options.IPv6)
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

// between is the second number of all addresses that stand between two hosts.
const between = 254

// numbering gives the addresses of an arm's pairs of interfaces.
type numbering struct{ arm, pair byte }

func (c *numbering) all() netip.Prefix {
	return netip.PrefixFrom(netip.AddrFrom4([4]byte{10, between, c.arm, 0}), 24)
}

func (c *numbering) next() [2]netip.Addr {
	base := c.pair * 4
	c.pair++
	return [2]netip.Addr{netip.AddrFrom4([4]byte{10, between, c.arm, base + 1}), netip.AddrFrom4([4]byte{10, between, c.arm, base + 2})}
}

// join puts the router between two hosts. behind is what lies on this side of it.
func (n *Net) join(from, to *host, numbers *numbering, behind []netip.Prefix, translated bool) error {
	s, err := newNamespace("the router behind "+from.namespace.name, n.options.IPv6)
	if err != nil {
		return err
	}
	r := &router{namespace: s, from: from, to: to, behind: slices.Clone(behind), translates: translated}
	n.routers = append(n.routers, r)
	first, err := veth(from.namespace, s, numbers.next())
	if err != nil {
		return err
	}
	second, err := veth(s, to.namespace, numbers.next())
	if err != nil {
		return err
	}
	r.below, r.down, r.up = first[0], first[1], second[0]
	everywhere := netip.PrefixFrom(netip.IPv4Unspecified(), 0)
	err = errors.Join(first[0].leads(everywhere, r.down, from.place.Address), r.up.leads(everywhere, second[1], netip.Addr{}))
	for _, network := range behind {
		err = errors.Join(err, r.down.leads(network, first[0], netip.Addr{}), second[1].leads(network, r.up, netip.Addr{}))
	}
	if err == nil && translated {
		from.seen = numbers.all()
		err = r.translate()
	}
	return err
}

// find is the host that has an address; the servers have all that nobody else
// has.
func (n *Net) find(address netip.Addr) *host {
	for _, arm := range n.arms {
		for _, h := range arm {
			if h.network.Contains(address) || sixBeside(h.network).Contains(address) {
				return h
			}
		}
	}
	return n.servers
}

// Host is the network as the host with this address sees it; it dials from
// that address. An address that is none can neither dial nor listen.
func (n *Net) Host(address string) network.Network {
	a, err := netip.ParseAddr(address)
	return at{n.names, n.find(a), a, err}
}

// Listen binds host:port. What it accepts tells the original destination, if the
// connection was redirected. With IPv6, who listens at the IPv4 address of a place on the
// way also listens at the one beside it, so that both families can be redirected there.
func (n *Net) Listen(address string) (net.Listener, error) {
	to, err := netip.ParseAddrPort(address)
	if err != nil {
		return nil, fmt.Errorf("listen: %w", err)
	}
	host := n.find(to.Addr())
	first, err := at{names: n.names, host: host, address: to.Addr()}.listen(to.Port())
	if err != nil || !n.options.IPv6 || to.Addr().Is6() || host == n.servers {
		return first, err
	}
	second, err := at{names: n.names, host: host, address: sixOf(to.Addr())}.listen(to.Port())
	if err != nil {
		return nil, errors.Join(err, first.Close())
	}
	return listenBoth(first, second), nil
}

// Redirect brings what is dialled at a port, from the host with address from,
// to a listener on a place further up its arm, as the redirect rule of an
// intercepting proxy does. The listener's own addresses are left alone.
func (n *Net) Redirect(from string, port int, to string) error {
	source, err := netip.ParseAddr(from)
	if err != nil {
		return fmt.Errorf("redirect: %w", err)
	}
	target, err := netip.ParseAddrPort(to)
	if err != nil {
		return fmt.Errorf("redirect: %w", err)
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	at := n.find(target.Addr())
	for _, from := range at.namespace.families(n.find(source).seen) {
		if err := at.redirect(from, uint16(port), netip.AddrPortFrom(like(from, target.Addr()), target.Port())); err != nil {
			return fmt.Errorf("redirect port %d to %s: %w", port, to, err)
		}
	}
	return nil
}

// Lead has all names that led to one address lead to another from now on; programs
// notice if they ask (see Options.Asked).
func (n *Net) Lead(from, to string) error {
	a, err := parse(from)
	if err != nil {
		return err
	}
	b, err := parse(to)
	if err != nil {
		return err
	}
	n.names.lead(a, b)
	return nil
}

// Unplug has every SYN that comes to the host with this address, or by it, be lost
// until plug is called. Established connections stay as they are.
func (n *Net) Unplug(address string) (plug func() error, err error) {
	a, err := parse(address)
	if err != nil {
		return nil, err
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	at, undos := n.find(a), []func() error{}
	plug = func() error {
		n.mu.Lock()
		defer n.mu.Unlock()
		var errs []error
		for _, undo := range undos {
			errs = append(errs, undo())
		}
		return errors.Join(errs...)
	}
	for _, r := range n.routers {
		if r.to != at {
			continue
		}
		undo, err := r.losesAttempts()
		if err != nil {
			return nil, fmt.Errorf("unplug %s: %w", address, err)
		}
		undos = append(undos, undo)
	}
	return plug, nil
}

// Block has every SYN be lost that is for that port of this address.
func (n *Net) Block(address string, port int) error {
	a, err := parse(address)
	if err != nil {
		return err
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	at := n.find(a)
	for _, r := range n.routers {
		if r.to != at {
			continue
		}
		if _, err := r.losesAttempts(within(destination, alone(a)), hasPort(tcpDestination, uint16(port))); err != nil {
			return fmt.Errorf("block port %d of %s: %w", port, address, err)
		}
	}
	return nil
}

// Capture has each hear of every packet that the host with this address sends
// or gets, in their order, from one goroutine, until the capture is closed.
// What passes the host's loopback interface is left out.
func (n *Net) Capture(address string, each func(Packet)) (*Capture, error) {
	a, err := parse(address)
	if err != nil {
		return nil, err
	}
	return capture(n.find(a).namespace, each)
}

// Start starts cmd as a program of the host with this address: it has that
// host's network, it finds every name at the servers, and it ends with the
// network, with all that it has started. The error is that of cmd.Start.
func (n *Net) Start(address string, cmd *exec.Cmd) (err error) {
	a, err := parse(address)
	if err != nil {
		return err
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.closed {
		return errors.New("start a program: the network is closed")
	}
	if n.naming == nil {
		if n.naming, err = newNameServer(n.servers, n.names, n.options); err != nil {
			return err
		}
	}
	h := n.find(a)
	if n.launchers[h] == nil {
		if n.launchers[h], err = newLauncher(h, n.names); err != nil {
			delete(n.launchers, h)
			return err
		}
	}
	if n.options.Dialled != nil && n.watch == nil && h == n.arms[0][0] {
		if n.watch, err = newWatch(h, n.options.Dialled); err != nil {
			n.watch = nil
			return err
		}
	}
	return n.launchers[h].start(cmd)
}

func parse(address string) (netip.Addr, error) {
	a, err := netip.ParseAddr(address)
	if err != nil {
		return a, fmt.Errorf("host: %w", err)
	}
	return a, nil
}

// Close ends the network with all that Start has started in it. Sockets live
// on, with nobody at their other end, until their owners close them.
func (n *Net) Close() error {
	n.mu.Lock()
	again, launchers := n.closed, n.launchers
	n.closed = true
	n.mu.Unlock()
	if again {
		return nil
	}
	close(n.done)
	n.watching.Wait()
	var errs []error
	for _, s := range launchers {
		errs = append(errs, s.close())
	}
	errs = append(errs, n.watch.close(), n.naming.close())
	for _, r := range n.routers {
		errs = append(errs, r.rules.close(), r.namespace.close())
	}
	for _, arm := range append(n.arms, []*host{n.servers}) {
		for _, h := range arm {
			if h != nil {
				errs = append(errs, h.rules.close(), h.namespace.close())
			}
		}
	}
	return errors.Join(errs...)
}
