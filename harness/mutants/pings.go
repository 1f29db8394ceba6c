package mutants

import (
	"strings"
	"sync/atomic"

	"gauntlet/harness/judge/requirement"
	"gauntlet/harness/run/adapter"
)

// pings keeps its session alive as on port 1863.
var pings = Mutant{
	Name:     "pings",
	Defect:   "sends PNG now and then",
	Violates: "command.no-png",
	Seen:     "aMSN: about every minute; MSNPSharp",
	Also:     []Collateral{{thrownOut, []requirement.ID{"answer.delivered", "poll.keeps-going", "close.reopens-once", "command.carried-out", "command.not-lost"}}},
	New:      tampered(pingAtTimes),
}

// pingAtTimes makes a PNG of each fifth poll.
func pingAtTimes(adapter.Setup) tamper {
	polls := &atomic.Int32{}
	return tamper{request: func(request []byte) []byte {
		if query(request).Action != "poll" || polls.Add(1)%5 != 0 {
			return request
		}
		request = requery(request, func(q string) string { return strings.TrimPrefix(q, "Action=poll&") })
		return withBody(request, "PNG\r\n")
	}}
}
