package mutants

import (
	"time"

	"gauntlet/harness/msn/client"
	"gauntlet/harness/run/adapter"
)

// hurries asks five times a second.
var hurries = Mutant{
	Name:     "hurries",
	Defect:   "polls five times a second",
	Violates: "poll.not-too-often",
	New:      adapter.BuiltIn(client.Habits{PollEvery: 200 * time.Millisecond}),
}
