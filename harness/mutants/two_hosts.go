package mutants

import (
	"gauntlet/harness/msn/client"
)

// twoHosts writes one host into the target and another into Host.
var twoHosts = Mutant{
	Name:     "two-hosts",
	Defect:   "names two hosts in each request",
	Violates: "route.intercepted",
	Seen:     "libpurple 2, emesene 1: the URL and Host name the gateway, the connection goes to the switchboard",
	Needs:    NeedsSetting,
	Cases:    []string{"route-intercepted-*"},
	New:      onRequests(nameTwo),
}

func nameTwo(request []byte) []byte {
	request = absolute(request)
	return setField(request, "Host", client.DispatchHost)
}
