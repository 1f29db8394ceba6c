package mutants

import (
	"gauntlet/harness/judge/requirement"
	"gauntlet/harness/msn/client"
	"gauntlet/harness/msn/session"
	"gauntlet/harness/run/adapter"
)

// asksTheDead takes a 400 for bad luck.
var asksTheDead = Mutant{
	Name:     "asks-the-dead",
	Defect:   "asks on with a dead id after a 400",
	Violates: "close.reopens-once",
	Seen:     "pymsn: reads no status line",
	Needs:    NeedsSetting,
	Cases:    []string{"forgotten-direct"},
	Also: []Collateral{
		{fallsSilent, []requirement.ID{"connection.recovers", "command.carried-out", "command.not-lost"}},
		{neverOver, []requirement.ID{"client.leaves-nothing"}},
	},
	New: adapter.BuiltIn(client.Habits{Session: session.Habits{Refusal: session.AskOn}}),
}
