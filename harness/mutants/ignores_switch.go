package mutants

import (
	"gauntlet/harness/msn/client"
	"gauntlet/harness/run/adapter"
)

// ignoresSwitch uses the proxy that it is given.
var ignoresSwitch = Mutant{
	Name:     "ignores-switch",
	Defect:   "uses a proxy that is switched off",
	Violates: "route.switch",
	Seen:     "the official client 5: ignores the setting to enable or disable a proxy",
	Needs:    NeedsSetting,
	Cases:    []string{"route-proxy-switched-off"},
	New:      newIgnoresSwitch,
}

func newIgnoresSwitch(s adapter.Setup) (adapter.Client, error) {
	if s.ProxyOff != "" {
		s.Route = client.Route{Kind: client.HTTPProxy, Proxy: s.ProxyOff}
	}
	return adapter.BuiltIn(client.Habits{})(s)
}
