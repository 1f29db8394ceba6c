package mutants

import (
	"gauntlet/harness/judge/requirement"
	"gauntlet/harness/msn/builtin"
	"gauntlet/harness/run/adapter"
	"gauntlet/proxies"
)

// knowsBetter takes no notice of the switch: it tries to connect directly, and then
// by way of the proxy, on or off.
var knowsBetter = Mutant{
	Name:     "knows-better",
	Defect:   "ignores whether its proxy is switched on; instead it always tries a direct connection first, and then HTTP by way of the proxy",
	Violates: "route.switch",
	Seen:     "the official client 5, as the source tells it",
	Needs:    NeedsSetting,
	Cases:    []string{"route-proxy-switched-off", "route-port-3128"},
	Also:     []Collateral{{elsewhere, []requirement.ID{"route.no-direct-attempt"}}},
	New: func(s adapter.Setup) (adapter.Client, error) {
		s.Network = between{s.Network, knock(s), s.Trust != nil}
		return newIgnoresSwitch(s)
	},
}

// port80Always reads the host of its proxy's setting alone.
var port80Always = Mutant{
	Name:     "port-80-always",
	Defect:   "connects to its proxy on port 80, from the first connection on",
	Violates: "route.proxy-port",
	Seen:     "the official client 5: misbehaves with proxies on ports other than 80",
	Needs:    NeedsSetting,
	Cases:    []string{"route-port-3128"},
	Also:     []Collateral{{fallsSilent, []requirement.ID{"command.carried-out"}}},
	New:      tampered(onPort80(1)),
}

// speaksHTTP takes any proxy for one that speaks HTTP.
var speaksHTTP = Mutant{
	Name:     "speaks-http",
	Defect:   "speaks HTTP to a SOCKS proxy",
	Violates: "route.no-socks",
	Seen:     "the official client 5: its settings confuse HTTP and SOCKS proxies",
	Needs:    NeedsSetting,
	Cases:    []string{"tunnel-socks4", "tunnel-socks5"},
	Also:     []Collateral{{fallsSilent, []requirement.ID{"command.carried-out"}}},
	New: func(s adapter.Setup) (adapter.Client, error) {
		switch s.Route.Kind {
		case proxies.Socks4Proxy, proxies.Socks4aProxy, proxies.Socks5Proxy:
			s.Route.Kind = proxies.HTTPProxy
		}
		return builtin.New()(s)
	},
}
