package rig

import (
	"slices"
	"strings"
	"testing"

	"gauntlet/harness/judge/fate"
	"gauntlet/harness/judge/history"
	"gauntlet/harness/judge/oracle"
	"gauntlet/harness/judge/requirement"
	"gauntlet/harness/msn/reading"
	"gauntlet/harness/run/catalogue"
	"gauntlet/harness/run/workload"
	"gauntlet/proxies"
	"gauntlet/proxies/fault"
)

const (
	carriedOut = requirement.ID("command.carried-out")
	survives   = requirement.ID("connection.session-survives")
	tooOften   = requirement.ID("poll.not-too-often")
)

// cut is a case with a fault behind a box.
func cut() catalogue.Case {
	return catalogue.Case{
		ID: "cut", Dialect: catalogue.DefaultDialect, Proves: []requirement.ID{survives, carriedOut},
		Workload: workload.Script{{Verb: workload.SignIn}, {Verb: workload.SignOut}},
		Chain:    proxies.Chain{{Kind: proxies.Forward, Port: 8080}},
		Faults:   []fault.Fault{{Effect: fault.Effect{Name: "reset"}}},
	}
}

func odd(c catalogue.Case) catalogue.Case {
	c.Dialect = "strict"
	return c
}

// with is a result with musts that ended so, and with its faults fired.
func with(statuses ...any) Result {
	r := Result{Status: oracle.Pass, Faults: []FaultReport{}}
	for i := 0; i < len(statuses); i += 2 {
		s := statuses[i+1].(oracle.Status)
		r.Verdicts = append(r.Verdicts, oracle.Verdict{Requirement: statuses[i].(requirement.ID), Level: requirement.Must, Status: s, Checked: 1, Reason: "of its own"})
	}
	r.settle(nil)
	return r
}

func TestControlsOf(t *testing.T) {
	bare := cut()
	bare.Chain, bare.Faults = nil, nil
	boxed := cut()
	boxed.Faults = nil
	struck := cut()
	struck.Chain = nil
	for _, test := range []struct {
		name string
		c    catalogue.Case
		want []World
	}{
		{"nothing but the gateway", bare, nil},
		{"another gateway", odd(bare), []World{Undisturbed}},
		{"a box", boxed, []World{Undisturbed}},
		{"a fault", struck, []World{Undisturbed}},
		{"a box and a fault", cut(), []World{Undisturbed, WithBox}},
		{"all three", odd(cut()), []World{Undisturbed, WithGateway, WithBox}},
	} {
		var got []World
		for _, k := range ControlsOf(test.c) {
			got = append(got, k.World)
			if len(k.Case.Faults) > 0 || (k.World != WithBox && len(k.Case.Chain) > 0) || (k.World == Undisturbed && oddGateway(k.Case)) {
				t.Errorf("%s: %s is not that simple: %s", test.name, k.World, k.Case.ID)
			}
		}
		if !slices.Equal(got, test.want) {
			t.Errorf("%s: %v, want %v", test.name, got, test.want)
		}
	}
	if ControlsOf(odd(cut()))[0].Case.ID != ControlsOf(cut())[0].Case.ID {
		t.Error("the undisturbed world is the same for all gateways, and is run once")
	}
}

