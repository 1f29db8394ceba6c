package simnet

import "net/netip"

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

// ClearRedirects removes all rules; established connections stay as they are.
func (n *Net) ClearRedirects() {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.redirects = nil
}

// catches tells whether the rule holds for a dial.
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
