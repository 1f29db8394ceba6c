package rig

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"gauntlet/harness/judge/economy"
	"gauntlet/harness/judge/fate"
	"gauntlet/harness/judge/history"
	"gauntlet/harness/judge/oracle"
	"gauntlet/harness/judge/requirement"
	"gauntlet/harness/judge/trace"
	"gauntlet/harness/run/catalogue"
	"gauntlet/harness/run/protocol"
	"gauntlet/harness/run/workload"
	"gauntlet/proxies/fault"
)

// realTies is up to what an apparent overlap on real sockets is put down to
// the scheduler.
const realTies = 50 * time.Millisecond

// Judge turns a run into a result. Validity comes first: a run that was broken
// or skipped proves nothing, and where a fault never fired a pass is worth
// nothing. A failure before that stands: the client may be the reason.
func Judge(run Run, wall time.Duration) Result {
	r := newResult(run, wall)
	var proves bool
	if r.Status, r.Reason, proves = worth(run); !proves {
		r.missed(run)
		return r
	}
	registry := run.Options.Oracles
	if registry == nil {
		registry = run.Options.Speaks.Oracles
	}
	read := trace.New(run.Events, facts(run))
	r.Verdicts = registry.Judge(read)
	r.Fates, r.Economy = fate.Of(read), economy.Of(read)
	r.lower(run.Case.Level)
	r.allowForStalls(stalls(run.Events))
	r.allowForWay(func() time.Duration { return lateOnWay(run) })
	r.TurnedAway = turnedAway(run.Events)
	r.Absent = cmp.Or(absent(run.Case, read), unjudged(run.Case, read, registry, r.Verdicts))
	r.settle(run.Case.Proves)
	r.missed(run)
	return r
}

// point is what a case is about beside its faults, which has to come about before
// a pass is worth anything.
type point struct {
	of      func(catalogue.Case) bool
	came    func(*trace.Trace, *trace.Request) bool // by a request's answer
	missing string
}

var points = []point{
	{
		func(c catalogue.Case) bool { return lastWords(c.Workload) },
		func(_ *trace.Trace, r *trace.Request) bool { return r.Closes() && len(r.AnswerBody) > 0 },
		"no answer that ended a session had anything in it",
	},
	{
		func(c catalogue.Case) bool { return slices.Contains(c.Knobs, gatewayMoves) },
		func(_ *trace.Trace, r *trace.Request) bool {
			return r.Served() && !r.IsOpen() && trace.Bare(r.Given.Gateway) != r.Authority
		},
		"the gateway never moved under a session",
	},
}

// gatewayMoves is the setting of a gateway that moves its sessions.
var gatewayMoves = catalogue.Knob{Name: "gw-ip", Value: "moving"}

// lastWords reports whether the contact is to speak while the user leaves.
func lastWords(s workload.Script) bool {
	for i := 1; i < len(s); i++ {
		if s[i].Verb == workload.Leave && s[i-1].Verb == workload.Said {
			return true
		}
	}
	return false
}

// absent says what a case is about and did not come about; empty if all did.
func absent(c catalogue.Case, t *trace.Trace) string {
	for _, p := range points {
		if p.of(c) && !slices.ContainsFunc(t.Requests, func(r *trace.Request) bool { return p.came(t, r) }) {
			return p.missing
		}
	}
	return ""
}

// unjudged says what a case is to prove and nothing was said of, since it was asked
// of nobody in this run; empty if there is none.
func unjudged(c catalogue.Case, t *trace.Trace, registry oracle.Registry, verdicts []oracle.Verdict) string {
	for _, id := range c.Proves {
		said := slices.ContainsFunc(verdicts, func(v oracle.Verdict) bool { return v.Requirement == id })
		if row, judged := registry[id]; judged && !said {
			return string(id) + ": " + row.Unsaid(t)
		}
	}
	return ""
}

// worth reports whether a run proves anything, and what to say of one that does
// not.
func worth(run Run) (status oracle.Status, reason string, proves bool) {
	switch {
	case run.Broken != nil:
		return oracle.Broken, run.Broken.Error(), false
	case run.Skipped != "":
		return oracle.NotApplicable, run.Skipped, false
	case run.Refused != nil:
		return oracle.Unsupported, run.Refused.Error(), false
	case run.Unready != nil:
		return oracle.Inconclusive, run.Unready.Error(), false
	}
	return oracle.Inconclusive, "", true
}

// mostRefusals bounds those that a reason names.
const mostRefusals = 2