func TestCompare(t *testing.T) {
	for _, test := range []struct {
		name       string
		plain, box Result // undisturbed, and with the box
		now        Result
		status     oracle.Status
		reason     string
		since      map[requirement.ID]string
	}{
		{"passes", with(carriedOut, oracle.Pass), with(carriedOut, oracle.Pass), with(survives, oracle.Pass, carriedOut, oracle.Pass), oracle.Pass, "", nil},
		{"fails here only", with(survives, oracle.Pass), with(survives, oracle.Pass), with(survives, oracle.Fail, carriedOut, oracle.Pass), oracle.Fail, "connection.session-survives: of its own", nil},
		{"a slip that is not the case's subject is told where it began", with(tooOften, oracle.Fail), with(tooOften, oracle.Fail),
			with(survives, oracle.Pass, carriedOut, oracle.Pass, tooOften, oracle.Fail), oracle.Pass, "", map[requirement.ID]string{tooOften: "undisturbed"}},
		{"and hides nothing else", with(tooOften, oracle.Fail), with(tooOften, oracle.Fail),
			with(survives, oracle.Fail, carriedOut, oracle.Pass, tooOften, oracle.Fail), oracle.Fail, "connection.session-survives", map[requirement.ID]string{tooOften: "undisturbed"}},
		{"since the box", with(survives, oracle.Pass), with(survives, oracle.Fail), with(survives, oracle.Fail, carriedOut, oracle.Pass), oracle.Blocked,
			"since with the box: connection.session-survives", map[requirement.ID]string{survives: "with the box"}},
		{"the simplest world counts", with(survives, oracle.Fail), with(survives, oracle.Fail), with(survives, oracle.Fail, carriedOut, oracle.Pass), oracle.Blocked,
			"since undisturbed", map[requirement.ID]string{survives: "undisturbed"}},
		{"what nobody can do with the box, nobody can do now", with(survives, oracle.Pass), with(survives, oracle.Blocked), with(survives, oracle.Fail, carriedOut, oracle.Pass), oracle.Blocked,
			"connection.session-survives: of its own", nil},
		{"gives up here", with(carriedOut, oracle.Pass), with(carriedOut, oracle.Pass), with(survives, oracle.Inconclusive, carriedOut, oracle.Fail), oracle.Fail,
			"connection.session-survives: with ", nil},
		{"gives up here, and has passed what it was about", with(carriedOut, oracle.Pass), with(carriedOut, oracle.Pass), with(survives, oracle.Pass, carriedOut, oracle.Fail), oracle.Fail,
			"connection.session-survives: with hop 0: ", nil},
		{"gives up with the box already", with(carriedOut, oracle.Pass), with(carriedOut, oracle.Fail), with(survives, oracle.Inconclusive, carriedOut, oracle.Fail), oracle.Blocked,
			"since with the box: command.carried-out", map[requirement.ID]string{carriedOut: "with the box"}},
		{"gives up for a cause that is named", with(carriedOut, oracle.Pass), with(carriedOut, oracle.Pass),
			with(survives, oracle.Inconclusive, tooOften, oracle.Fail, carriedOut, oracle.Fail), oracle.Fail, "poll.not-too-often", nil},
	} {
		t.Run(test.name, func(t *testing.T) {
			r := test.now
			for range 2 { // again, as when a run is resumed
				r.Compare(cut(), []Baseline{{Undisturbed, &test.plain}, {WithBox, &test.box}})
				if r.Status != test.status || !strings.HasPrefix(r.Reason, test.reason) {
					t.Errorf("%s: %s, want %s: %s", r.Status, r.Reason, test.status, test.reason)
				}
				for _, v := range r.Verdicts {
					if v.Since != test.since[v.Requirement] {
						t.Errorf("%s since %q, want %q", v.Requirement, v.Since, test.since[v.Requirement])
					}
				}
			}
			if *r.Controls.Direct != test.plain.Status || *r.Controls.Box != test.box.Status || r.Controls.Plain != nil {
				t.Errorf("controls %+v", r.Controls)
			}
		})
	}
}

// Who falls silent in a simpler world is not told again that it does not come
// back.
func TestCompareInherits(t *testing.T) {
	const keepsGoing, recovers = requirement.ID("poll.keeps-going"), requirement.ID("connection.recovers")
	before := with(carriedOut, oracle.Pass, keepsGoing, oracle.Fail)
	r := with(carriedOut, oracle.Pass, keepsGoing, oracle.Fail, recovers, oracle.Fail)
	r.Compare(cut(), []Baseline{{Undisturbed, &before}})
	if r.verdict(recovers).Since != string(Undisturbed) {
		t.Errorf("%+v", r.Verdicts)
	}
	r = with(keepsGoing, oracle.Fail) // and nobody asked whether it comes back
	r.Compare(cut(), []Baseline{{Undisturbed, &before}})
	r = with(carriedOut, oracle.Pass, keepsGoing, oracle.Fail, recovers, oracle.Fail)
	sound := with(carriedOut, oracle.Pass, keepsGoing, oracle.Pass)
	if r.Compare(cut(), []Baseline{{Undisturbed, &sound}}); r.verdict(recovers).Since != "" {
		t.Errorf("%+v", r.Verdicts)
	}
}

