package mutants

import (
	"gauntlet/harness/judge/requirement"
	"gauntlet/harness/msn/client"
	"gauntlet/harness/msn/session"
	"gauntlet/harness/run/adapter"
)

// neverPolls waits to be told, by a server that cannot speak unless it is asked.
var neverPolls = Mutant{
	Name:     "never-polls",
	Defect:   "never polls",
	Violates: "poll.keeps-going",
	Seen:     "libpurple 2: stops polling without a word when an answer had no GW-IP",
	Also:     []Collateral{{fallsSilent, []requirement.ID{"connection.session-survives", "command.carried-out", "command.not-lost", "answer.delivered"}}},
	New:      adapter.BuiltIn(client.Habits{Session: session.Habits{Polling: session.NeverPoll}}),
}
