package mutants

import (
	"time"

	"gauntlet/harness/msn/client"
	"gauntlet/harness/run/adapter"
)

// fiveSeconds polls at the pace of some clients.
var fiveSeconds = Mutant{
	Name:    "five-seconds",
	Defect:  "polls every five seconds",
	Correct: true,
	Seen:    "papyon, GalouMessenger, aMSN 0.8",
	New:     adapter.BuiltIn(client.Habits{PollEvery: 5 * time.Second}),
}
