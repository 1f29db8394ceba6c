package rig

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"gauntlet/harness/judge/oracle"
	"gauntlet/harness/judge/requirement"
	"gauntlet/harness/run/catalogue"
	"gauntlet/harness/run/workload"
	"gauntlet/proxies"
	"gauntlet/proxies/fault"
)

// breaks is of a client that goes on with its session unless a fault fires.
func breaks(c catalogue.Case) Result {
	if len(c.Faults) > 0 {
		return with(survives, oracle.Fail, carriedOut, oracle.Pass)
	}
	return with(survives, oracle.Pass, carriedOut, oracle.Pass)
}

// made performs cases by making up their results, in the order or backwards.
func made(result func(catalogue.Case) Result, backwards bool, ran *[]string) Runner {
	return func(ctx context.Context, cases []catalogue.Case, done func(Outcome)) error {
		list := slices.Clone(cases)
		if backwards {
			slices.Reverse(list)
		}
		for _, c := range list {
			*ran = append(*ran, c.ID)
			done(Outcome{Case: c, Result: result(c)})
		}
		return ctx.Err()
	}
}

func TestSuite(t *testing.T) {
	failing := func(c catalogue.Case) Result {
		if len(c.Faults) > 0 || len(c.Chain) > 0 {
			return with(survives, oracle.Fail, carriedOut, oracle.Pass)
		}
		return with(carriedOut, oracle.Pass)
	}
	passing := func(catalogue.Case) Result { return with(survives, oracle.Pass, carriedOut, oracle.Pass) }
	for _, test := range []struct {
		name      string
		together  bool
		reference func(catalogue.Case) Result
		want      oracle.Status
	}{
		{"one world after the other", false, nil, oracle.Blocked},
		{"all at once", true, nil, oracle.Blocked},
		{"confirmed by one who can", false, passing, oracle.Blocked},
		{"confirmed by one who can, all at once", true, passing, oracle.Blocked},
		{"nobody can", true, failing, oracle.Blocked},
	} {
		t.Run(test.name, func(t *testing.T) {
			var ran, asked []string
			got := map[string]Result{}
			s := Suite{Run: made(failing, test.together, &ran), ConcurrentControls: test.together, Done: func(o Outcome) { got[o.Case.ID] = o.Result }}
			if test.reference != nil {
				s.Reference = made(test.reference, false, &asked)
			}
			if err := s.Certify(t.Context(), []catalogue.Case{cut()}); err != nil {
				t.Fatal(err)
			}
			if len(ran) != 3 || len(got) != 3 {
				t.Fatalf("ran %q, heard of %d", ran, len(got))
			}
			if r := got["cut"]; r.Status != test.want {
				t.Errorf("%s: %s", r.Status, r.Reason)
			}
			box := got[ControlsOf(cut())[1].Case.ID]
			if nobody := test.name == "nobody can"; (box.Status == oracle.Blocked) != nobody {
				t.Errorf("with the box it is %s: %s", box.Status, box.Reason)
			}
			if test.reference != nil && len(asked) != 1 {
				t.Errorf("the reference client was asked %q: what fails since a simpler world is confirmed there", asked)
			}
		})
	}
}

// What has come out when a run is cut short is handed over all the same.
func TestSuiteCutShort(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	var heard []string
	s := Suite{ConcurrentControls: true, Done: func(o Outcome) { heard = append(heard, o.Case.ID) }, Run: func(ctx context.Context, cases []catalogue.Case, done func(Outcome)) error {
		last := cases[len(cases)-1]
		done(Outcome{Case: last, Result: with(survives, oracle.Fail)})
		cancel()
		return ctx.Err()
	}}
	if err := s.Certify(ctx, []catalogue.Case{cut()}); err == nil {
		t.Error("it did not say that it was cut short")
	}
	if !slices.Equal(heard, []string{"cut"}) {
		t.Errorf("heard of %q", heard)
	}
}

