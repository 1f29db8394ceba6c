package rig

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"runtime"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"gauntlet/harness/judge/history"
	"gauntlet/harness/judge/oracle"
	msn "gauntlet/harness/msn/servers"
	"gauntlet/harness/run/adapter"
	"gauntlet/harness/run/catalogue"
	"gauntlet/harness/run/virtual"
)

func TestAnswersOfWorkers(t *testing.T) {
	fine, err := json.Marshal(reply{Result: with(carriedOut, oracle.Pass)})
	if err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		name   string
		answer virtual.Answer
		status oracle.Status
		reason string
	}{
		{"a result", virtual.Answer{Reply: virtual.Reply{Text: fine, Blob: []byte("h")}}, oracle.Pass, ""},
		{"a result, and a leak", virtual.Answer{Reply: virtual.Reply{Text: fine, Blob: []byte("h")}, Leak: theClient}, oracle.Fail, "something was left behind when the client was closed: gauntlet/harness/msn/client.(*User).poll"},
		{"a result, and a leak of ours", virtual.Answer{Reply: virtual.Reply{Text: fine, Blob: []byte("h")}, Leak: ourStack}, oracle.Broken, "something was left behind when the client was closed: goroutine 7"},
		{"a leak and no result", virtual.Answer{Leak: theClient}, oracle.Fail, "the run could not end: goroutine 9"},
		{"a death", virtual.Answer{Died: "panic: no\n\n" + theClient}, oracle.Fail, "the process died: panic: no, in gauntlet/harness/msn/client.(*User).poll"},
		{"a death of ours", virtual.Answer{Died: "panic: no\n\n" + ourStack}, oracle.Broken, "the process died: panic: no"},
		{"no word", virtual.Answer{Hung: time.Minute, Died: spinning}, oracle.Fail, "a worker said nothing for 1m0s: the client kept a processor busy, or waited outside of the network, without end: gauntlet/harness/mutants.spin"},
		{"an error", virtual.Answer{Reply: virtual.Reply{Text: []byte(`{"error":"no such client"}`)}}, oracle.Broken, "worker: no such client"},
		{"half a reply", virtual.Answer{Reply: virtual.Reply{Text: []byte(`{"resu`)}}, oracle.Broken, "worker: its reply of 6 bytes cannot be read: "},
	} {
		test.answer.Took = 5 * time.Millisecond
		o := readAnswer(cut(), Options{Mode: Virtual}, test.answer)
		if o.Result.Status != test.status || !strings.HasPrefix(o.Result.Reason, test.reason) || test.reason == "" && o.Result.Reason != "" || o.Result.Wall != 5 {
			t.Errorf("%s: %s: %q, wall %d", test.name, o.Result.Status, o.Result.Reason, o.Result.Wall)
		}
		if (string(o.Stored) == "h") != (len(test.answer.Reply.Blob) > 0) || o.Case.ID != "cut" {
			t.Errorf("%s: history %q of %q", test.name, o.Stored, o.Case.ID)
		}
	}
}

// What a run has brought already is not run again, and is told of as the rest.
func TestContinued(t *testing.T) {
	cases := []catalogue.Case{{ID: "a", Title: "new"}, {ID: "b"}, {ID: "c"}, {ID: "d"}}
	var ran, told []string
	run := func(_ context.Context, cases []catalogue.Case, done func(Outcome)) error {
		for _, c := range cases {
			ran = append(ran, c.ID)
			done(Outcome{Case: c})
		}
		return nil
	}
	is := func(o Outcome, err error) Earlier {
		return func() (Outcome, error) { told = append(told, "read"); return o, err }
	}
	there := map[string]Earlier{
		"a": is(Outcome{Case: catalogue.Case{ID: "a", Title: "old"}}, nil), "c": is(Outcome{}, nil), "d": is(Outcome{}, errors.New("half of it")), "x": is(Outcome{}, nil),
	}
	err := Continued(run, there)(t.Context(), cases, func(o Outcome) { told = append(told, o.Case.ID+o.Case.Title) })
	if err != nil || !slices.Equal(ran, []string{"b", "d"}) || !slices.Equal(told, []string{"read", "anew", "read", "c", "read", "b", "d"}) {
		t.Errorf("ran %v, told %v, %v", ran, told, err)
	}
}

