package gateway

import (
	"net"
	"net/netip"
	"time"

	"golang.org/x/time/rate"
)

// visitors are the addresses that a gateway is used from, and what each takes of
// it. Without limits on that nothing is counted. Whoever uses them holds the
// gateway's lock.
type visitors struct {
	limits *Limits
	known  map[string]*visitor
}

// visitor is one address.
type visitor struct {
	connections int
	sessions    int           // that have not ended, and those under way
	opens       *rate.Limiter // nil: as many as it likes
}

// mostVisitors are remembered though they take nothing at present.
const mostVisitors = 1 << 14

// at is the visitor at an address; nil if none is counted.
func (v *visitors) at(address string) *visitor {
	if address == "" || v.limits.PerAddress <= 0 && v.limits.Opens <= 0 && v.limits.Connections <= 0 {
		return nil
	}
	place := placeOf(address)
	one := v.known[place]
	if one == nil {
		v.tidy()
		one = &visitor{}
		if v.limits.Opens > 0 {
			one.opens = rate.NewLimiter(rate.Limit(v.limits.Opens), max(1, v.limits.AtOnce))
		}
		v.known[place] = one
	}
	return one
}

// tidy forgets who takes nothing, when there are many.
func (v *visitors) tidy() {
	if len(v.known) < mostVisitors {
		return
	}
	for address, one := range v.known {
		if one.connections == 0 && one.sessions == 0 {
			delete(v.known, address)
		}
	}
}

// connect counts a connection in, unless the address has enough.
func (v *visitors) connect(address string) bool {
	one := v.at(address)
	if one == nil {
		return true
	}
	if v.limits.Connections > 0 && one.connections >= v.limits.Connections {
		return false
	}
	one.connections++
	return true
}

// disconnect counts it out.
func (v *visitors) disconnect(address string) {
	if one := v.known[placeOf(address)]; one != nil {
		one.connections--
	}
}

// tooMany reports whether an address has as many sessions as it may.
func (v *visitors) tooMany(address string) bool {
	one := v.at(address)
	return one != nil && v.limits.PerAddress > 0 && one.sessions >= v.limits.PerAddress
}

// tooFast reports whether an address opens them faster than it may.
func (v *visitors) tooFast(now time.Time, address string) bool {
	one := v.at(address)
	return one != nil && one.opens != nil && !one.opens.AllowN(now, 1)
}

// session counts an address's session in, or out.
func (v *visitors) session(address string, by int) {
	if one := v.at(address); one != nil {
		one.sessions += by
	}
}

// placeOf is what counts as one address: under IPv6 a customer has a network of 2^64,
// and a new one for each request if he likes.
func placeOf(address string) string {
	a, err := netip.ParseAddr(address)
	if a = a.Unmap(); err != nil || a.Is4() {
		return address
	}
	network, _ := a.WithZone("").Prefix(64) // of the 128 there are
	return network.String()
}

// hostOf is the host of host:port; empty where that is none.
func hostOf(address string) string {
	host, _, err := net.SplitHostPort(address)
	if err != nil {
		return ""
	}
	return host
}