// A run that ends early says so, in whatever order its cases are run.
func TestSuiteSaysThatItWasCutShort(t *testing.T) {
	for _, together := range []bool{false, true} {
		for last := range 3 {
			left := last
			s := Suite{ConcurrentControls: together, Done: func(Outcome) {}, Run: func(context.Context, []catalogue.Case, func(Outcome)) error {
				if left--; left < 0 {
					return context.Canceled
				}
				return nil
			}}
			if err := s.Certify(t.Context(), []catalogue.Case{cut()}); (err == nil) != (together && last > 0) {
				t.Errorf("together %t, ended in the run number %d: %v", together, last+1, err)
			}
		}
	}
}

// The name of a control has all that makes it another than the rest.
func TestNamesOfControls(t *testing.T) {
	c := odd(cut())
	c.Knobs, c.Think, c.Clients = []catalogue.Knob{{Name: "ids", Value: "odd"}}, 50*time.Millisecond, 2
	c.Contact, c.Level, c.Proxy = proxies.Chain{{Kind: proxies.Forward, Port: 8081}}, requirement.Should, catalogue.SwitchedOff
	want := []string{
		"control: direct; documented gateway; think 50ms; direct; contact forward port 8081; switched off; should; sign in; sign out",
		"control: direct; strict gateway; ids odd; think 50ms; direct; contact forward port 8081; switched off; should; sign in; sign out",
		"control: box; strict gateway; ids odd; think 50ms; forward port 8080; contact forward port 8081; 2 clients; switched off; should; sign in; sign out",
	}
	told := cut()
	told.Proxy = catalogue.ConnectProxy // of the box
	want = append(want, "control: direct; documented gateway; think 0s; direct; sign in; sign out",
		"control: box; documented gateway; think 0s; forward port 8080; connect proxy; sign in; sign out")
	for i, k := range append(ControlsOf(c), ControlsOf(told)...) {
		if k.Case.ID != want[i] || len(k.Case.Proves) != 1 || k.Case.Proves[0] != carriedOut {
			t.Errorf("%q\nwant %q", k.Case.ID, want[i])
		}
	}
}

func TestSpare(t *testing.T) {
	var ran []string
	s := Suite{Spare: true, Run: made(func(catalogue.Case) Result { return with(carriedOut, oracle.Fail) }, false, &ran), Done: func(Outcome) {}}
	if err := s.Certify(t.Context(), []catalogue.Case{cut()}); err != nil || len(ran) != 1 {
		t.Errorf("%v, ran %q: what is too much undisturbed is not tried with a box", err, ran)
	}
}

// Controls that differ are told apart, and what cannot be run is none.
func TestControlsAreTheirOwn(t *testing.T) {
	ids := map[string]bool{}
	for _, change := range []func(*catalogue.Case){
		func(*catalogue.Case) {},
		func(c *catalogue.Case) { c.Think = time.Second },
		func(c *catalogue.Case) { c.Contact = proxies.Chain{{Kind: proxies.Forward, Port: 8080}} },
		func(c *catalogue.Case) { c.Level = requirement.Should },
		func(c *catalogue.Case) { c.Workload = c.Workload[:1] },
	} {
		c := cut()
		change(&c)
		ids[ControlsOf(c)[0].Case.ID] = true
	}
	if len(ids) != 5 {
		t.Errorf("%d of 5: %v", len(ids), ids)
	}
	other := cut()
	other.ID = "other"
	var heard []string
	s := Suite{
		Runs: func(c catalogue.Case) bool { return c.ID != "other" && len(c.Chain) == 0 || c.ID == "cut" },
		Run:  made(func(catalogue.Case) Result { return with(carriedOut, oracle.Pass) }, false, &heard), Done: func(Outcome) {},
	}
	if err := s.Certify(t.Context(), []catalogue.Case{cut(), other}); err != nil || len(heard) != 3 {
		t.Errorf("%v, ran %q: one control that can be run, and the cases", err, heard)
	}
}

