package mutants

import (
	"gauntlet/harness/judge/requirement"
	"gauntlet/harness/msn/client"
	"gauntlet/harness/msn/session"
	"gauntlet/harness/run/adapter"
)

// oversleeps is so polite to a network in trouble that its user is gone.
var oversleeps = Mutant{
	Name:     "oversleeps",
	Defect:   "waits a minute after each error",
	Violates: "connection.recovers",
	Needs:    NeedsFault,
	Cases:    []string{"refused-long-*"},
	Also:     []Collateral{{fallsSilent, []requirement.ID{"poll.keeps-going", "close.says-out", "close.reopens-once", "connection.session-survives", "command.carried-out", "command.not-lost", "answer.delivered"}}},
	New:      adapter.BuiltIn(client.Habits{Session: session.Habits{BackOff: session.Sluggish}}),
}
