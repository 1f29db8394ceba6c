package mutants

import (
	"context"

	"gauntlet/harness/judge/requirement"
	"gauntlet/harness/msn/client"
	"gauntlet/harness/run/adapter"
	"gauntlet/harness/run/workload"
)

// clings cannot be got rid of: neither a step nor Close returns.
var clings = Mutant{
	Name:     "clings",
	Defect:   "a step does not return, and Close does not either",
	Violates: "command.carried-out",
	Cases:    []string{"control-direct"},
	Also:     []Collateral{{neverOver, []requirement.ID{"client.leaves-nothing"}}},
	Hostile:  true,
	New:      newClinger,
}

type clinger struct{ adapter.Client }

func newClinger(s adapter.Setup) (adapter.Client, error) {
	c, err := adapter.BuiltIn(client.Habits{})(s)
	return clinger{c}, err
}

// Do signs in and then waits for nothing.
func (c clinger) Do(ctx context.Context, task adapter.Task) error {
	if task.Step.Verb == workload.SignIn {
		return c.Client.Do(ctx, task)
	}
	select {}
}

// Close waits for nothing, too.
func (c clinger) Close() { select {} }