// What cannot succeed for a fault can without it, with the same box.
// A gateway that moves without saying where to is lost to everybody: the documented one
// stays.
func TestTheDocumentedGatewayStays(t *testing.T) {
	c := odd(cut())
	c.Workload = workload.Script{{Verb: workload.SignIn}, {Verb: workload.Move}, {Verb: workload.SignOut}}
	var moves []bool
	for _, k := range ControlsOf(c) {
		moves = append(moves, has(k.Case.Workload, workload.Move))
	}
	if want := []bool{false, true, true}; !slices.Equal(moves, want) || !has(c.Workload, workload.Move) {
		t.Errorf("%v, want %v", moves, want)
	}
}

func TestControlsOfWhatIsInVain(t *testing.T) {
	c := cut()
	c.Workload = workload.Script{{Verb: workload.Vain, For: time.Minute}}
	for _, control := range ControlsOf(c) {
		if got := control.Case.Workload.String(); got != "sign in; stay 1m0s; sign out" {
			t.Errorf("%s: %s", control.World, got)
		}
	}
}

func TestControlsOfACertificateThatIsNobodysToTake(t *testing.T) {
	for front, want := range map[string]string{"tls-expired": "tls", "tls-untrusted": "tls", "tls-another-name": "tls", "tls-by-name": "tls-by-name"} {
		c := cut()
		c.Knobs = []catalogue.Knob{{Name: "idle", Value: "2m"}, {Name: "front", Value: front}}
		controls := ControlsOf(c)
		if len(controls) != 3 || frontOf(c) != front {
			t.Fatalf("%s: %+v", front, controls)
		}
		for i, control := range controls {
			if got := frontOf(control.Case); got != []string{"plain", want, want}[i] {
				t.Errorf("%s, %s: %s", front, control.World, got)
			}
		}
	}
}

// Cases are spared where they are asked to be, and where nothing is known of the
// simpler world's end.
func TestSpareOnlyWhenAsked(t *testing.T) {
	for _, test := range []struct {
		spare   bool
		control Result
		want    int
	}{{false, with(carriedOut, oracle.Fail), 3}, {true, with(survives, oracle.Pass), 1}, {true, with(carriedOut, oracle.Pass), 3}} {
		var ran []string
		s := Suite{Spare: test.spare, Run: made(func(catalogue.Case) Result { return test.control }, false, &ran), Done: func(Outcome) {}}
		if err := s.Certify(t.Context(), []catalogue.Case{cut()}); err != nil || len(ran) != test.want {
			t.Errorf("%v, ran %q, want %d", err, ran, test.want)
		}
	}
}

// A confirmation that the machine spoilt says nothing: it is asked for again, alone.
func TestAStalledConfirmationIsRepeated(t *testing.T) {
	asked := 0
	late := func(catalogue.Case) Result {
		if asked++; asked > 1 {
			return with(survives, oracle.Fail, carriedOut, oracle.Pass)
		}
		r := with(survives, oracle.Inconclusive, carriedOut, oracle.Pass)
		r.Status, r.Stalled = oracle.Inconclusive, true
		return r
	}
	var ran, theirs []string
	var got Result
	s := Suite{Run: made(breaks, false, &ran), Reference: made(late, false, &theirs), ConcurrentControls: true, Done: func(o Outcome) { got = o.Result }}
	if err := s.Certify(t.Context(), []catalogue.Case{cut()}); err != nil {
		t.Fatal(err)
	}
	if asked != 2 || got.Status != oracle.Blocked {
		t.Errorf("asked %d times, and the case is %s: %s", asked, got.Status, got.Reason)
	}
}