// The last exchange that was disturbed is the evidence of what was too much.
func TestCompareNamesTheExchange(t *testing.T) {
	sound := with(carriedOut, oracle.Pass)
	for _, test := range []struct{ disturbed, want []int }{{[]int{1, 0}, []int{1}}, {[]int{1, 4, 0}, []int{4}}, {[]int{0}, nil}, {nil, nil}} {
		r := with(survives, oracle.Inconclusive, carriedOut, oracle.Fail)
		for _, n := range test.disturbed {
			r.Fates = append(r.Fates, fate.Fate{Exchange: n})
		}
		r.Compare(cut(), []Baseline{{Undisturbed, &sound}, {WithBox, &sound}})
		if got := r.verdict(survives); got.Status != oracle.Fail || !slices.Equal(got.Exchanges, test.want) {
			t.Errorf("%v: %+v", test.disturbed, got)
		}
	}
}

// Each simpler world has its place among the controls, and only an odd gateway
// has one without it.
func TestCompareNotesControls(t *testing.T) {
	plain, gateway, box := with(carriedOut, oracle.Pass), with(carriedOut, oracle.Fail), with(carriedOut, oracle.Blocked)
	r := with(carriedOut, oracle.Pass)
	r.Compare(odd(cut()), []Baseline{{Undisturbed, &plain}, {WithGateway, &gateway}, {WithBox, &box}})
	if c := r.Controls; c.Plain == nil || *c.Plain != oracle.Pass || c.Direct == nil || *c.Direct != oracle.Fail || c.Box == nil || *c.Box != oracle.Blocked {
		t.Errorf("%+v", r.Controls)
	}
	for _, k := range []catalogue.Knob{{}, {Name: "think", Value: "1s"}} {
		c := cut()
		if k.Name != "" {
			c.Knobs = []catalogue.Knob{k}
		}
		if got := oddGateway(c); got != (k.Name != "") {
			t.Errorf("%v: odd %t", c.Knobs, got)
		}
	}
}

// A box is not what the first requirement of a case is about.
func TestCompareNamesTheBox(t *testing.T) {
	boxed := cut()
	boxed.Faults = nil
	r, sound := with(survives, oracle.Pass, carriedOut, oracle.Fail), with(carriedOut, oracle.Pass)
	for range 2 {
		r.Compare(boxed, []Baseline{{Undisturbed, &sound}})
		if want := "command.carried-out: with forward port 8080 the client gave up, and without it did not: of its own"; r.Reason != want {
			t.Errorf("%q, want %q", r.Reason, want)
		}
	}
	if r.verdict(survives).Status != oracle.Pass {
		t.Error("a box was put down to a requirement that it has nothing to do with")
	}
}

// An unfired fault takes back what passed, whatever the controls say.
func TestCompareUnfired(t *testing.T) {
	r := with(survives, oracle.Pass, carriedOut, oracle.Pass)
	r.Faults = []FaultReport{{Text: "hop 0: on poll 3, answer: reset"}}
	sound := with(carriedOut, oracle.Pass)
	r.Compare(cut(), []Baseline{{Undisturbed, &sound}})
	if r.Status != oracle.Inconclusive || !strings.HasPrefix(r.Reason, "never fired: ") {
		t.Errorf("%s: %s", r.Status, r.Reason)
	}
}

// A client that fails before a fault is due is told what it fails: here, if it does so
// only here, and else since when.
func TestCompareUnfiredSince(t *testing.T) {
	const never = "never fired: hop 0: on poll 3, answer: reset"
	for name, c := range map[string]struct {
		here, before oracle.Status
		status       oracle.Status
		reason       string
	}{
		"nowhere":   {oracle.Pass, oracle.Pass, oracle.Inconclusive, never},
		"here only": {oracle.Fail, oracle.Pass, oracle.Fail, "command.carried-out: of its own"},
		"before":    {oracle.Fail, oracle.Fail, oracle.Inconclusive, never + "; since undisturbed: command.carried-out: of its own"},
		"no more":   {oracle.Pass, oracle.Fail, oracle.Inconclusive, never},
	} {
		r, before := with(survives, oracle.Pass, carriedOut, c.here), with(carriedOut, c.before)
		r.Faults = []FaultReport{{Text: "hop 0: on poll 3, answer: reset"}}
		for range 2 {
			r.Compare(cut(), []Baseline{{Undisturbed, &before}})
			if r.Status != c.status || r.Reason != c.reason {
				t.Errorf("%s: %s: %s, want %s: %s", name, r.Status, r.Reason, c.status, c.reason)
			}
		}
	}
}

