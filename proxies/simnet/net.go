// Package simnet is a network in memory: hosts with addresses and names,
// listeners, and connections that buffer, keep deadlines, half-close, finish
// and reset as TCP on Linux does. It is made for testing/synctest bubbles,
// where time passes only while everybody waits, and is correct outside of them
// too. A Net and all that is used with it must be made in one bubble.
//
// Everything sent takes Options.Latency to arrive: data, FIN and RST alike.
// Latency is never zero; without it a storm of exchanges would go round for
// ever within one instant and stop the bubble's clock.
//
// # Theory of operation
//
// Nothing moves bytes. A write appends to the peer's queue and notes the
// instant at which the bytes arrive; whoever reads compares that instant with
// the clock. FIN and RST are instants as well. Only somebody who waits needs
// waking: each end has one waiter for reading and one for writing, each asleep
// on one timer and one channel. A write moves the timer of the reader that
// waits for it; what takes effect at once (Close, a deadline) uses the channel.
// So the package starts no goroutine at all, an idle connection has no timer
// running, and one that is abandoned costs memory only. No mutex is held
// by anybody who waits.
//
// The package knows nothing of HTTP. What its methods return is owned by the
// caller; Net.Close ends whatever was left open.
package simnet

import (
	"context"
	"net"
	"net/netip"
	"strconv"
	"strings"
	"sync"
	"time"
)

// defaultLatency is the one-way delay of a Net whose Options name none.
const defaultLatency = time.Millisecond

// Options shape a Net; the zero value is useful.
type Options struct {
	// Latency is the one-way delay of each write, close and reset; whatever is
	// not positive means 1 ms.
	Latency time.Duration
	// Slot, when set, is a piece of time within which no two things arrive in
	// one instant: each direction of each connection has a nanosecond of its own
	// in it. In a bubble, where the order of what one instant wakes is drawn by
	// chance, this makes a run repeatable. Round latencies stay round to whoever
	// reads the clock in slots. It counts only where Latency is at least as long.
	Slot time.Duration
	// OnDial, when set, hears of every attempt once its outcome is known, before
	// the dialler does. It is called on the dialling goroutine without locks
	// held, so it may use the Net.
	OnDial func(Dial)
}

// Dial is one attempt to connect.
type Dial struct {
	From    string    // the dialling host's IP
	Address string    // as asked: name:port or ip:port
	At      time.Time // when the attempt began
	Err     error     // nil if it succeeded
}

// Net is one network. Its methods are safe for concurrent use.
type Net struct {
	latency time.Duration
	slot    time.Duration // 0: things arrive exactly one latency later
	onDial  func(Dial)
	done    chan struct{} // closed by Close: dials under way give up

	mu        sync.Mutex // guards the rest; never held together with another lock
	closed    bool
	hosts     map[netip.Addr]*Host
	names     map[string]netip.Addr // by lower-case name
	listeners map[netip.AddrPort]*Listener
	links     map[*link]struct{} // connections with an end still open
	dials     int                // begun so far; with a slot only
	redirects []redirect
}

// New makes a network without hosts. The caller owns it and calls Close.
func New(o Options) *Net {
	if o.Latency <= 0 {
		o.Latency = defaultLatency
	}
	if o.Slot > o.Latency {
		o.Slot = 0
	}
	return &Net{
		latency:   o.Latency,
		slot:      o.Slot,
		onDial:    o.OnDial,
		done:      make(chan struct{}),
		hosts:     map[netip.Addr]*Host{},
		names:     map[string]netip.Addr{},
		listeners: map[netip.AddrPort]*Listener{},
		links:     map[*link]struct{}{},
	}
}

// Host returns the host with this IP, creating it at first, and makes names
// resolve to it. A host whose ip is not an IP address can neither listen nor
// dial; its methods say so.
func (n *Net) Host(ip string, names ...string) *Host {
	addr := parseIP(ip)
	n.mu.Lock()
	h := n.hosts[addr]
	if h == nil || !addr.IsValid() {
		h = &Host{net: n, ip: addr, from: addr, text: ip, listening: listeningPorts(), dialling: diallingPorts()}
		n.hosts[addr] = h
	}
	n.mu.Unlock()
	for _, name := range names {
		n.Name(name, ip)
	}
	return h
}

// Name makes name resolve to ip, whatever the case of its letters and whether
// or not it ends in a dot; a later call replaces an earlier one. A name whose
// ip is not an IP address is not found when dialled.
func (n *Net) Name(name, ip string) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.names[canonical(name)] = parseIP(ip)
}

// Close ends the network: its listeners close, its connections are reset at
// once, dials under way fail, and everything blocked returns. Later dials and
// listens fail with net.ErrClosed. It returns nil, also when called again.
func (n *Net) Close() error {
	n.mu.Lock()
	listeners, links, again := n.listeners, n.links, n.closed
	n.closed, n.listeners, n.links = true, nil, nil
	n.mu.Unlock()
	if again {
		return nil
	}
	close(n.done)
	for _, l := range listeners {
		_ = l.Close() // fails only where its owner was faster
	}
	for l := range links {
		l.sever()
	}
	return nil
}

// arrival is when something arrives that is sent now on a path of that number:
// a latency later, at the nanosecond of the slot that belongs to the path.
func (n *Net) arrival(now time.Time, path int) time.Time {
	if n.slot == 0 {
		return now.Add(n.latency)
	}
	into := time.Duration(now.UnixNano()) % n.slot
	return now.Add(n.latency - into + time.Duration(path)%n.slot)
}

// paths numbers the two directions of a connection that is about to be dialled:
// the first is that towards the dialler, the next that to the listener.
func (n *Net) paths() int {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.dials++
	return 2 * n.dials
}