// Where a run is ended before the reference client has confirmed what is broken, the
// case is not finished.
func TestAConfirmationThatIsCutShortAccusesNobody(t *testing.T) {
	for _, together := range []bool{true, false} {
		ctx, end := context.WithCancel(t.Context())
		var got []oracle.Status
		s := Suite{Run: made(breaks, false, new([]string)), ConcurrentControls: together, Done: func(o Outcome) { got = append(got, o.Result.Status) }}
		s.Reference = func(ctx context.Context, _ []catalogue.Case, _ func(Outcome)) error {
			end()
			return ctx.Err()
		}
		if err := s.Certify(ctx, []catalogue.Case{cut()}); err == nil || slices.Contains(got, oracle.Fail) || len(got) == 0 {
			t.Errorf("together %t: %v, %v", together, err, got)
		}
	}
}

// The same holds for the second confirmation, where the first was no evidence.
func TestASecondConfirmationThatIsCutShortAccusesNobody(t *testing.T) {
	ctx, end := context.WithCancel(t.Context())
	var got []oracle.Status
	s := Suite{Run: made(breaks, false, new([]string)), ConcurrentControls: true, Done: func(o Outcome) { got = append(got, o.Result.Status) }}
	asked := 0
	s.Reference = func(ctx context.Context, cases []catalogue.Case, done func(Outcome)) error {
		if asked++; asked > 1 {
			end()
			return ctx.Err()
		}
		stalled := with(survives, oracle.Inconclusive, carriedOut, oracle.Pass)
		stalled.Status, stalled.Stalled = oracle.Inconclusive, true
		done(Outcome{Case: cases[0], Result: stalled})
		return nil
	}
	if err := s.Certify(ctx, []catalogue.Case{cut()}); err == nil || slices.Contains(got, oracle.Fail) || asked < 2 {
		t.Errorf("asked %d times: %v, %v", asked, err, got)
	}
}

// Where something of ours breaks as the reference client is asked, it is asked again.
func TestAConfirmationThatBreaksIsAskedForAgain(t *testing.T) {
	got := map[string]oracle.Status{}
	s := Suite{Run: made(breaks, false, new([]string)), ConcurrentControls: true, Done: func(o Outcome) { got[o.Case.ID] = o.Result.Status }}
	asked := 0
	s.Reference = func(_ context.Context, cases []catalogue.Case, done func(Outcome)) error {
		said := Result{Status: oracle.Broken, Reason: "squid did not come up"}
		if asked++; asked > 1 {
			said = with(survives, oracle.Fail, carriedOut, oracle.Pass)
		}
		done(Outcome{Case: cases[0], Result: said})
		return nil
	}
	if err := s.Certify(t.Context(), []catalogue.Case{cut()}); err != nil || asked != 2 || got[cut().ID] != oracle.Blocked {
		t.Errorf("asked %d times: %v, %v", asked, err, got)
	}
}

// A case that takes long begins first, with and without controls along with it: if it
// accuses, its confirmation takes as long again, and is not to begin when all else is over.
func TestTheLongestBeginsFirst(t *testing.T) {
	for _, together := range []bool{true, false} {
		short, long := cut(), cut()
		short.ID, long.ID = "short", "long"
		long.Faults = []fault.Fault{{Effect: fault.Effect{Name: "stale answer"}}}
		accused := func(c catalogue.Case) Result {
			if c.ID == "long" {
				return with(survives, oracle.Fail, carriedOut, oracle.Pass)
			}
			return with(survives, oracle.Pass, carriedOut, oracle.Pass)
		}
		synctest.Test(t, func(t *testing.T) {
			began := time.Now()
			slowly := func(ctx context.Context, cases []catalogue.Case, done func(Outcome)) error {
				for _, c := range cases {
					time.Sleep(time.Minute)
					done(Outcome{Case: c, Result: accused(c)})
				}
				return ctx.Err()
			}
			s := Suite{Run: slowly, Reference: slowly, ConcurrentControls: together, Done: func(Outcome) {}}
			cases := []catalogue.Case{short, long}
			if err := s.Certify(t.Context(), cases); err != nil || time.Since(began) != 4*time.Minute {
				t.Errorf("together %t: %v, over after %v: two controls and two cases, and nobody waits for the confirmation", together, err, time.Since(began))
			}
		})
	}
}

