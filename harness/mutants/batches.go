package mutants

import (
	"gauntlet/harness/msn/client"
	"gauntlet/harness/msn/session"
	"gauntlet/harness/run/adapter"
)

// batches sends all that waits in one body.
var batches = Mutant{
	Name:     "batches",
	Defect:   "puts several commands into a body",
	Correct:  true,
	Violates: "command.one-per-request",
	Seen:     "aMSN, Miranda, MSNPSharp, the official client 7",
	New:      adapter.BuiltIn(client.Habits{Session: session.Habits{Bodies: session.AllQueued}}),
}
