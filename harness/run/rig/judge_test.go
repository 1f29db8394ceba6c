package rig

import (
	"errors"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"gauntlet/harness/judge/history"
	"gauntlet/harness/judge/oracle"
	"gauntlet/harness/judge/requirement"
	msn "gauntlet/harness/msn/servers"
	"gauntlet/harness/run/catalogue"
	"gauntlet/harness/run/workload"
)

// fails is a run of a client that did not sign in, and is judged by that alone.
func fails(run Run) Run {
	run.Options.Speaks = msn.MSN()
	run.Options.Oracles = oracle.Registry{carriedOut: run.Options.Speaks.Oracles[carriedOut]}
	run.Events = []history.Event{
		{From: history.AtRig, Kind: history.StepBegan, Text: "sign in"},
		{At: time.Second, From: history.AtRig, Kind: history.StepFailed, Text: "sign in: no"},
		{At: time.Second, From: history.AtRig, Kind: history.RunEnded},
	}
	return run
}

func TestRunsThatProveNothing(t *testing.T) {
	broken, refused, unready := errors.New("no listener"), errors.New("status 89"), errors.New("no greeting")
	for _, test := range []struct {
		name   string
		run    Run
		status oracle.Status
		reason string
	}{
		{"our own fault comes first", Run{Broken: broken, Skipped: "x", Refused: refused, Unready: unready}, oracle.Broken, "no listener"},
		{"then what cannot be expressed", Run{Skipped: "x", Refused: refused, Unready: unready}, oracle.NotApplicable, "x"},
		{"then the client's word", Run{Refused: refused, Unready: unready}, oracle.Unsupported, "status 89"},
		{"then that it never came so far", Run{Unready: unready}, oracle.Inconclusive, "no greeting"},
		{"any other run is judged", Run{}, oracle.Fail, "command.carried-out: sign in: no"},
	} {
		test.run.Case = cut()
		r := Judge(fails(test.run), 3*time.Millisecond)
		judged := test.status == oracle.Fail
		if r.Status != test.status || r.Reason != test.reason || len(r.Verdicts) > 0 != judged || r.Wall != 3 || r.ID != "cut" || r.Verdicts == nil || r.Fates == nil || r.Faults == nil || !slices.Equal(r.Chain, []string{"forward port 8080"}) {
			t.Errorf("%s: %+v", test.name, r)
		}
	}
}

// What was seen beside the verdicts is part of what is said: that the machine stood still,
// who refused the user, and that what the case is about was asked of nobody.
func TestJudgeLooksBesideTheVerdicts(t *testing.T) {
	moot := requirement.ID("route.no-redirect")
	for name, c := range map[string]struct {
		change func(*Run)
		status oracle.Status
		reason string
	}{
		"nothing else": {func(*Run) {}, oracle.Fail, "command.carried-out: sign in: no"},
		"a machine that stood still": {func(r *Run) {
			r.Events = append(r.Events, history.Event{Kind: history.Stalled, Given: 5001})
		}, oracle.Inconclusive, "command.carried-out: this machine was too slow to tell: it stood still once, 5.001s at the longest; what was seen: sign in: no"},
		"who refused the user": {func(r *Run) {
			r.Events = append(r.Events, history.Event{Kind: history.SignInRefused, User: UserEmail, Text: "no ticket"})
		}, oracle.Fail, `command.carried-out: sign in: no; refused: sign-in of "alice@example.com": no ticket`},
		"what nobody was asked": {func(r *Run) {
			r.Events[1].Kind = history.StepDone
			r.Case.Proves = append(r.Case.Proves, moot)
			r.Options.Oracles[moot] = r.Options.Speaks.Oracles[moot]
		}, oracle.Inconclusive, "route.no-redirect: nobody sent the client elsewhere"},
	} {
		run := fails(Run{Case: cut()})
		run.Case.Faults, run.Case.Proves = nil, []requirement.ID{carriedOut}
		c.change(&run)
		if r := Judge(run, 0); r.Status != c.status || r.Reason != c.reason {
			t.Errorf("%s: %s, %q", name, r.Status, r.Reason)
		}
	}
}