// Who runs a case waits for nothing that could have been asked meanwhile, and for nothing
// that is not wanted.
func TestAFewCasesAreConfirmedWhileTheyRun(t *testing.T) {
	passes := func(catalogue.Case) Result { return with(survives, oracle.Pass, carriedOut, oracle.Pass) }
	lasting := func(length time.Duration, judge func(catalogue.Case) Result) Runner {
		return func(ctx context.Context, cases []catalogue.Case, done func(Outcome)) error {
			select {
			case <-time.After(length):
			case <-ctx.Done():
				return ctx.Err()
			}
			return made(judge, false, new([]string))(ctx, cases, done)
		}
	}
	for name, test := range map[string]struct {
		ahead  bool
		cases  int
		client func(catalogue.Case) Result
		want   time.Duration
	}{
		"one":            {true, 1, breaks, 25 * time.Second},
		"one that holds": {true, 1, passes, 20 * time.Second},
		"many":           {true, 9, breaks, 95 * time.Second},
		"not ahead":      {false, 1, breaks, 45 * time.Second},
	} {
		synctest.Test(t, func(t *testing.T) {
			cases := make([]catalogue.Case, test.cases)
			for n := range cases {
				cases[n] = cut()
				cases[n].ID = fmt.Sprint(n)
			}
			s := Suite{
				Run: lasting(20*time.Second, test.client), Reference: lasting(25*time.Second, passes),
				ConcurrentControls: true, Ahead: test.ahead, Done: func(Outcome) {},
			}
			began := time.Now()
			if err := s.Certify(t.Context(), cases); err != nil || time.Since(began) != test.want {
				t.Errorf("%s: %s, want %s; %v", name, time.Since(began), test.want, err)
			}
		})
	}
}

// Whoever is accused waits for the reference client, which runs so often at a time as the
// session bears.
func TestSessionConfirmsAsManyAsItBears(t *testing.T) {
	for confirmations, want := range map[int]int{0: usualConfirmations, 7: 7} {
		synctest.Test(t, func(t *testing.T) {
			var running, most atomic.Int64
			slow := func(ctx context.Context, cases []catalogue.Case, done func(Outcome)) error {
				most.Store(max(most.Load(), running.Add(1)))
				time.Sleep(time.Minute)
				running.Add(-1)
				return made(breaks, false, new([]string))(ctx, cases, done)
			}
			var cases []catalogue.Case
			for n := range 20 {
				c := cut()
				c.ID = fmt.Sprint(n)
				cases = append(cases, c)
			}
			s := Suite{Run: made(breaks, false, new([]string)), Reference: slow, Done: func(Outcome) {}}
			if err := NewSession(confirmations).Certify(t.Context(), s, cases); err != nil || most.Load() != int64(want) {
				t.Errorf("%d at a time, want %d, %v", most.Load(), want, err)
			}
		})
	}
}

// Suites of one session share their controls, also while these are under way.
func TestSessionRunsAControlOnce(t *testing.T) {
	session, begun, finish := NewSession(0), make(chan struct{}), make(chan struct{})
	passing := func(catalogue.Case) Result { return with(survives, oracle.Pass, carriedOut, oracle.Pass) }
	slow := func(ctx context.Context, cases []catalogue.Case, done func(Outcome)) error {
		close(begun)
		<-finish
		return made(passing, false, new([]string))(ctx, cases, done)
	}
	var second []string
	other := cut()
	other.ID = "other"
	results := make(chan Result, 2)
	cases := func(o Outcome) {
		if !o.Control {
			results <- o.Result
		}
	}
	errs := make(chan error, 1)
	go func() {
		errs <- session.Certify(t.Context(), Suite{Run: slow, ConcurrentControls: true, Done: cases}, []catalogue.Case{cut()})
	}()
	<-begun
	quick := func(ctx context.Context, cases []catalogue.Case, done func(Outcome)) error {
		defer close(finish)
		return made(passing, false, &second)(ctx, cases, done)
	}
	if err := session.Certify(t.Context(), Suite{Run: quick, ConcurrentControls: true, Done: cases}, []catalogue.Case{other}); err != nil {
		t.Fatal(err)
	}
	if err := <-errs; err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if r := <-results; r.Controls.Direct == nil || r.Controls.Box == nil {
			t.Errorf("%s was compared with %v", r.ID, r.Controls)
		}
	}
	if !slices.Equal(second, []string{"other"}) {
		t.Errorf("the second suite ran %q", second)
	}
}

