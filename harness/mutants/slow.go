package mutants

import (
	"context"
	"time"

	"gauntlet/harness/msn/client"
	"gauntlet/harness/run/adapter"
)

// slow takes its time with everything.
var slow = Mutant{
	Name:    "slow",
	Defect:  "thinks for four seconds before each step, and polls every nine",
	Correct: true,
	Seen:    "SIM polls every ten seconds",
	New:     newSlow,
}

type ponderer struct{ adapter.Client }

func newSlow(s adapter.Setup) (adapter.Client, error) {
	c, err := adapter.BuiltIn(client.Habits{PollEvery: 9 * time.Second})(s)
	return ponderer{c}, err
}

// Do thinks, and performs the step.
func (p ponderer) Do(ctx context.Context, task adapter.Task) error {
	timer := time.NewTimer(4 * time.Second)
	defer timer.Stop()
	select {
	case <-timer.C:
		return p.Client.Do(ctx, task)
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}
