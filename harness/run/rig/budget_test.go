package rig

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"gauntlet/harness/judge/history"
	"gauntlet/harness/run/catalogue"
	"gauntlet/harness/run/workload"
	"gauntlet/proxies"
)

// asked is a case with that script, behind so many boxes.
func asked(t *testing.T, boxes int, lines ...string) catalogue.Case {
	t.Helper()
	script, err := workload.Parse(lines)
	if err != nil {
		t.Fatal(err)
	}
	return catalogue.Case{Workload: script, Chain: make(proxies.Chain, boxes)}
}

// What a case needs is known from cases that pass: 18 events a message, 7 a
// second of polling, each with one box.
func TestBudgetsFollowFromTheWorkload(t *testing.T) {
	short := budgetOf(asked(t, 1, "sign in", "stay 5s", "sign out"))
	talk := budgetOf(asked(t, 1, "sign in", "open chat", "send 1600 messages", "leave chat", "sign out"))
	day := budgetOf(asked(t, 1, "sign in", "stay 24h", "sign out"))
	far := budgetOf(asked(t, 4, "sign in", "open chat", "send 1600 messages", "leave chat", "sign out"))
	for what, holds := range map[string]bool{
		"few events are enough for a short case": short.events.Events == fewEvents && short.time == 5*time.Minute+5*time.Second,
		"and the usual silence":                  short.work < time.Second,
		"messages are more events":               talk.events.Events > 1600*18,
		"each box tells of them":                 far.events.Events > talk.events.Events,
		"they take their time":                   talk.time > 30*time.Minute,
		"a day is many events":                   day.events.At(24*time.Hour) > 24*3600*7,
		"but not at once":                        day.events.At(time.Second) < 21000,
		"and a worker may be silent for longer":  day.work > time.Minute && day.work < 10*time.Minute,
	} {
		if !holds {
			t.Errorf("%s: short %+v, talk %+v, far %+v, day %+v", what, short, talk, far, day)
		}
	}
}

func TestStepsHaveTheirTime(t *testing.T) {
	for _, c := range []struct {
		step workload.Step
		sent int
		want time.Duration
	}{
		{workload.Step{Verb: workload.SignIn}, 0, 3 * time.Minute},
		{workload.Step{Verb: workload.Stay, For: time.Hour}, 0, time.Hour + 3*time.Minute},
		{workload.Step{Verb: workload.Send, Count: 5}, 0, 3 * time.Minute},
		{workload.Step{Verb: workload.Send, Count: 150}, 0, 3*time.Minute + 200*time.Second},
		{workload.Step{Verb: workload.Leave}, 150, 3*time.Minute + 200*time.Second},
		{workload.Step{Verb: workload.Hear, Count: 60}, 0, 110 * time.Second},
	} {
		if got := (Options{}).stepBudget(c.step, c.sent); got != c.want {
			t.Errorf("%s after %d messages: %s, want %s", c.step, c.sent, got, c.want)
		}
	}
}

func TestLimitsSayTheirNameAndValue(t *testing.T) {
	b := budgetOf(asked(t, 1, "sign in", "stay 5s", "sign out"))
	if err := b.storm(); !errors.Is(err, errStorm) || !strings.Contains(err.Error(), "its event budget is 20000 and 48 a second") {
		t.Error(err)
	}
	if err := b.late(); !errors.Is(err, errLate) || !strings.Contains(err.Error(), "its time budget is 5m5s") {
		t.Error(err)
	}
}

func TestWatchdog(t *testing.T) {
	c := asked(t, 1, "sign in", "stay 5s", "sign out")
	attended := &Attended{}
	if plain, byHand := newWatchdog(c, Options{}, nil), newWatchdog(c, Options{Attended: attended}, nil); byHand.budget.time != plain.budget.time+9*time.Minute+5*time.Second {
		t.Errorf("people take their time: %s, and %s", plain.budget.time, byHand.budget.time)
	}
	for _, test := range []struct {
		name  string
		takes time.Duration
		storm bool
		want  []history.Kind
	}{
		{"in time", 5 * time.Minute, false, []history.Kind{history.RunEnded}},
		{"too late", time.Hour, false, []history.Kind{history.OverBudget, history.RunEnded}},
		{"too much", 5 * time.Minute, true, []history.Kind{history.OverBudget, history.RunEnded}},
	} {
		synctest.Test(t, func(t *testing.T) {
			ctx, cancel := context.WithCancelCause(t.Context())
			defer cancel(nil)
			w := newWatchdog(c, Options{Mode: Virtual}, cancel)
			var got []history.Kind
			err := w.guard(ctx, func(ctx context.Context) error {
				if test.storm {
					w.storm()
				}
				select {
				case <-time.After(test.takes):
				case <-ctx.Done():
				}
				return errGone
			}, func(e history.Event) { got = append(got, e.Kind) })
			if !slices.Equal(got, test.want) || !errors.Is(err, errGone) {
				t.Errorf("%s: %v, %v", test.name, got, err)
			}
		})
	}
}