// A recording is as long as it lasts, and one that no must can be judged by proves nothing.
func TestJudgeARecording(t *testing.T) {
	speaks := msn.MSN()
	for name, c := range map[string]struct {
		events []history.Event
		status oracle.Status
		reason string
		lasted int64
	}{
		"empty":        {nil, oracle.Inconclusive, "no must could be judged by this recording", 0},
		"a few polls":  {polls(3, false), oracle.Fail, "", 3500},
		"nothing sent": {polls(0, false), oracle.Inconclusive, "no must could be judged by this recording", 0},
		"no history":   {[]history.Event{{Seq: 1, From: history.AtHop, Kind: history.Accepted}}, oracle.Broken, `what was recorded is no history: event 1 is no "accepted", as it lacks conn (gauntlet explain "accepted" tells what it may have)`, 0},
	} {
		o := Recorded{Name: "of others", Events: c.events, Reader: speaks.Reader, Oracles: speaks.Oracles}.Judge()
		if r := o.Result; o.Case.ID != "of others" || len(o.Events) != len(c.events) || r.Status != c.status || c.reason != "" && r.Reason != c.reason || r.Protocol != c.lasted || r.Wall != 0 || r.ID != "of others" {
			t.Errorf("%s: %+v", name, r)
		}
	}
}

func TestLevelsOfACase(t *testing.T) {
	for level, want := range map[requirement.Level]oracle.Status{"": oracle.Fail, requirement.Must: oracle.Fail, requirement.Should: oracle.Pass} {
		c := cut()
		c.Level, c.Faults = level, nil
		if r := Judge(fails(Run{Case: c}), 0); r.Status != want {
			t.Errorf("a case that asks %q: %s, want %s", level, r.Status, want)
		}
	}
}

func TestFaultReports(t *testing.T) {
	c := chained(t, "forward port 8080", "hop 0: on poll 2, answer: reset", "hop 1: on poll 2, answer: reset", "hop 0: on poll 3, answer: close")
	events := []history.Event{
		{Kind: history.Fired, Hop: 0, Conn: 1, Fault: c.Faults[0].String()},
		{Kind: history.Edited, Hop: 0, Conn: 1, Fault: c.Faults[0].String()},
		{Kind: history.Fired, Hop: 1, Conn: 4, Fault: c.Faults[1].String()},
		{Kind: history.Fired, Hop: 0, Conn: 2, Fault: c.Faults[0].String()},
	}
	got := faultReports(c.Faults, events)
	want := []FaultReport{
		{c.Faults[0].String(), 2, []int{1, 2}}, {c.Faults[1].String(), 1, []int{4}}, {c.Faults[2].String(), 0, []int{}},
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("%+v, want %+v", got, want)
	}
	if idle := unfired(got); idle != c.Faults[2].String() {
		t.Errorf("never fired: %q", idle)
	}
	if idle := unfired([]FaultReport{{Text: "a"}, {Text: "b", Fired: 1}, {Text: "c"}}); idle != "a; c" {
		t.Errorf("never fired: %q", idle)
	}
}