func TestConfirm(t *testing.T) {
	for _, test := range []struct {
		name      string
		now       Result
		reference Result
		status    oracle.Status
	}{
		{"the reference client passes", with(survives, oracle.Fail), with(survives, oracle.Pass), oracle.Fail},
		{"it fails the same", with(survives, oracle.Fail), with(survives, oracle.Fail), oracle.Blocked},
		{"it never got so far", with(survives, oracle.Fail), with(survives, oracle.Inconclusive, carriedOut, oracle.Fail), oracle.Blocked},
		{"it gets through and was not asked", with(survives, oracle.Fail), with(survives, oracle.Inconclusive, carriedOut, oracle.Pass), oracle.Fail},
		{"it fails something else only", with(tooOften, oracle.Fail, survives, oracle.Fail), with(tooOften, oracle.Pass, survives, oracle.Fail), oracle.Fail},
		{"its own run broke", with(survives, oracle.Fail), Result{Status: oracle.Broken}, oracle.Fail},
	} {
		r := test.now
		r.Confirm(cut(), Outcome{Result: test.reference})
		if r.Status != test.status {
			t.Errorf("%s: %s: %s, want %s", test.name, r.Status, r.Reason, test.status)
		}
	}
}

func TestInTheWay(t *testing.T) {
	at := func(hop, exchange int, k history.Kind, status int, data string) history.Event {
		return history.Event{From: history.AtHop, Hop: hop, Conn: 1, Exchange: exchange, Kind: k, Status: status, Data: []byte(data)}
	}
	request := func(hop, n, status int, body string) []history.Event {
		return []history.Event{
			at(hop, 0, history.RequestBegan, 0, ""), at(hop, n, history.RequestHead, 0, "POST / HTTP/1.1\r\n\r\n"),
			at(hop, n, history.RequestDone, 0, body), at(hop, n, history.AnswerHead, status, "HTTP/1.1"),
		}
	}
	digest := []history.Event{
		at(1, 0, history.RequestBegan, 0, ""), at(1, 1, history.RequestHead, 0, "GET /squid-internal-periodic/store_digest HTTP/1.1\r\n\r\n"),
		at(1, 1, history.RequestDone, 0, ""), at(1, 1, history.AnswerHead, 405, "HTTP/1.1"),
	}
	short := []FaultReport{{Text: "hop 0: on SB poll 2, answer: length wrong -6", Fired: 1}, {Text: "hop 1: on MSG 2: close"}}
	for _, test := range []struct {
		name   string
		faults []FaultReport
		events []history.Event
		want   string
	}{
		{"nothing came", nil, nil, "no request reached the first hop"},
		{"forbidden", nil, slices.Concat(request(0, 1, 403, "VER"), request(0, 2, 403, "")), "403 to everything"},
		{"forbidden, and the proxy asks for itself", nil, slices.Concat(request(0, 1, 403, "VER"), digest), "403 to everything"},
		{"a body is dropped", nil, slices.Concat(request(0, 1, 200, "VER"), request(1, 1, 200, "")), "the body of request 1 is there at hop 0 and missing at hop 1"},
		{"bodies come through", nil, slices.Concat(request(0, 1, 502, "VER"), request(1, 1, 200, "VER")), "502 to everything"},
		{"bodies of a byte come through", nil, slices.Concat(request(0, 1, 502, "V"), request(1, 1, 200, "V")), "502 to everything"},
		{"some are refused", nil, slices.Concat(request(0, 1, 200, "VER"), request(0, 2, 502, "")), "502 to 1 of 2 requests"},
		{"one sort of refusal as often as another", nil, slices.Concat(request(0, 1, 502, "VER"), request(0, 2, 200, ""), request(0, 3, 403, "")), "403 to 1 of 3 requests"},
		{"one more often", nil, slices.Concat(request(0, 1, 502, "VER"), request(0, 2, 502, ""), request(0, 3, 403, "")), "502 to 2 of 3 requests"},
		{"all is well", nil, func() []history.Event {
			list := request(0, 1, 200, "VER")
			list[3].Data = []byte("HTTP/1.1 200 OK\r\nX-MSN-Messenger: SessionID=1\r\n\r\n")
			return list
		}(), "an answer to every request"},
		{"a portal", nil, request(0, 1, 200, "VER"), "a page of somebody else's in answer to all of 1 requests"},
		{"none is answered", nil, request(0, 1, 0, "VER"), "no answer to any of 1 requests"},
		{"an answer is falsified", short, request(0, 1, 200, "X-MSN"), "a page of somebody else's in answer to all of 1 requests, and hop 0: on SB poll 2, answer: length wrong -6"},
	} {
		if got := inTheWay(Outcome{Events: test.events, Result: Result{Faults: test.faults}, reader: reading.MSN{}}); got != test.want {
			t.Errorf("%s: %q, want %q", test.name, got, test.want)
		}
	}
}