// canonical is the form in which names are compared.
func canonical(name string) string {
	return strings.ToLower(strings.TrimSuffix(name, "."))
}

// parseIP returns the invalid Addr for what is not an IP address; the 4-in-6
// form is the same host as the plain one.
func parseIP(text string) netip.Addr {
	addr, err := netip.ParseAddr(text)
	if err != nil {
		return netip.Addr{}
	}
	return addr.Unmap()
}

// resolve turns what was dialled into an address. It takes no time.
func (h *Host) resolve(address string) (netip.AddrPort, error) {
	name, port, err := split(address)
	if err != nil {
		return netip.AddrPort{}, err
	}
	ip, err := h.lookup(name)
	if err != nil {
		return netip.AddrPort{}, err
	}
	return netip.AddrPortFrom(ip, port), nil
}

// LookupHost gives the address behind a name. It takes no time.
func (h *Host) LookupHost(_ context.Context, name string) ([]string, error) {
	ip, err := h.lookup(name)
	if err != nil {
		return nil, err
	}
	return []string{ip.String()}, nil
}

// lookup finds the IP behind name as h sees it: an empty name, a loopback
// address and localhost are h itself.
func (h *Host) lookup(name string) (netip.Addr, error) {
	if !h.ip.IsValid() {
		return netip.Addr{}, &net.AddrError{Err: "host has no IP address", Addr: h.text}
	}
	if ip := parseIP(name); ip.IsLoopback() || ip.IsUnspecified() || name == "" {
		return h.ip, nil
	} else if ip.IsValid() {
		return ip, nil
	}
	if ip, known := h.net.named(name); known {
		return ip, nil
	}
	if canonical(name) == "localhost" {
		return h.ip, nil
	}
	return netip.Addr{}, &net.DNSError{Err: "no such host", Name: name, IsNotFound: true}
}

// named looks name up among the network's own.
func (n *Net) named(name string) (ip netip.Addr, known bool) {
	n.mu.Lock()
	defer n.mu.Unlock()
	ip = n.names[canonical(name)]
	return ip, ip.IsValid()
}

// split takes host:port apart. Ports are numbers: service names would be asked
// of the machine's own tables.
func split(address string) (host string, port uint16, err error) {
	host, text, err := net.SplitHostPort(address)
	if err != nil {
		return "", 0, err
	}
	number, err := strconv.ParseUint(text, 10, 16)
	if err != nil {
		return "", 0, &net.AddrError{Err: "invalid port", Addr: address}
	}
	return host, uint16(number), nil
}

// ports hands out port numbers in order, so that the same run gets the same
// ones; a number comes round again only after all others. Net.mu guards it.
type ports struct {
	first, count int
	given        int // how many were handed out so far
	taken        map[uint16]bool
}

// listeningPorts are for listeners that ask for port 0. They are kept apart
// from the dialling ones: how often a host dials must not move its listeners.
func listeningPorts() ports { return ports{first: 49152, count: 16384} }

// diallingPorts are the near ports of connections.
func diallingPorts() ports {
	return ports{first: 32768, count: 16384, taken: map[uint16]bool{}}
}

// next returns the next port that is not busy, or 0 if all are.
func (p *ports) next(busy func(uint16) bool) uint16 {
	for range p.count {
		port := uint16(p.first + p.given%p.count)
		p.given++
		if !busy(port) {
			return port
		}
	}
	return 0
}

// take returns the next port that was not taken, or 0, and notes it as taken.
func (p *ports) take() uint16 {
	port := p.next(func(port uint16) bool { return p.taken[port] })
	if port != 0 {
		p.taken[port] = true
	}
	return port
}

// release makes a taken port available again.
func (p *ports) release(port uint16) { delete(p.taken, port) }

// Redirect brings dials that go elsewhere to an interceptor, as a redirect
// rule of a router's packet filter does: the dialler does not notice, the
// interceptor asks its connection for OriginalDestination.
type Redirect struct {
	From string // dialling host's IP; empty means anybody
	Port int    // destination port
	To   string // ip:port of the interceptor's listener
}

// redirect is a Redirect, parsed.
type redirect struct {
	anybody bool
	from    netip.Addr
	port    int
	to      netip.AddrPort
}

// Redirect adds a rule; of several that match a dial the first one added
// holds. No rule touches dials from the IP in To or to it, so the interceptor
// reaches the real destination. While nobody listens at To, or if To is not
// ip:port, matching dials are refused. Established connections stay as they are.
func (n *Net) Redirect(r Redirect) {
	to, _ := netip.ParseAddrPort(r.To) // the invalid address has no listener
	rule := redirect{anybody: r.From == "", from: parseIP(r.From), port: r.Port}
	rule.to = netip.AddrPortFrom(to.Addr().Unmap(), to.Port())
	n.mu.Lock()
	defer n.mu.Unlock()
	n.redirects = append(n.redirects, rule)
}

// catches reports whether the rule holds for a dial.
func (r redirect) catches(from netip.Addr, target netip.AddrPort) bool {
	interceptor := r.to.Addr()
	return r.port == int(target.Port()) && (r.anybody || r.from == from) &&
		from != interceptor && target.Addr() != interceptor
}

// route finds the listener that a dial ends at, nil if there is none.
func (n *Net) route(from netip.Addr, target netip.AddrPort) (l *Listener, redirected bool) {
	n.mu.Lock()
	defer n.mu.Unlock()
	for _, r := range n.redirects {
		if r.catches(from, target) {
			return n.listeners[r.to], true
		}
	}
	return n.listeners[target], false
}
