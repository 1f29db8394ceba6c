package mutants

import (
	"gauntlet/harness/judge/requirement"
	"gauntlet/harness/msn/client"
	"gauntlet/harness/msn/session"
	"gauntlet/harness/run/adapter"
)

// reopens opens a new session after each lost connection instead of going on with the old.
var reopens = Mutant{
	Name:     "reopens",
	Defect:   "opens a new session when a connection is lost",
	Violates: "connection.session-survives",
	Needs:    NeedsFault,
	Cases:    []string{"cut-poll-*"},
	Also: []Collateral{
		{abandons, []requirement.ID{"close.says-out", "command.carried-out", "command.not-lost", "answer.delivered"}},
		{fallsSilent, []requirement.ID{"poll.keeps-going"}},
	},
	New: adapter.BuiltIn(client.Habits{Session: session.Habits{AfterLoss: session.Reopen}, Reopens: 1000}),
}
