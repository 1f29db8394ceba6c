package mutants

import (
	"context"
	"errors"
	"net"

	"gauntlet/harness/judge/requirement"
	"gauntlet/harness/msn/client"
	"gauntlet/harness/run/adapter"
)

// needsProxy takes the proxy for a part of the protocol.
var needsProxy = Mutant{
	Name:     "needs-proxy",
	Defect:   "does not connect without a proxy",
	Violates: "route.without-proxy",
	Needs:    NeedsSetting,
	Cases:    []string{"route-direct"},
	Also:     []Collateral{{fallsSilent, []requirement.ID{"command.carried-out"}}},
	New:      tampered(proxyOnly),
}

func proxyOnly(s adapter.Setup) tamper {
	return tamper{dial: func(ctx context.Context, d dialler, address string) (net.Conn, error) {
		if s.Route.Kind != client.HTTPProxy {
			return nil, errors.New("no HTTP proxy is set")
		}
		return d(ctx, address)
	}}
}
