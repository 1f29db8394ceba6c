package mutants

import (
	"context"

	"gauntlet/harness/msn/client"
	"gauntlet/harness/run/adapter"
	"gauntlet/harness/run/workload"
)

// spins computes without end. No clock moves meanwhile, so that only the
// watchdog of its process can end it.
var spins = Mutant{
	Name:     "spins",
	Defect:   "a step keeps a processor busy for ever",
	Violates: "command.carried-out",
	Cases:    []string{"control-direct"},
	Hostile:  true,
	New:      newSpinner,
}

type spinner struct{ adapter.Client }

func newSpinner(s adapter.Setup) (adapter.Client, error) {
	c, err := adapter.BuiltIn(client.Habits{})(s)
	return spinner{c}, err
}

// Do signs in and then counts.
func (s spinner) Do(ctx context.Context, task adapter.Task) error {
	if task.Step.Verb == workload.SignIn {
		return s.Client.Do(ctx, task)
	}
	for turns := 0; ; turns++ {
		if turns < 0 {
			turns = 0
		}
	}
}
