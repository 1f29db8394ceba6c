package mutants

import (
	"context"

	"gauntlet/harness/judge/requirement"
	"gauntlet/harness/msn/client"
	"gauntlet/harness/run/adapter"
	"gauntlet/harness/run/workload"
)

// absent signs in and is gone, without a word to anybody.
var absent = Mutant{
	Name:     "absent",
	Defect:   "connects once and exits",
	Violates: "poll.keeps-going",
	Cases:    []string{"control-direct"},
	Also:     []Collateral{{fallsSilent, []requirement.ID{"close.says-out", "command.carried-out", "command.not-lost"}}},
	New:      newAbsent,
}

type leaver struct{ adapter.Client }

func newAbsent(s adapter.Setup) (adapter.Client, error) {
	c, err := adapter.BuiltIn(client.Habits{})(s)
	return leaver{c}, err
}

// Do performs the sign-in, drops everything, and claims that all else went well.
func (l leaver) Do(ctx context.Context, task adapter.Task) error {
	if task.Step.Verb != workload.SignIn {
		return nil
	}
	err := l.Client.Do(ctx, task)
	l.Close()
	return err
}
