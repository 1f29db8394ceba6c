package mutants

import (
	"gauntlet/harness/judge/requirement"
	"gauntlet/harness/msn/client"
	"gauntlet/harness/msn/session"
	"gauntlet/harness/run/adapter"
)

// hammers tries again at once, as often as it takes.
var hammers = Mutant{
	Name:     "hammers",
	Defect:   "tries again at once after each error, without end",
	Violates: "connection.backs-off",
	Seen:     "papyon: an endless reconnect loop in HTTP mode, fixed in 2010",
	Needs:    NeedsFault,
	Cases:    []string{"refused-long-*"},
	Also:     []Collateral{{uncurbed, []requirement.ID{"command.carried-out"}}},
	New:      adapter.BuiltIn(client.Habits{Session: session.Habits{BackOff: session.AtOnce}}),
}
