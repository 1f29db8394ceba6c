package mutants

import (
	"time"

	"gauntlet/harness/adapter"
	"gauntlet/harness/client"
)

// drags asks every quarter of a minute.
var drags = Mutant{
	Name:     "drags",
	Defect:   "polls every fifteen seconds",
	Violates: "poll.pace",
	New:      adapter.BuiltIn(client.Habits{PollEvery: 15 * time.Second}),
}
