package mutants

import (
	"gauntlet/harness/msn/client"
	"gauntlet/harness/msn/session"
	"gauntlet/harness/run/adapter"
)

// emptyOpen opens first and speaks then.
var emptyOpen = Mutant{
	Name:     "empty-open",
	Defect:   "opens with an empty body",
	Correct:  true,
	Violates: "open.carries-command",
	Seen:     "aMSN, GalouMessenger",
	New:      adapter.BuiltIn(client.Habits{Session: session.Habits{OpenBody: session.WithNothing}}),
}