// Cases in this process start one after the other, as many at a time as there are places at
// first, more where the machine keeps up, and never more than the most. A clock that is never
// late says that it does.
func TestWhenCasesStart(t *testing.T) {
	gap := startEvery / time.Duration(runtime.NumCPU())
	const lasts = time.Minute
	for _, test := range []struct {
		name             string
		few, most, cases int
		want             []time.Duration // when each starts
	}{
		{"one at a time", 1, 1, 3, []time.Duration{0, lasts, 2 * lasts}},
		{"more with each start", 1, 3, 5, []time.Duration{0, gap, 2 * gap, lasts, lasts + gap}},
		{"all that there are", 4, 8, 3, []time.Duration{0, gap, 2 * gap}},
		{"fewer at the most than at first", 2, 1, 3, []time.Duration{0, gap, lasts}},
	} {
		synctest.Test(t, func(t *testing.T) {
			var starts []time.Duration
			began := time.Now()
			o := Options{Speaks: msn.MSN(), Mode: Virtual,
				Client: func(adapter.Setup) (adapter.Client, error) { time.Sleep(lasts); return nil, errors.New("no") },
				Ready: func(context.Context, string, int) error {
					starts = append(starts, time.Since(began))
					return nil
				}}
			told := map[string]int{}
			if err := InProcess(o, test.few, test.most)(t.Context(), namedCases(test.cases), func(out Outcome) { told[out.Case.ID]++ }); err != nil {
				t.Fatal(err)
			}
			if !slices.Equal(starts, test.want) || len(told) != test.cases {
				t.Errorf("%s: started after %v, want %v; told of %v", test.name, starts, test.want, told)
			}
		})
	}
}

// namedCases are so many, "1" and on.
func namedCases(n int) (cases []catalogue.Case) {
	for i := range n {
		c := cut()
		c.ID, c.Faults = fmt.Sprint(i+1), nil
		cases = append(cases, c)
	}
	return cases
}

// A slip of whoever records is ours, and is said of the run in which it was made.
func TestARunOfWhichNoHistoryWasRecordedIsBroken(t *testing.T) {
	for _, test := range []struct {
		says history.Event
		want string
	}{
		{history.Event{Kind: history.Failed, Text: "no"}, ""},
		{history.Event{Kind: history.Failed, How: "no"}, `event 2 is no "failed", as it has how (`},
	} {
		synctest.Test(t, func(t *testing.T) {
			run := Perform(t.Context(), namedCases(1)[0], Options{Speaks: msn.MSN(), Mode: Virtual, Client: func(s adapter.Setup) (adapter.Client, error) {
				s.Report(test.says)
				return nil, errors.New("no")
			}})
			if said := fmt.Sprint(run.Broken); strings.Contains(said, "no history") != (test.want != "") || !strings.Contains(said, test.want) {
				t.Errorf("%+v: %s, want %q", test.says, said, test.want)
			}
		})
	}
}

// Whoever ends a run early hears of what was done until then, and of nothing that was
// cut short.
func TestRunsThatEndEarly(t *testing.T) {
	unready := errors.New("nobody at the debugger")
	for _, test := range []struct {
		name   string
		ends   time.Duration // when whoever runs it gives up
		refuse string        // the case that may not begin
		want   error
		told   []string
	}{
		{"given up in the second", 90 * time.Second, "", context.Canceled, []string{"1"}},
		{"the second may not begin", time.Hour, "2", unready, []string{"1"}},
		{"the first may not begin", time.Hour, "1", unready, nil},
		{"nobody ends it", time.Hour, "", nil, []string{"1", "2", "3"}},
	} {
		synctest.Test(t, func(t *testing.T) {
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			defer time.AfterFunc(test.ends, cancel).Stop()
			o := Options{Speaks: msn.MSN(), Mode: Virtual,
				Client: func(adapter.Setup) (adapter.Client, error) { time.Sleep(time.Minute); return nil, errors.New("no") },
				Ready: func(_ context.Context, id string, _ int) error {
					if id == test.refuse {
						return unready
					}
					return nil
				}}
			var told []string
			err := InProcess(o, 1, 1)(ctx, namedCases(3), func(out Outcome) { told = append(told, out.Case.ID) })
			if !errors.Is(err, test.want) || test.want == nil && err != nil || !slices.Equal(told, test.told) {
				t.Errorf("%s: %v, told of %v", test.name, err, told)
			}
		})
	}
}