func TestNobody(t *testing.T) {
	for _, test := range []struct {
		reference Result
		want      string
	}{
		{with(survives, oracle.Fail, carriedOut, oracle.Fail), "nobody gets through here: "},
		{with(survives, oracle.Fail, carriedOut, oracle.Pass), "nobody could do this here: "},
	} {
		r := with(survives, oracle.Fail)
		r.Confirm(cut(), Outcome{Result: test.reference})
		if got := r.verdict(survives).Reason; !strings.HasPrefix(got, test.want) {
			t.Errorf("%q, want %q", got, test.want)
		}
	}
}

// Where the reference client cannot sign in, who gives up is not to blame, though
// that one went on; where it can, who gives up is; and a slip of the client's own is
// its own in either.
func TestWhoGivesUpWhereNobodyGetsThrough(t *testing.T) {
	const form = "exchange.form"
	for name, test := range map[string]struct {
		id   requirement.ID
		kind history.Kind
		want oracle.Status
	}{
		"in vain":             {survives, history.StepFailed, oracle.Blocked},
		"it can be done":      {survives, history.StepDone, oracle.Fail},
		"a slip all the same": {form, history.StepFailed, oracle.Fail},
	} {
		r := with(test.id, oracle.Fail)
		r.Confirm(cut(), Outcome{Result: with(test.id, oracle.Pass, carriedOut, oracle.Fail), Events: []history.Event{{From: history.AtRig, Kind: test.kind, Text: "sign in"}}, reader: reading.MSN{}})
		if got := r.verdict(test.id); got.Status != test.want {
			t.Errorf("%s: %s, %s", name, got.Status, got.Reason)
		}
	}
}

// A run that was ended early knows not all simpler worlds: what of this one was
// too much cannot be said yet, and must not stand when the rest is known.
func TestCompareNamesNothingTooSoon(t *testing.T) {
	plain, box := with(carriedOut, oracle.Pass), with(carriedOut, oracle.Fail)
	r := with(survives, oracle.Pass, carriedOut, oracle.Fail)
	r.Compare(cut(), []Baseline{{Undisturbed, &plain}})
	if r.verdict(survives).Status != oracle.Pass {
		t.Errorf("put down to the fault, and nobody knows of the box: %s", r.Reason)
	}
	if r.Compare(cut(), []Baseline{{Undisturbed, &plain}, {WithBox, &box}}); r.Accuses() || r.Status != oracle.Blocked {
		t.Errorf("%s: %s", r.Status, r.Reason)
	}
}

// A fault that never struck was not too much.
func TestCompareNamesNoFaultThatNeverFired(t *testing.T) {
	sound := with(carriedOut, oracle.Pass)
	for _, fired := range []int{0, 1} {
		r := with(survives, oracle.Inconclusive, carriedOut, oracle.Fail)
		r.Faults = []FaultReport{{Text: "hop 0: reset", Fired: fired}}
		r.Compare(cut(), []Baseline{{Undisturbed, &sound}, {WithBox, &sound}})
		if named := r.verdict(survives).Status == oracle.Fail; named != (fired > 0) || r.Status != oracle.Fail {
			t.Errorf("fired %d times: %s: %s", fired, r.Status, r.Reason)
		}
	}
}

