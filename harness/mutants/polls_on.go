package mutants

import (
	"gauntlet/harness/judge/requirement"
	"gauntlet/harness/msn/client"
	"gauntlet/harness/msn/session"
	"gauntlet/harness/run/adapter"
)

// pollsOn has a timer for its polls that knows nothing of requests.
var pollsOn = Mutant{
	Name:     "polls-on",
	Defect:   "polls on while another request is out",
	Violates: "exchange.one-in-flight",
	Seen:     "msn-pecan: a counter that is never reset lets it poll while it waits",
	Needs:    NeedsSetting,
	Cases:    []string{"slow-gateway-3s-*"},
	Also: []Collateral{
		{crossed, []requirement.ID{"session-id.newest", "close.says-out", "close.honoured", "close.reopens-once", "connection.backs-off", "command.carried-out"}},
		{fallsSilent, []requirement.ID{"poll.keeps-going"}},
	},
	New: adapter.BuiltIn(client.Habits{Session: session.Habits{Waiting: session.PollOn}}),
}