// turnedAway adds to a reason what the user's client was refused on the way to
// being signed in: whatever else is said follows from it, as a rule.
func turnedAway(events []history.Event) string {
	text, n := "", 0
	for _, r := range history.Refusals(events) {
		if r.User != "" && !strings.EqualFold(r.User, UserEmail) {
			continue
		}
		if n++; n > mostRefusals {
			return text + "; …"
		}
		text += "; refused: " + r.String()
	}
	return text
}

// refusalsOf are all of them, for the log of the client's process, which knows
// what it did next and not why.
func refusalsOf(events []history.Event) []byte {
	var text []byte
	for _, r := range history.Refusals(events) {
		text = fmt.Appendf(text, "[gauntlet, after %.3f s: refused: %s]\n", r.At.Seconds(), r)
	}
	return text
}

func facts(run Run) trace.Facts {
	f := trace.Facts{Reader: run.Options.Speaks.Reader, User: UserEmail, Contact: ContactEmail, Script: run.Case.Workload, Attended: run.Options.Mode == Attached, Boxes: len(run.Case.Chain), Distrusted: distrusted[frontOf(run.Case)]}
	if asked := run.Case.Chain.Explicit(); asked != nil && run.Case.Proxy == catalogue.AsChain {
		f.Credentials = asked.Credentials()
	}
	if run.Options.Mode != Virtual {
		f.Ties = realTies
	}
	return f
}

func unfired(faults []FaultReport) string {
	var idle []string
	for _, f := range faults {
		if f.Fired == 0 {
			idle = append(idle, f.Text)
		}
	}
	return strings.Join(idle, "; ")
}

// Rejudge judges a stored history anew, with the oracles of today. What the run
// was is read from the history itself. Compare holds the result against its controls.
func Rejudge(speaks protocol.Protocol, meta history.Meta, events []history.Event, v catalogue.Vocabulary) (Outcome, error) {
	c, err := catalogue.Decode(meta.Definition, v)
	if err != nil {
		return Outcome{}, fmt.Errorf("the history does not say what was run: %w", err)
	}
	run := Run{
		Case: c, Events: events, Faults: faultReports(c.Faults, events),
		Options: Options{Speaks: speaks, Mode: Mode(meta.Mode), ClientName: meta.Client, Seed: meta.Seed},
	}
	if n := len(events); n > 0 {
		run.Protocol = events[n-1].At
	}
	run.readUnasked()
	if err := history.Check(events); err != nil {
		run.Broken = fmt.Errorf("%w: it was changed, or another Gauntlet wrote it: judge it with the one that its first line names", err)
	}
	return Outcome{Case: c, Events: events, Result: Judge(run, 0)}, nil
}

// readUnasked finds in the history why the case was not put to the client. Where
// it is recorded that the case cannot be expressed, and something happened all the
// same, that counts.
func (run *Run) readUnasked() {
	for i := range run.Events {
		switch e := &run.Events[i]; {
		case e.Kind == history.Inapplicable && len(run.Events) == 1:
			run.Skipped = e.Text
		case e.Kind == history.Declined:
			run.Refused = errors.New(e.Text)
		case e.Kind == history.NotReady:
			run.Unready = errors.New(e.Text)
		}
	}
	if len(run.Events) == 0 {
		run.Unready = errNothing
	}
}

// errNothing is why a history without events shows nothing.
var errNothing = errors.New("nothing is recorded that could be judged")

// FaultReport says what became of one fault of the case.
type FaultReport struct {
	Text        string `json:"text"`
	Fired       int    `json:"fired"` // how often
	Connections []int  `json:"connections"`
}

// faultReports finds in a history which faults fired, and on which connections
// of their hop.
func faultReports(faults []fault.Fault, events []history.Event) []FaultReport {
	reports := make([]FaultReport, len(faults))
	for i, f := range faults {
		reports[i] = FaultReport{Text: f.String(), Connections: []int{}}
		for j := range events {
			if e := &events[j]; e.Kind == history.Fired && e.Fault == reports[i].Text {
				reports[i].Fired++
				reports[i].Connections = append(reports[i].Connections, e.Conn)
			}
		}
	}
	return reports
}

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
	run := Run{Case: c, Events: r.Events, Broken: history.Check(r.Events), Options: Options{Mode: Attached, ClientName: r.Client}}
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
	if status, reason, proves := worth(run); !proves {
		result.Status, result.Reason = status, reason
	}
	return Outcome{Case: c, Result: result, Events: r.Events, reader: r.Reader}
}