// The cause by which a client gave up is no more the client's than that it did:
// where the reference client gives up too, nobody is accused.
func TestConfirmWhatWasNamed(t *testing.T) {
	sound := with(carriedOut, oracle.Pass)
	for _, test := range []struct {
		name      string
		reference Result
		status    oracle.Status
	}{
		{"gives up too", with(survives, oracle.Pass, carriedOut, oracle.Fail), oracle.Blocked},
		{"does not", with(survives, oracle.Pass, carriedOut, oracle.Pass), oracle.Fail},
		{"was not asked what the case is about, and does not", with(survives, oracle.Inconclusive, carriedOut, oracle.Pass), oracle.Fail},
	} {
		r := with(survives, oracle.Pass, carriedOut, oracle.Fail)
		r.Compare(cut(), []Baseline{{Undisturbed, &sound}, {WithBox, &sound}})
		r.Confirm(cut(), Outcome{Result: test.reference})
		if r.Status != test.status {
			t.Errorf("%s: %s: %s, want %s", test.name, r.Status, r.Reason, test.status)
		}
	}
}

// What was Blocked when it was run is no failure when it is judged again, and
// no pass is made of anything.
func TestUphold(t *testing.T) {
	blocked := with(survives, oracle.Blocked, carriedOut, oracle.Pass)
	since := with(survives, oracle.Fail, carriedOut, oracle.Pass)
	since.Verdicts[0].Since = string(WithBox)
	for _, test := range []struct {
		name      string
		now, then Result
		want      oracle.Status // of what the case is about
		status    oracle.Status
	}{
		{"it fails again", with(survives, oracle.Fail, carriedOut, oracle.Pass), blocked, oracle.Blocked, oracle.Blocked},
		{"it is seen to pass", with(survives, oracle.Pass, carriedOut, oracle.Pass), blocked, oracle.Pass, oracle.Pass},
		{"it is open now", with(survives, oracle.Inconclusive, carriedOut, oracle.Pass), blocked, oracle.Inconclusive, oracle.Inconclusive},
		{"a simpler world explains it", since, blocked, oracle.Fail, oracle.Blocked},
		{"a pass is not kept", with(survives, oracle.Fail, carriedOut, oracle.Pass), with(survives, oracle.Pass), oracle.Fail, oracle.Fail},
		{"it was open", with(survives, oracle.Fail, carriedOut, oracle.Pass), with(survives, oracle.Inconclusive), oracle.Fail, oracle.Fail},
		{"and something else fails", with(survives, oracle.Fail, tooOften, oracle.Fail), blocked, oracle.Blocked, oracle.Fail},
		{"of another judgement", with(survives, oracle.Fail), Result{}, oracle.Fail, oracle.Fail},
	} {
		r := test.now
		r.Uphold(cut(), test.then)
		if r.Verdicts[0].Status != test.want || r.Status != test.status {
			t.Errorf("%s: %s, case %s: %s", test.name, r.Verdicts[0].Status, r.Status, r.Reason)
		}
	}
	broken := Result{Status: oracle.Broken, Reason: "ours"}
	if broken.Uphold(cut(), blocked); broken.Status != oracle.Broken || broken.Reason != "ours" {
		t.Errorf("%s: %s", broken.Status, broken.Reason)
	}
}

// Only what fails here has a beginning, and only what nobody could do is Blocked.
func TestCompareLeavesTheRest(t *testing.T) {
	r := with(survives, oracle.Inconclusive, carriedOut, oracle.Pass, tooOften, oracle.Pass)
	before := with(survives, oracle.Fail, carriedOut, oracle.Blocked, tooOften, oracle.Fail)
	r.Compare(cut(), []Baseline{{Undisturbed, &before}, {WithBox, &before}})
	for i, want := range []oracle.Status{oracle.Inconclusive, oracle.Pass, oracle.Pass} {
		if v := r.Verdicts[i]; v.Status != want || v.Since != "" {
			t.Errorf("%s: %s since %q", v.Requirement, v.Status, v.Since)
		}
	}
	r.Confirm(cut(), Outcome{Result: with(carriedOut, oracle.Fail, tooOften, oracle.Fail)})
	if r.Verdicts[1].Status != oracle.Pass {
		t.Error("what the reference client cannot do, and this one can, is a pass")
	}
}

