package mutants

import (
	"time"

	"gauntlet/harness/adapter"
	"gauntlet/harness/client"
	"gauntlet/harness/requirement"
)

// drags asks every quarter of a minute.
var drags = Mutant{
	Name:     "drags",
	Defect:   "polls every fifteen seconds",
	Violates: "poll.pace",
	Also:     []Collateral{{fallsSilent, []requirement.ID{"command.carried-out"}}},
	New:      adapter.BuiltIn(client.Habits{PollEvery: 15 * time.Second}),
}
