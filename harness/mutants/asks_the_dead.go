package mutants

import (
	"gauntlet/harness/adapter"
	"gauntlet/harness/client"
	"gauntlet/harness/session"
)

// asksTheDead takes a 400 for bad luck.
var asksTheDead = Mutant{
	Name:     "asks-the-dead",
	Defect:   "asks on with a dead id after a 400",
	Violates: "close.reopens-once",
	Seen:     "pymsn: reads no status line",
	Needs:    NeedsSetting,
	Cases:    []string{"forgotten-direct"},
	New:      adapter.BuiltIn(client.Habits{Session: session.Habits{Refusal: session.AskOn}}),
}