// Each outcome that waits costs the others nothing when one more comes.
func TestWaitingIsPaidOnce(t *testing.T) {
	costs := func(n int) float64 {
		return testing.AllocsPerRun(1, func() {
			p := &progress{Suite: Suite{Done: func(Outcome) {}}, Session: NewSession(0), ctx: t.Context()}
			p.missing([]catalogue.Case{ControlsOf(cut())[0].Case})
			for range n {
				p.done(Outcome{Case: cut()})
			}
			p.settle()
		})
	}
	if few, many := costs(50), costs(200); many > 5*few {
		t.Errorf("200 outcomes that wait cost %.0f allocations, 50 cost %.0f", many, few)
	}
}

// What was no evidence goes to the runner that is there for it, all at once and the longest
// first, or to the usual one, one at a time, as they came; the second outcome counts, whatever it is.
func TestAgain(t *testing.T) {
	short, long := cut(), cut()
	for i, c := range []*catalogue.Case{&short, &long} {
		c.ID, c.Chain, c.Faults = []string{"short", "long"}[i], nil, nil
	}
	long.Workload = append(workload.Script{{Verb: workload.SignIn}, {Verb: workload.Stay, For: time.Minute}}, long.Workload[1:]...)
	lost := errors.New("no more namespaces")
	for _, test := range []struct {
		name   string
		apart  bool // there is a runner for it
		second Result
		fails  error
		runs   []string // what was run by which call
		again  bool     // the outcomes are those of the second run
	}{
		{"by the usual runner", false, with(survives, oracle.Pass), nil, []string{"usual: long short", "usual: long", "usual: short"}, true},
		{"by its own", true, with(survives, oracle.Pass), nil, []string{"usual: long short", "own: long short"}, true},
		{"in doubt again", true, spoilt(requirement.Must), nil, []string{"usual: long short", "own: long short"}, true},
		{"its own fails", true, Result{}, lost, []string{"usual: long short", "own: long short"}, false},
	} {
		var runs []string
		heard := map[string]Result{}
		runner := func(name string) Runner {
			return func(_ context.Context, cases []catalogue.Case, done func(Outcome)) error {
				again := len(runs) > 0
				var ids []string
				for _, c := range cases {
					ids = append(ids, c.ID)
				}
				runs = append(runs, name+": "+strings.Join(ids, " "))
				for _, c := range cases {
					switch {
					case !again:
						done(Outcome{Case: c, Result: spoilt(requirement.Must)})
					case test.fails == nil:
						done(Outcome{Case: c, Result: test.second})
					}
				}
				if again {
					return test.fails
				}
				return nil
			}
		}
		s := Suite{ConcurrentControls: true, Run: runner("usual"), Done: func(o Outcome) { heard[o.Case.ID] = o.Result }}
		if test.apart {
			s.Again = runner("own")
		}
		err := s.Certify(t.Context(), []catalogue.Case{short, long})
		if !errors.Is(err, test.fails) || test.fails == nil && err != nil || !slices.Equal(runs, test.runs) || len(heard) != 2 {
			t.Errorf("%s: %v, ran %q, heard of %d", test.name, err, runs, len(heard))
		}
		for id, r := range heard {
			if (r.Again != "") != test.again {
				t.Errorf("%s, %s: again %q", test.name, id, r.Again)
			}
		}
	}
}
