package mutants

import (
	"context"
	"net"
	"sync/atomic"

	"gauntlet/harness/judge/requirement"
	"gauntlet/harness/msn/client"
	"gauntlet/harness/run/adapter"
)

// port80 remembers the host of its proxy, and that HTTP is on port 80.
var port80 = Mutant{
	Name:     "port-80",
	Defect:   "connects to its proxy on port 80 after a loss",
	Violates: "route.proxy-port",
	Seen:     "the official client 5: misbehaves with proxies on ports other than 80",
	Needs:    NeedsSetting,
	Cases:    []string{"route-port-reconnect-3128-*"},
	Also:     []Collateral{{fallsSilent, []requirement.ID{"poll.keeps-going", "close.says-out", "connection.session-survives", "command.carried-out", "command.not-lost"}}},
	New:      tampered(forgetPort),
}

func forgetPort(s adapter.Setup) tamper {
	dials := &atomic.Int32{}
	return tamper{dial: func(ctx context.Context, d dialler, address string) (net.Conn, error) {
		if host, _, err := net.SplitHostPort(address); dials.Add(1) > 1 && err == nil && s.Route.Kind == client.HTTPProxy {
			address = net.JoinHostPort(host, "80")
		}
		return d(ctx, address)
	}}
}
