package mutants

import (
	"context"

	"gauntlet/harness/msn/client"
	"gauntlet/harness/run/adapter"
	"gauntlet/harness/run/workload"
)

// slinksAway hangs up instead of taking its leave.
var slinksAway = Mutant{
	Name:     "slinks-away",
	Defect:   "signs out without OUT",
	Violates: "close.says-out",
	New:      newSlinksAway,
}

type slinker struct{ adapter.Client }

func newSlinksAway(s adapter.Setup) (adapter.Client, error) {
	c, err := adapter.BuiltIn(client.Habits{})(s)
	return slinker{c}, err
}

// Do performs a step; the last one is to drop everything.
func (s slinker) Do(ctx context.Context, task adapter.Task) error {
	if task.Step.Verb == workload.SignOut {
		s.Close()
		return nil
	}
	return s.Client.Do(ctx, task)
}