func TestRefusalsThatAReasonNames(t *testing.T) {
	no := func(kind history.Kind, user, why string) history.Event {
		return history.Event{Kind: kind, User: user, Text: why, ID: "example.com:443", How: "SOAP"}
	}
	for _, test := range []struct {
		name   string
		events []history.Event
		want   string
	}{
		{"none", []history.Event{{Kind: history.SignedIn, User: UserEmail}}, ""},
		{"the user's", []history.Event{no(history.SignInRefused, UserEmail, "no ticket")}, `; refused: sign-in of "alice@example.com": no ticket`},
		{"the user's, written otherwise", []history.Event{no(history.SignInRefused, "Alice@Example.COM", "no ticket")}, `; refused: sign-in of "Alice@Example.COM": no ticket`},
		{"somebody else's", []history.Event{no(history.SignInRefused, ContactEmail, "no ticket")}, ""},
		{"nobody's in particular", []history.Event{no(history.NotServed, "", "nobody here serves it")}, "; refused: example.com:443: nobody here serves it"},
		{"more than a line holds", []history.Event{no(history.SignInRefused, UserEmail, "1"), no(history.SignInRefused, UserEmail, "2"), no(history.SignInRefused, UserEmail, "3")},
			`; refused: sign-in of "alice@example.com": 1; refused: sign-in of "alice@example.com": 2; …`},
	} {
		if got := turnedAway(test.events); got != test.want {
			t.Errorf("%s: %q, want %q", test.name, got, test.want)
		}
	}
	late := no(history.SignInRefused, ContactEmail, "no ticket")
	late.At = 1500 * time.Millisecond
	if got, want := string(refusalsOf([]history.Event{late})), "[gauntlet, after 1.500 s: refused: sign-in of \"bob@example.com\": no ticket]\n"; got != want {
		t.Errorf("in the log: %q, want %q", got, want)
	}
}

func TestWhatOraclesAreTold(t *testing.T) {
	for mode, want := range map[Mode]struct {
		ties     time.Duration
		attended bool
	}{Virtual: {0, false}, Loopback: {realTies, false}, Netns: {realTies, false}, Attached: {realTies, true}} {
		f := facts(Run{Case: cut(), Options: Options{Speaks: msn.MSN(), Mode: mode}})
		if f.Ties != want.ties || f.Attended != want.attended || f.User != UserEmail || f.Contact != ContactEmail || len(f.Script) != 2 || f.Boxes != 1 {
			t.Errorf("%s: %+v", mode, f)
		}
	}
}

// A stored history says itself what was run, and is judged like the run.
func TestRejudge(t *testing.T) {
	c := chained(t, "forward port 8080", "hop 0: on poll 2, answer: reset")
	events := []history.Event{{From: history.AtHop, Kind: history.Fired, Fault: c.Faults[0].String(), Conn: 1}, {At: 2 * time.Second, From: history.AtRig, Kind: history.RunEnded}}
	first := Outcome{Case: c, Events: events, Result: Judge(Run{Case: c, Options: Options{Speaks: msn.MSN(), Mode: Netns, ClientName: "mine", Seed: 7}, Events: events, Faults: faultReports(c.Faults, events), Protocol: 2 * time.Second}, 0)}
	second, err := Rejudge(msn.MSN(), first.Meta(), events, msn.Vocabulary(nil))
	if err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(second.Result, first.Result) || second.Result.Protocol != 2000 || second.Result.Faults[0].Fired != 1 ||
		second.Result.Mode != Netns || second.Result.Client != "mine" || second.Result.Seed != 7 || len(second.Result.Fates) != 1 {
		t.Errorf("%+v, want %+v", second.Result, first.Result)
	}
	if _, err := Rejudge(msn.MSN(), history.Meta{}, events, msn.Vocabulary(nil)); err == nil || !strings.Contains(err.Error(), "does not say what was run") {
		t.Errorf("without a definition: %v", err)
	}
}

