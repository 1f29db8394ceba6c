package mutants

import (
	"context"

	"gauntlet/harness/msn/client"
	"gauntlet/harness/run/adapter"
	"gauntlet/harness/run/workload"
)

// panics takes its process down, from a goroutine where nobody can recover.
var panics = Mutant{
	Name:     "panics",
	Defect:   "panics in a goroutine of its own during a step",
	Violates: "command.carried-out",
	Cases:    []string{"control-direct"},
	Hostile:  true,
	New:      newPanicker,
}

type panicker struct{ adapter.Client }

func newPanicker(s adapter.Setup) (adapter.Client, error) {
	c, err := adapter.BuiltIn(client.Habits{})(s)
	return panicker{c}, err
}

// Do signs in; the next step is the last.
func (p panicker) Do(ctx context.Context, task adapter.Task) error {
	if task.Step.Verb == workload.SignIn {
		return p.Client.Do(ctx, task)
	}
	go func() { panic("a mistake of the client's") }()
	<-ctx.Done()
	return context.Cause(ctx)
}
