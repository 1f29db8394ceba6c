package mutants

import (
	"context"
	"net"
	"sync/atomic"

	"gauntlet/harness/judge/requirement"
	"gauntlet/harness/msn/client"
	"gauntlet/harness/run/adapter"
)

// pastProxy tries the direct way when a connection through its proxy was lost.
var pastProxy = Mutant{
	Name:     "past-proxy",
	Defect:   "connects past its proxy after a loss",
	Violates: "route.no-direct-attempt",
	Seen:     "papyon: connects to the switchboard itself since 2011",
	Needs:    NeedsSetting,
	Cases:    []string{"route-port-reconnect-*"},
	Also:     []Collateral{{elsewhere, []requirement.ID{"poll.keeps-going", "close.says-out", "command.carried-out"}}},
	New:      tampered(bypass),
}

func bypass(s adapter.Setup) tamper {
	dials := &atomic.Int32{}
	return tamper{dial: func(ctx context.Context, d dialler, address string) (net.Conn, error) {
		if dials.Add(1) > 1 && s.Route.Kind == client.HTTPProxy {
			address = s.Gateway + ":80"
		}
		return d(ctx, address)
	}}
}
