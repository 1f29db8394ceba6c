package mutants

import (
	"gauntlet/harness/judge/requirement"
	"gauntlet/harness/msn/client"
	"gauntlet/harness/msn/session"
	"gauntlet/harness/run/adapter"
)

// doubles sends the command whose answer was lost again, as a new one.
var doubles = Mutant{
	Name:     "doubles",
	Defect:   "repeats a lost command under a new number",
	Violates: "command.not-doubled",
	Seen:     "MSNPSharp: resends on a soft failure; emesene 1 up to five times",
	Needs:    NeedsFault,
	Cases:    []string{"cut-message-answer-*"},
	Also:     []Collateral{{sentAgain, []requirement.ID{"command.carried-out", "command.not-lost", "command.in-order", "profile.accepted"}}},
	New:      adapter.BuiltIn(client.Habits{Session: session.Habits{AfterLoss: session.SendItAnew}}),
}
