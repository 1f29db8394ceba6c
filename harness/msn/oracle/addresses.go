package oracle

import (
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
	known := map[*trace.Session][]string{}
	for _, r := range t.Requests {
		if hosts := known[r.Session]; r.Session != nil && !r.IsOpen() && len(hosts) > 0 {
			if slices.Contains(hosts, r.Authority) {
				f.OK()
			} else {
				f.Fail([]int{r.Ordinal}, "request %d (%s) is addressed to %q; the newest whole answer had GW-IP %q",
					r.Ordinal, r.Name(), r.Authority, hosts[len(hosts)-1])
			}
		}
		if r.Session != nil && r.Answered && r.Given != nil && r.Given.Gateway != "" {
			if !r.Unsure() {
				known[r.Session] = nil
			}
			known[r.Session] = append(known[r.Session], trace.Bare(r.Given.Gateway))
		}
	}
	f.Missing("no request after an answer with GW-IP was seen")
	return f
}

// sentElsewhere reports whether before a request an answer of its session had named
// another gateway than the one that was asked, or one by its name, on which clients
// stumble that expect digits.
func sentElsewhere(_ *trace.Trace, r *trace.Request) bool {
	return r.Session != nil && !r.IsOpen() && slices.ContainsFunc(r.Session.Requests, func(x *trace.Request) bool {
		if !x.Served() || x.Ended > r.Began || x.Given.Gateway == "" {
			return false
		}
		host := trace.Bare(x.Given.Gateway)
		return host != x.Authority || net.ParseIP(trace.HostOf(host)) == nil
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
	for i, c := range connections {
		if len(c.Exchanges) == 0 || i == 0 {
			continue
		}
		r := request(t, c.Exchanges[0].Ordinal)
		host := newestHost(r, c.Exchanges[0].Began)
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

func request(t *trace.Trace, ordinal int) *trace.Request {
	for _, r := range t.Requests {
		if r.Ordinal == ordinal {
			return r
		}
	}
	return nil
}

// newestHost is the GW-IP of the newest whole answer of r's session before at.
func newestHost(r *trace.Request, at time.Duration) string {
	host := ""
	if r == nil || r.Session == nil {
		return ""
	}
	for _, x := range r.Session.Requests {
		if x.Served() && x.Ended < at && x.Given.Gateway != "" {
			host = trace.Bare(x.Given.Gateway)
		}
	}
	return host
}
