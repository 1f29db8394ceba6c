package rig

import (
	"time"

	"gauntlet/harness/judge/economy"
	"gauntlet/harness/judge/fate"
	"gauntlet/harness/judge/history"
	"gauntlet/harness/judge/oracle"
	"gauntlet/harness/judge/requirement"
	"gauntlet/harness/judge/trace"
	"gauntlet/harness/run/catalogue"
	"gauntlet/harness/run/workload"
)

// Recorded is traffic at hop 0 that others recorded, to be judged like a run.
type Recorded struct {
	Name    string // of the recording
	Client  string // as far as it is known
	User    string // who signed in; "" if nobody was seen to
	Events  []history.Event
	Ties    time.Duration // up to this an overlap is put down to the clock
	Reader  trace.Reader
	Oracles oracle.Registry
}

// Judge judges it. Nobody knows what the user wanted: they are taken to have done
// what they liked, and to have signed in as often as they left. It fails by a must that is broken;
// where no must could be judged it is Inconclusive.
func (r Recorded) Judge() Outcome {
	c := catalogue.Case{ID: r.Name, Title: "a recording of others", Workload: workload.Script{{Verb: workload.Free}}}
	run := Run{Case: c, Events: r.Events, Options: Options{Mode: Attached, ClientName: r.Client}}
	if n := len(r.Events); n > 0 {
		run.Protocol = r.Events[n-1].At
	}
	read := trace.New(r.Events, trace.Facts{Reader: r.Reader, User: r.User, Script: c.Workload, Ties: r.Ties})
	result := newResult(run, 0)
	result.Verdicts = r.Oracles.Judge(read)
	result.Fates, result.Economy = fate.Of(read), economy.Of(read)
	result.settle(nil)
	judged := false
	for _, v := range result.Verdicts {
		judged = judged || v.Level == requirement.Must && v.Checked > 0
	}
	if !judged {
		result.Status, result.Reason = oracle.Inconclusive, "no must could be judged by this recording"
	}
	return Outcome{Case: c, Result: result, Events: r.Events, reader: r.Reader}
}
