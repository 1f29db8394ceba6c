package mutants

import (
	"time"

	"gauntlet/harness/judge/requirement"
	"gauntlet/harness/msn/client"
	"gauntlet/harness/run/adapter"
)

// drags asks every quarter of a minute.
var drags = Mutant{
	Name:     "drags",
	Defect:   "polls every fifteen seconds",
	Violates: "poll.pace",
	Also:     []Collateral{{fallsSilent, []requirement.ID{"command.carried-out"}}},
	New:      adapter.BuiltIn(client.Habits{PollEvery: 15 * time.Second}),
}