// What a case is about has to come about, or its passes are worth nothing; a failure
// stands all the same.
func TestNoPassWithoutThePoint(t *testing.T) {
	speaks := workload.Script{{Verb: workload.SignIn}, {Verb: workload.Said, Count: 1}, {Verb: workload.Leave}}
	for name, c := range map[string]struct {
		script workload.Script
		knobs  []catalogue.Knob
		done   history.Kind
		want   oracle.Status
		reason string
	}{
		"nothing special":         {speaks[:2], nil, history.StepDone, oracle.Pass, ""},
		"last words":              {speaks, nil, history.StepDone, oracle.Inconclusive, "no answer that ended a session had anything in it"},
		"last words, and a crash": {speaks, nil, history.StepFailed, oracle.Fail, "command.carried-out: sign in"},
		"a gateway that moves":    {speaks[:2], []catalogue.Knob{gatewayMoves}, history.StepDone, oracle.Inconclusive, "the gateway never moved under a session"},
		"one that does not":       {speaks[:2], []catalogue.Knob{{Name: "gw-ip", Value: "fixed"}}, history.StepDone, oracle.Pass, ""},
	} {
		run := fails(Run{Case: cut()})
		run.Case.Faults, run.Case.Proves, run.Case.Workload, run.Case.Knobs = nil, []requirement.ID{carriedOut}, c.script, c.knobs
		run.Events[1] = history.Event{From: history.AtRig, Kind: c.done, Text: "sign in"}
		if r := Judge(run, 0); r.Status != c.want || r.Reason != c.reason {
			t.Errorf("%s: %s, %q", name, r.Status, r.Reason)
		}
	}
	for header, want := range map[string]oracle.Status{
		"": oracle.Inconclusive, // a page
		"X-MSN-Messenger: SessionID=1.1; GW-IP=x\r\n": oracle.Inconclusive, // where it was
		"X-MSN-Messenger: SessionID=1.1; GW-IP=y\r\n": oracle.Pass,
	} {
		run := fails(Run{Case: cut()})
		run.Case.Faults, run.Case.Proves, run.Case.Knobs = nil, []requirement.ID{carriedOut}, []catalogue.Knob{gatewayMoves}
		run.Events[1].Kind = history.StepDone
		run.Events = append(polls(2, false), run.Events...)
		for i := range run.Events {
			if run.Events[i].Kind == history.AnswerHead {
				run.Events[i].Data = []byte("HTTP/1.1 200 OK\r\n" + header + "\r\n")
			}
		}
		if r := Judge(run, 0); r.Status != want {
			t.Errorf("answers with %q: %s, %q", header, r.Status, r.Reason)
		}
	}
}

// Why a case was not put to a client stands in the history: what a result says of
// that counts for nothing.
func TestRejudgeOfWhatWasNotAsked(t *testing.T) {
	skipped := Perform(t.Context(), chained(t, "intercept"), Options{Speaks: msn.MSN(), Mode: Loopback}).Events
	happened := history.Event{Seq: 1, From: history.AtRig, Kind: history.RunEnded}
	said := func(kind history.Kind) []history.Event {
		return []history.Event{happened, {Seq: 2, From: history.AtClient, Kind: kind, User: "alice", Text: "no"}}
	}
	for name, test := range map[string]struct {
		events []history.Event
		status oracle.Status
		reason string
	}{
		"it cannot be expressed":     {skipped, oracle.NotApplicable, "interception needs addresses"},
		"so it is said, and it ran":  {append(skipped[:1:1], happened), oracle.Fail, ""},
		"nothing but its end":        {[]history.Event{happened}, oracle.Fail, ""},
		"the client's word":          {said(history.Declined), oracle.Unsupported, "no"},
		"the client was never ready": {said(history.NotReady), oracle.Inconclusive, "no"},
		"it is no history":           {[]history.Event{{Seq: 7, From: history.AtRig, Kind: "newer"}, happened}, oracle.Broken, `what was recorded is no history: event 7 is of a kind that this Gauntlet does not know, "newer": it was changed, or another Gauntlet wrote it: judge it with the one`},
		"nothing was recorded":       {nil, oracle.Inconclusive, "nothing is recorded"},
	} {
		c := chained(t, "intercept")
		o, err := Rejudge(msn.MSN(), Outcome{Case: c, Result: Result{Mode: Loopback}}.Meta(), test.events, msn.Vocabulary(nil))
		if err != nil {
			t.Fatal(err)
		}
		o.Result.Compare(o.Case, nil)
		o.Result.Uphold(o.Case, o.Result)
		if test.status == oracle.Fail {
			if len(o.Result.Verdicts) == 0 || o.Result.Status == oracle.NotApplicable {
				t.Errorf("%s: not judged: %+v", name, o.Result)
			}
		} else if o.Result.Status != test.status || !strings.Contains(o.Result.Reason, test.reason) {
			t.Errorf("%s: %s: %s", name, o.Result.Status, o.Result.Reason)
		}
	}
}
