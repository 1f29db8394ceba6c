package mutants

import (
	"context"
	"errors"

	"gauntlet/harness/msn/client"
	"gauntlet/harness/run/adapter"
	"gauntlet/harness/run/workload"
)

// hangs does not come back from a step, whatever its context says.
var hangs = Mutant{
	Name:     "hangs",
	Defect:   "a step does not return until the client is closed",
	Violates: "command.carried-out",
	Cases:    []string{"control-direct"},
	Hostile:  true,
	New:      newHanger,
}

type hanger struct {
	adapter.Client
	closed chan struct{}
}

func newHanger(s adapter.Setup) (adapter.Client, error) {
	c, err := adapter.BuiltIn(client.Habits{})(s)
	return hanger{c, make(chan struct{})}, err
}

// Do signs in and then does nothing more.
func (h hanger) Do(ctx context.Context, task adapter.Task) error {
	if task.Step.Verb == workload.SignIn {
		return h.Client.Do(ctx, task)
	}
	<-h.closed
	return errors.New("closed in the middle of a step")
}

// Close ends the step that hangs.
func (h hanger) Close() {
	close(h.closed)
	h.Client.Close()
}
