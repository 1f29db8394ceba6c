package mutants

import (
	"gauntlet/harness/judge/requirement"
	"gauntlet/harness/msn/client"
	"gauntlet/harness/msn/session"
	"gauntlet/harness/run/adapter"
)

// reorders puts a command that was lost behind those that wait.
var reorders = Mutant{
	Name:     "reorders",
	Defect:   "sends a lost command again after the ones that were to follow it",
	Violates: "command.in-order",
	Needs:    NeedsFault,
	Cases:    []string{"cut-message-forward-*"},
	Also:     []Collateral{{sentAgain, []requirement.ID{"command.not-doubled"}}},
	New:      adapter.BuiltIn(client.Habits{Session: session.Habits{AfterLoss: session.SendItLast}}),
}
