package rig

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"time"

	"gauntlet/harness/judge/history"
	"gauntlet/harness/run/catalogue"
	"gauntlet/harness/run/workload"
)

// budget is what a run may take. It follows from what is asked of the client,
// and passing it is a verdict, never a hang of ours.
type budget struct {
	events history.Budget
	time   time.Duration // of the run's own clock
	work   time.Duration // of a worker without a word, in real time, beyond the usual
}

const (
	fewEvents    = 20000           // events of a run, beyond those below
	busyPace     = 40              // events a second, at the least
	atHop        = 8               // events of an exchange at one hop
	behindHops   = 8               // and at the servers and the client
	fewMessages  = 50              // need no time of their own
	perMessage   = 2 * time.Second // for each further one
	beyondPauses = 5 * time.Minute
	perEvent     = 100 * time.Microsecond // of real time, on a busy machine
)

// budgetOf is the budget of a case. In each second of the run there may be two
// exchanges, and each message may take two.
func budgetOf(c catalogue.Case) budget {
	exchange := atHop*(len(c.Chain)+1) + behindHops
	said, length := c.Workload.Said(), c.Workload.Length()
	b := budget{
		events: history.Budget{Events: fewEvents + 2*exchange*said, PerSecond: max(busyPace, 2*exchange)},
		time:   length + beyondPauses + talking(said),
	}
	b.work = time.Duration(b.events.At(length)-fewEvents) * perEvent
	return b
}

// talking is what n messages take, beyond the few that any step has time for.
func talking(n int) time.Duration { return time.Duration(max(0, n-fewMessages)) * perMessage }

var (
	errStorm = errors.New("the client storms")
	errLate  = errors.New("the case took longer than it may")
)

// storm is what is said of a run with too many events, and late of one that
// takes too long.
func (b budget) storm() error {
	return fmt.Errorf("%w: its event budget is %d and %d a second", errStorm, b.events.Events, b.events.PerSecond)
}

func (b budget) late() error { return fmt.Errorf("%w: its time budget is %s", errLate, b.time) }

// stepBudget is what a step may take before which n messages were sent. A
// sign-in is six commands, and who polls every 15 s waits for the answer to
// each; what is said to him he hears with the next one. Who leaves a chat
// waits until what was said in it is sent.
func (o Options) stepBudget(step workload.Step, n int) time.Duration {
	talk := talking(n + step.Count)
	switch {
	case o.Step != 0:
		return o.Step + step.For + talk
	case step.Verb == workload.Hear:
		return 90*time.Second + talk
	}
	return 3*time.Minute + step.For + talk
}

// watchdog ends a run that takes more than it may.
type watchdog struct {
	budget   budget
	end      context.CancelCauseFunc
	realTime bool
	heart    *heart
}

// newWatchdog is the watchdog of a case. People take their time.
func newWatchdog(c catalogue.Case, o Options, end context.CancelCauseFunc) watchdog {
	w := watchdog{budgetOf(c), end, o.Mode != Virtual, cmp.Or(o.heart, &heart{})}
	if o.Attended != nil {
		for _, step := range c.Workload {
			w.budget.time += o.stepBudget(step, 0)
		}
	}
	return w
}

// storm ends the run for its events.
func (w watchdog) storm() { w.end(w.budget.storm()) }

// guard has perform run within the budget, and notes how the run ended.
func (w watchdog) guard(ctx context.Context, perform func(context.Context) error, note func(history.Event)) error {
	if w.realTime {
		stop := w.heart.listen(func(late time.Duration) {
			note(history.Event{Kind: history.Stalled, Given: int(late.Milliseconds())})
		})
		defer stop()
	}
	timer := time.AfterFunc(w.budget.time, func() { w.end(w.budget.late()) })
	defer timer.Stop()
	err := perform(ctx)
	if cause := context.Cause(ctx); errors.Is(cause, errStorm) || errors.Is(cause, errLate) {
		note(history.Event{Kind: history.OverBudget, Text: cause.Error()})
	}
	note(history.Event{Kind: history.RunEnded})
	return err
}
