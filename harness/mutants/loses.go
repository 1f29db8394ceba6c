package mutants

import (
	"gauntlet/harness/adapter"
	"gauntlet/harness/client"
	"gauntlet/harness/session"
)

// loses forgets the request whose answer did not come.
var loses = Mutant{
	Name:     "loses",
	Defect:   "drops the command whose answer was lost",
	Violates: "command.not-lost",
	New:      adapter.BuiltIn(client.Habits{Session: session.Habits{AfterLoss: session.DropIt}}),
}
