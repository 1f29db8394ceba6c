package mutants

import (
	"context"

	"gauntlet/harness/msn/client"
	"gauntlet/harness/run/adapter"
	"gauntlet/harness/run/workload"
)

// leaks does all that it should, and leaves something behind.
var leaks = Mutant{
	Name:     "leaks",
	Defect:   "leaves a goroutine behind when it is closed",
	Violates: "client.leaves-nothing",
	Cases:    []string{"control-direct"},
	Hostile:  true,
	New:      newLeaker,
}

type leaker struct {
	adapter.Client
	never chan struct{}
}

func newLeaker(s adapter.Setup) (adapter.Client, error) {
	c, err := adapter.BuiltIn(client.Habits{})(s)
	return leaker{c, make(chan struct{})}, err
}

// Do starts the goroutine along with the sign-in.
func (l leaker) Do(ctx context.Context, task adapter.Task) error {
	if task.Step.Verb == workload.SignIn {
		go func() { <-l.never }()
	}
	return l.Client.Do(ctx, task)
}
