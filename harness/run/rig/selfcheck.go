package rig

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"gauntlet/harness/judge/history"
	"gauntlet/harness/judge/oracle"
	"gauntlet/harness/judge/requirement"
	"gauntlet/harness/run/catalogue"
	"gauntlet/harness/run/workload"
	"gauntlet/proxies"
)

// checkStep is what a step of the self-check may take.
const checkStep = 30 * time.Second

// afterRefusal is how long a client may take to get on after its login was
// refused, as one that tries another way does.
const afterRefusal = 5 * time.Second

var errRefused = errors.New("its login was refused, and it does not get on")

// Check is what a self-check has shown.
type Check struct {
	Pace time.Duration // the client's pause between polls; 0: not measured
	Log  []byte        // what the client printed, and what it was refused
}

// SelfCheck has a program sign in once, undisturbed, through a proxy on its way,
// before anything is scored. The error is a set-up that cannot be judged, with
// the remedy; a client that gets through to the gateway and fails there is none.
// The case has an id that no client can know: one
// that refuses cases by their ids, with status 89, refuses this one, and is
// asked again as the case known.
func SelfCheck(ctx context.Context, o Options, known string) (Check, error) {
	o.Step, o.hurried = checkStep, true
	run := Perform(ctx, checkCase("self-check-"+rand.Text()), o)
	if run.Refused != nil {
		if run = Perform(ctx, checkCase(known), o); run.Refused != nil {
			return Check{Log: run.Log}, fmt.Errorf("the client refuses a plain sign-in: %w", run.Refused)
		}
	}
	if err := errors.Join(run.Broken, run.Unready); err != nil {
		return Check{Log: run.Log}, err
	}
	e := oracle.NewEvidence(run.Events, facts(run))
	return Check{oracle.Pace(e), run.Log}, diagnose(run, e)
}

// endRefused ends a run whose client's login was refused, unless it gets on soon:
// most clients only wait then.
func endRefused(end context.CancelCauseFunc) func(history.Event) {
	var mu sync.Mutex
	var due *time.Timer
	return func(e history.Event) {
		mu.Lock()
		defer mu.Unlock()
		switch {
		case slices.Contains(ofLogin, e.Kind) && due == nil:
			due = time.AfterFunc(afterRefusal, func() { end(errRefused) })
		case (e.Kind == history.SignedIn || e.Kind == history.RunEnded) && due != nil:
			due.Stop()
			due = nil
		}
	}
}

// checkCase is a sign-in through a faithful proxy.
func checkCase(id string) catalogue.Case {
	return catalogue.Case{
		ID: id, Title: "self-check", Dialect: catalogue.DefaultDialect, Think: catalogue.DefaultThink,
		Chain:    proxies.Chain{{Kind: proxies.Forward, Port: 8080}},
		Workload: workload.Script{{Verb: workload.SignIn}, {Verb: workload.Stay, For: 7 * time.Second}},
		Proves:   []requirement.ID{"command.carried-out"},
	}
}

// diagnose tells a set-up that is wrong from a client that fails; nil for both
// a client that is well and one that fails at the gateway.
func diagnose(run Run, e *oracle.Evidence) error {
	failed := failure(run.Events)
	if failed == "" {
		return nil
	}
	for _, wrong := range []func(Run, *oracle.Evidence) string{untrusted, refusedLogin, unresolved, elsewhere, silent, wrongHost, unserved} {
		if what := wrong(run, e); what != "" {
			return fmt.Errorf("%s (%s)", what, failed)
		}
	}
	return nil
}

// failure is what went wrong first; empty if nothing did.
func failure(events []history.Event) string {
	for _, ev := range events {
		if ev.Kind == history.StepFailed || ev.Kind == history.Crashed || ev.Kind == history.ClientGone {
			return ev.Text
		}
	}
	return ""
}
