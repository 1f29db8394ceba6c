package oracle

import (
	"cmp"
	"net"
	"slices"
	"strings"
	"time"

	"gauntlet/harness/judge/oracle"
	"gauntlet/harness/judge/trace"
)

// gatewayIPFollowed holds that each request is addressed to the GW-IP of the
// newest answer of its session that arrived whole (S44).
func gatewayIPFollowed(t *trace.Trace) (f oracle.Assessment) {
	known := map[*trace.Session]*named{}
	for _, r := range t.Requests {
		if hosts := known[r.Session]; hosts != nil && !r.IsOpen() {
			if hosts.all[r.Authority] {
				f.OK()
			} else {
				f.Fail([]int{r.Ordinal}, "request %d (%s) is addressed to %q; the newest whole answer had GW-IP %q",
					r.Ordinal, r.Name(), r.Authority, hosts.newest)
				f.Within(oracle.Unaware(t, r, hosts.by, cmp.Or(hosts.spent[r.Authority], r)))
			}
		}
		if r.Session != nil && r.Answered && r.Given != nil && r.Given.Gateway != "" {
			if known[r.Session] == nil {
				known[r.Session] = &named{all: map[string]bool{}, spent: map[string]*trace.Request{}}
			}
			known[r.Session].learn(r)
		}
	}
	f.Missing("no request after an answer with GW-IP was seen")
	return f
}

// named are the gateways by which a session may go on.
type named struct {
	all    map[string]bool
	newest string
	by     *trace.Request            // in whose answer
	spent  map[string]*trace.Request // those before, by whose answer each was replaced
}

func (n *named) learn(r *trace.Request) {
	if !r.Unsure() {
		for host := range n.all {
			n.spent[host] = r
		}
		clear(n.all)
	}
	n.newest, n.by = trace.Bare(r.Given.Gateway), r
	n.all[n.newest] = true
}

// sentElsewhere is that a request came after an answer of its session that had named
// another gateway than the one that was asked, or one by its name, on which clients
// stumble that expect digits.
func sentElsewhere(t *trace.Trace) bool {
	since := map[*trace.Session]time.Duration{}
	for _, r := range t.Requests {
		if r.Session == nil || !r.Served() || r.Given.Gateway == "" {
			continue
		}
		host := trace.Bare(r.Given.Gateway)
		if at, known := since[r.Session]; (host != r.Authority || net.ParseIP(trace.HostOf(host)) == nil) && (!known || r.Ended < at) {
			since[r.Session] = r.Ended
		}
	}
	return slices.ContainsFunc(t.Requests, func(r *trace.Request) bool {
		at, known := since[r.Session]
		return known && !r.IsOpen() && at <= r.Began
	})
}

// gatewayIPReconnected holds that a client without a proxy which connects anew
// for a session connects to its newest GW-IP (S44).
func gatewayIPReconnected(t *trace.Trace) (f oracle.Assessment) {
	dials, connections := connected(t), t.Connections
	if t.Route.Proxied() || len(dials) != len(connections) {
		f.Missing("the client was told to use a proxy, or its connections cannot be told apart")
		return f
	}
	requests, told := byOrdinal(t), hostsTold(t)
	for i, c := range connections {
		if len(c.Exchanges) == 0 || i == 0 {
			continue
		}
		r := requests[c.Exchanges[0].Ordinal]
		host := told.newest(r, c.Exchanges[0].Began)
		switch {
		case host == "", dials[i].Address == t.Route.Proxy: // one that is off: for route.switch
		case !numeric(host) && numeric(dials[i].Address): // by which name it was found is not seen
		case trace.Bare(dials[i].Address) == host:
			f.OK()
		default:
			f.Fail([]int{r.Ordinal}, "connection %d for request %d went to %s; the newest whole answer had GW-IP %q", c.Number, r.Ordinal, dials[i].Address, host)
		}
	}
	f.Missing("the client connected once for each session")
	return f
}

// numeric reports whether the host of an address is an IP address.
func numeric(address string) bool {
	return net.ParseIP(strings.Trim(trace.HostOf(address), "[]")) != nil
}

// connected are the dials that came about.
func connected(t *trace.Trace) []trace.Dial {
	return slices.DeleteFunc(slices.Clone(t.Dials), func(d trace.Dial) bool { return d.Failed != "" })
}

func byOrdinal(t *trace.Trace) map[int]*trace.Request {
	all := make(map[int]*trace.Request, len(t.Requests))
	for _, r := range slices.Backward(t.Requests) { // of several the first
		all[r.Ordinal] = r
	}
	return all
}

// hosts are the whole answers with a GW-IP, of each session, in the order in which
// their requests began.
type hosts map[*trace.Session][]*trace.Request

func hostsTold(t *trace.Trace) hosts {
	told := hosts{}
	for _, r := range t.Requests {
		if r.Session != nil && r.Served() && r.Given.Gateway != "" {
			told[r.Session] = append(told[r.Session], r)
		}
	}
	return told
}

// newest is the GW-IP of the newest whole answer of r's session before at.
func (told hosts) newest(r *trace.Request, at time.Duration) string {
	if r == nil {
		return ""
	}
	answers := told[r.Session]
	began, _ := slices.BinarySearchFunc(answers, at, func(x *trace.Request, at time.Duration) int { return cmp.Compare(x.Began, at) })
	for _, x := range slices.Backward(answers[:began]) {
		if x.Ended < at {
			return trace.Bare(x.Given.Gateway)
		}
	}
	return ""
}