func TestInheritNeedsASilence(t *testing.T) {
	const keepsGoing, recovers = requirement.ID("poll.keeps-going"), requirement.ID("connection.recovers")
	sound := with(keepsGoing, oracle.Pass, recovers, oracle.Pass, carriedOut, oracle.Pass)
	r := with(recovers, oracle.Fail, carriedOut, oracle.Pass) // of silence nothing is known
	if r.Compare(cut(), []Baseline{{Undisturbed, &sound}}); r.verdict(recovers).Since != "" {
		t.Errorf("%+v", r.Verdicts)
	}
	plain, box := with(recovers, oracle.Fail, keepsGoing, oracle.Pass), with(recovers, oracle.Fail, keepsGoing, oracle.Fail)
	r = with(keepsGoing, oracle.Fail, recovers, oracle.Fail)
	if r.Compare(cut(), []Baseline{{Undisturbed, &plain}, {WithBox, &box}}); r.verdict(recovers).Since != string(Undisturbed) {
		t.Errorf("its own beginning is the earlier: %+v", r.Verdicts)
	}
}

// What comes of an end is told where that is, and does not say what was too much.
func TestCompareWhatComesOfAnEnd(t *testing.T) {
	const lost = requirement.ID("command.not-lost")
	ended := func() Result {
		r := with(survives, oracle.Pass, carriedOut, oracle.Fail)
		r.Verdicts = append(r.Verdicts, ofEnd(lost))
		return r
	}
	before, r := with(carriedOut, oracle.Fail, lost, oracle.Pass), ended()
	if r.Compare(cut(), []Baseline{{Undisturbed, &before}, {WithBox, &before}}); r.verdict(lost).Since != string(Undisturbed) || r.Accuses() {
		t.Errorf("%s: %+v", r.Reason, r.Verdicts)
	}
	blocked := with(carriedOut, oracle.Blocked, lost, oracle.Pass)
	r = ended()
	if r.Compare(cut(), []Baseline{{Undisturbed, &blocked}, {WithBox, &blocked}}); r.verdict(lost).Status != oracle.Blocked {
		t.Errorf("%s: %+v", r.Reason, r.Verdicts)
	}
	r = ended()
	if r.Confirm(cut(), Outcome{Result: with(carriedOut, oracle.Fail, lost, oracle.Pass)}); r.verdict(lost).Status != oracle.Blocked {
		t.Errorf("%s: %+v", r.Reason, r.Verdicts)
	}
	sound := with(carriedOut, oracle.Pass, lost, oracle.Pass)
	r = ended()
	if r.Compare(cut(), []Baseline{{Undisturbed, &sound}, {WithBox, &sound}}); r.verdict(survives).Status != oracle.Fail || r.verdict(lost).Since != "" {
		t.Errorf("%s: %+v", r.Reason, r.Verdicts)
	}
	about := cut()
	about.Proves = []requirement.ID{lost}
	r = ended()
	if r.Compare(about, []Baseline{{Undisturbed, &sound}, {WithBox, &sound}}); !strings.HasPrefix(r.Reason, string(carriedOut)+": with ") {
		t.Error(r.Reason)
	}
}

func TestNameCause(t *testing.T) {
	sound, gone := with(carriedOut, oracle.Pass), with(carriedOut, oracle.Fail)
	r := with(survives, oracle.Pass, carriedOut, oracle.Fail)
	r.Fates = []fate.Fate{{Exchange: 7}, {Exchange: 0}}
	r.Compare(cut(), []Baseline{{Undisturbed, &sound}, {WithBox, &sound}})
	if v := r.verdict(survives); v.Checked != 2 || !slices.Equal(v.Exchanges, []int{7}) {
		t.Errorf("%+v", v)
	}
	r = with(survives, oracle.Pass, carriedOut, oracle.Fail)
	if r.Compare(cut(), []Baseline{{Undisturbed, &gone}, {WithBox, &sound}}); r.verdict(survives).Status != oracle.Pass || r.Accuses() {
		t.Errorf("it gave up undisturbed as well: %s", r.Reason)
	}
	r = with(carriedOut, oracle.Fail) // of what the case is about nothing is known
	if r.Compare(cut(), []Baseline{{Undisturbed, &sound}, {WithBox, &sound}}); !strings.HasPrefix(r.Reason, "command.carried-out: with hop 0") {
		t.Error(r.Reason)
	}
	strange := odd(cut())
	strange.Chain, strange.Faults, strange.Knobs = nil, nil, []catalogue.Knob{{Name: "think", Value: "2s"}}
	r = with(survives, oracle.Pass, carriedOut, oracle.Fail)
	if r.Compare(strange, []Baseline{{Undisturbed, &sound}}); !strings.HasPrefix(r.Reason, "connection.session-survives: with a strict gateway, think 2s the client gave up") {
		t.Error(r.Reason)
	}
}
