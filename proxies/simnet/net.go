package simnet

import (
	"net/netip"
	"strings"
	"sync"
	"time"
)

// DefaultLatency is the one-way delay of a Net whose Options name none.
const DefaultLatency = time.Millisecond

// Options shape a Net; the zero value is useful.
type Options struct {
	// Latency is the one-way delay of each write, close and reset; whatever is
	// not positive means DefaultLatency.
	Latency time.Duration
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
	onDial  func(Dial)
	done    chan struct{} // closed by Close: dials under way give up

	mu        sync.Mutex // guards the rest; never held together with another lock
	closed    bool
	hosts     map[netip.Addr]*Host
	names     map[string]netip.Addr // by lower-case name
	listeners map[netip.AddrPort]*Listener
	links     map[*link]struct{} // connections with an end still open
	redirects []redirect
}

// New makes a network without hosts. The caller owns it and calls Close.
func New(o Options) *Net {
	if o.Latency <= 0 {
		o.Latency = DefaultLatency
	}
	return &Net{
		latency:   o.Latency,
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
		h = &Host{net: n, ip: addr, text: ip, listening: listeningPorts(), dialling: diallingPorts()}
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
