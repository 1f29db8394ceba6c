package rig

import (
	"context"
	"fmt"
	"reflect"
	"slices"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"gauntlet/harness/judge/history"
	"gauntlet/harness/judge/oracle"
	"gauntlet/harness/judge/requirement"
	msn "gauntlet/harness/msn/servers"
	"gauntlet/harness/run/adapter"
	"gauntlet/harness/run/catalogue"
	"gauntlet/harness/run/workload"
)

// A ticker that comes late is what a process sees of a machine that stood still.
// In a bubble nothing is ever late.
func TestHeartbeatIsQuietWhereNothingIsLate(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		late := 0
		var h heart
		stop := h.listen(func(time.Duration) { late++ })
		time.Sleep(time.Hour)
		if stop(); late != 0 {
			t.Errorf("%d stalls in a bubble", late)
		}
	})
}

// A beat that is late by a stall is told as that, and by less than one not at all.
func TestALateBeatIsTold(t *testing.T) {
	for late, want := range map[time.Duration][]time.Duration{stall: {stall}, stall - time.Millisecond: nil} {
		synctest.Test(t, func(t *testing.T) {
			var h heart
			var told []time.Duration
			stop := h.listen(func(late time.Duration) { told = append(told, late) })
			synctest.Wait()
			h.ticker.Reset(beat + late)
			time.Sleep(beat + late + time.Millisecond)
			stop()
			if !slices.Equal(told, want) {
				t.Errorf("told %v of a beat late by %v", told, late)
			}
		})
	}
}

// All who listen are told of a stall, each of what it can know of it, and nobody of less
// than a stall, or after having left.
func TestAHeartTellsAllWhoListen(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var h heart
		told := map[string][]time.Duration{}
		listen := func(name string) (stop func()) {
			return h.listen(func(late time.Duration) { told[name] = append(told[name], late) })
		}
		early := listen("early")
		gone := listen("gone")
		time.Sleep(beat + beat/2)
		gone()
		soon := listen("soon")
		time.Sleep(stall)
		late := listen("late")
		time.Sleep(stall - time.Millisecond)
		h.felt(h.quit, time.Now(), 3*stall)
		h.felt(h.quit, time.Now(), stall-time.Millisecond)
		before := h.quit
		early()
		soon()
		late()
		again := listen("again") // the first to listen, once more
		time.Sleep(stall)
		h.felt(before, time.Now(), stall) // of a goroutine that is on its way out
		h.felt(h.quit, time.Now(), stall)
		again()
		want := map[string][]time.Duration{"early": {beat + beat/2 + 2*stall - time.Millisecond}, "soon": {2*stall - time.Millisecond}, "again": {stall}}
		if !reflect.DeepEqual(told, want) {
			t.Errorf("told %v, not %v", told, want)
		}
	})
}

// There is a place more after each run that saw the machine keep up, and one less after
// each that did not, within what was said.
func TestThereIsRoomForWhatTheMachineKeepsUpWith(t *testing.T) {
	var stalls atomic.Int64
	r := newRoom(2, 4, &stalls)
	enter := func(want int) {
		t.Helper()
		free := cap(r.places) - len(r.places)
		for range free {
			r.enter(t.Context())
		}
		ended, cancel := context.WithCancel(t.Context())
		cancel()
		if r.enter(ended); free != want || len(r.places) != cap(r.places) {
			t.Errorf("there was room for %d more, not for %d", free, want)
		}
	}
	enter(2)
	r.leave()
	enter(2) // that one's, and one more
	r.leave()
	enter(2)
	r.leave()
	enter(1) // never more than four
	stalls.Add(3)
	r.leave()
	enter(0) // one less
	r.leave()
	enter(2) // it keeps up again
	for range 3 {
		stalls.Add(1)
		r.leave()
	}
	enter(1)
	stalls.Add(1)
	r.leave()
	enter(1) // never less than two
}

func TestAllowForStalls(t *testing.T) {
	stalled := func(ms ...int) []pause {
		var events []history.Event
		for _, n := range ms {
			events = append(events, history.Event{Kind: history.Stalled, Given: n})
		}
		return stalls(events)
	}
	for _, test := range []struct {
		name string
		id   requirement.ID
		late []pause
		want oracle.Status
	}{
		{"no stall", tooOften, nil, oracle.Fail},
		{"one of a margin's length", tooOften, stalled(100), oracle.Fail},
		{"one that is longer", tooOften, stalled(101), oracle.Inconclusive},
		{"the longest counts", tooOften, stalled(20, 300, 20), oracle.Inconclusive},
		{"a wide margin", survives, stalled(900), oracle.Fail},
		{"a wide margin passed", survives, stalled(1100), oracle.Inconclusive},
		{"what rests on no time", "session-id.newest", stalled(60_000), oracle.Fail},
	} {
		r := with(test.id, oracle.Fail)
		r.allowForStalls(test.late)
		if r.Verdicts[0].Status != test.want || r.Stalled != (test.want == oracle.Inconclusive) {
			t.Errorf("%s: %s: %s", test.name, r.Verdicts[0].Status, r.Verdicts[0].Reason)
		}
	}
	both := func(ordinal int) Result {
		r := with(requirement.ID("exchange.one-in-flight"), oracle.Fail, requirement.ID("session-id.newest"), oracle.Fail)
		r.Verdicts[0].Exchanges, r.Verdicts[1].Exchanges = []int{3, 4}, []int{ordinal}
		return r
	}
	for ordinal, want := range map[int]oracle.Status{4: oracle.Inconclusive, 5: oracle.Fail} {
		r := both(ordinal)
		if r.allowForStalls(stalled(300)); r.Verdicts[0].Status != oracle.Inconclusive || r.Verdicts[1].Status != want {
			t.Errorf("an id that is not the newest in exchange %d, beside an overlap that was taken back: %+v", ordinal, r.Verdicts)
		}
	}
	little := func(n int, apart time.Duration) (list []pause) { // that the machine stood still in all of it
		for i := range n {
			list = append(list, pause{time.Minute + time.Duration(i)*apart, 400 * time.Millisecond})
		}
		return list
	}
	for name, c := range map[string]struct {
		of   time.Duration
		late []pause
		want oracle.Status
	}{
		"20 s of a minute":                        {time.Minute, little(50, time.Second), oracle.Inconclusive},
		"20 s of ten minutes":                     {10 * time.Minute, little(50, 10*time.Second), oracle.Fail},
		"8 s of half a minute, in ten minutes":    {10 * time.Minute, little(20, 1500*time.Millisecond), oracle.Inconclusive},
		"and not quite, one after the other":      {10 * time.Minute, little(100, 1700*time.Millisecond), oracle.Fail},
		"a quarter of half a minute, and no more": {10 * time.Minute, append(little(18, time.Second), pause{77500 * time.Millisecond, 300 * time.Millisecond}), oracle.Fail},
		"and a little more":                       {10 * time.Minute, append(little(18, time.Second), pause{77500 * time.Millisecond, 301 * time.Millisecond}), oracle.Inconclusive},
		"but a little later":                      {10 * time.Minute, append(little(18, time.Second), pause{90 * time.Second, 301 * time.Millisecond}), oracle.Fail},
		"much of little":                          {10 * time.Second, little(12, 800*time.Millisecond), oracle.Fail},
	} {
		slow := with(carriedOut, oracle.Fail)
		slow.Protocol = c.of.Milliseconds()
		if slow.allowForStalls(c.late); slow.Verdicts[0].Status != c.want {
			t.Errorf("%s: %s", name, slow.Verdicts[0].Status)
		}
	}
	far := with(tooOften, oracle.Fail)
	far.Verdicts[0].Margin = 3 * time.Second
	if far.allowForStalls(stalled(1000)); far.Verdicts[0].Status != oracle.Fail || far.Stalled {
		t.Error("what is far beyond the limit was taken back")
	}
	unheard := with(requirement.ID("session-id.newest"), oracle.Fail)
	unheard.Verdicts[0].Margin = 200 * time.Millisecond
	if unheard.allowForStalls(stalled(300)); unheard.Verdicts[0].Status != oracle.Inconclusive {
		t.Error("what rests on time by its own word stands on a late machine")
	}
	ended := with(carriedOut, oracle.Fail)
	ended.Verdicts = append(ended.Verdicts, ofEnd("command.not-lost"), failed("answer.delivered"))
	if ended.allowForStalls(stalled(6000)); ended.Verdicts[1].Status != oracle.Inconclusive {
		t.Error("what comes of an end that a late machine explains stands")
	}
	passed := with(tooOften, oracle.Pass)
	if passed.allowForStalls(stalled(1000)); passed.Verdicts[0].Status != oracle.Pass || passed.Stalled {
		t.Error("a pass needs no excuse")
	}
}

// Nothing new is begun for a second after a stall, and for five at the longest.
func TestPulse(t *testing.T) {
	for name, c := range map[string]struct {
		stalls, ends int // how many stalls, one each 400 ms; when whoever waits gives up, in seconds
		want         time.Duration
	}{"none": {0, 60, 0}, "one": {1, 60, time.Second}, "three": {3, 60, 2 * time.Second}, "always": {100, 60, 5 * time.Second}, "nobody waits": {100, 3, 3 * time.Second}} {
		synctest.Test(t, func(t *testing.T) {
			p := pulse{stalled: make(chan struct{}, 1)}
			ctx, cancel := context.WithTimeout(t.Context(), time.Duration(c.ends)*time.Second)
			defer cancel()
			began := time.Now()
			if c.stalls > 0 {
				p.stalled <- struct{}{}
			}
			go func() {
				for i := 1; i < c.stalls && ctx.Err() == nil; i++ {
					select {
					case <-time.After(400 * time.Millisecond):
					case <-ctx.Done():
					}
					select {
					case p.stalled <- struct{}{}:
					default:
					}
				}
			}()
			if p.wait(ctx); time.Since(began) != c.want {
				t.Errorf("%s: %v, want %v", name, time.Since(began), c.want)
			}
		})
	}
}

// Where the machine does not keep up whatever is not begun, each wait is half as long as
// the one before; where it does again, they may be longer again.
func TestAWaitInVainHalvesTheNext(t *testing.T) {
	const ms = time.Millisecond
	for _, c := range []struct {
		name  string
		quiet []bool // whether nothing stalls from before each wait on
		want  []time.Duration
	}{
		{"never quiet", make([]bool, 7), []time.Duration{5000 * ms, 2500 * ms, 1250 * ms, 625 * ms, 313 * ms, 250 * ms, 250 * ms}},
		{"quiet once", []bool{false, false, true, false, false}, []time.Duration{5000 * ms, 2500 * ms, 0, 2500 * ms, 1250 * ms}},
		{"quiet again", []bool{false, false, true, true, false}, []time.Duration{5000 * ms, 2500 * ms, 0, 0, 5000 * ms}},
	} {
		synctest.Test(t, func(t *testing.T) {
			p := pulse{stalled: make(chan struct{}, 1)}
			var waited []time.Duration
			for _, quiet := range c.quiet {
				ctx, cancel := context.WithCancel(t.Context())
				stalled := func() {
					select {
					case p.stalled <- struct{}{}:
					default:
					}
				}
				if !quiet {
					stalled()
					go func() {
						for ticker := time.NewTicker(50 * ms); ctx.Err() == nil; <-ticker.C {
							stalled()
						}
					}()
					synctest.Wait()
				}
				began := time.Now()
				p.wait(t.Context())
				waited = append(waited, time.Since(began).Round(ms))
				cancel()
				time.Sleep(time.Second)
				p.late()
			}
			if !slices.Equal(waited, c.want) {
				t.Errorf("%s: waited %v, want %v", c.name, waited, c.want)
			}
		})
	}
}

// The margins of all that rests on time: a failure stands up to there, and not a
// millisecond beyond.
func TestMargins(t *testing.T) {
	want := map[requirement.ID]time.Duration{
		"exchange.one-in-flight": 100 * time.Millisecond, "poll.not-too-often": 100 * time.Millisecond, "poll.pace": 100 * time.Millisecond, "command.at-once": 100 * time.Millisecond,
		"connection.backs-off": 100 * time.Millisecond, "poll.keeps-going": time.Second, "connection.recovers": time.Second,
		"connection.session-survives": time.Second, "command.carried-out": 5 * time.Second, "answer.delivered": 5 * time.Second,
		"close.reopens-once": time.Second, "profile.accepted": time.Second, "route.file-told": time.Second, "route.challenge-told": time.Second,
	}
	for _, id := range requirement.IDs() {
		margin, timed := want[id]
		if !timed {
			margin = time.Hour
		}
		for late, want := range map[time.Duration]bool{margin: false, margin + time.Millisecond: timed} {
			r := with(id, oracle.Fail)
			if r.allowForStalls([]pause{{took: late}}); r.Stalled != want {
				t.Errorf("%s, late by %v: excused %t", id, late, r.Stalled)
			}
		}
	}
	r := with(tooOften, oracle.Fail)
	r.allowForStalls([]pause{{took: 20 * time.Millisecond}, {took: 300 * time.Millisecond}})
	if want := "this machine was too slow to tell: it stood still 2 times, 300ms at the longest; what was seen: of its own"; r.Verdicts[0].Reason != want {
		t.Errorf("%q, want %q", r.Verdicts[0].Reason, want)
	}
}

// spoilt is a run with a failure that could not stand, as the machine was too slow.
func spoilt(level requirement.Level) Result {
	r := with(survives, oracle.Fail)
	r.Verdicts[0].Level = level
	r.allowForStalls([]pause{{took: time.Minute}})
	r.settle(nil)
	return r
}

// What counts for nobody is not worth a second run.
func TestDoubts(t *testing.T) {
	for _, test := range []struct {
		name   string
		r      Result
		strict bool
		doubt  bool
	}{
		{"a must that was taken back", spoilt(requirement.Must), false, true},
		{"a should that was taken back", spoilt(requirement.Should), false, false},
		{"a should that counts, and was taken back", spoilt(requirement.Should), true, true},
		{"nothing was taken back", with(survives, oracle.Pass), true, false},
		{"what cannot be concluded for another reason", with(survives, oracle.Inconclusive), true, false},
	} {
		if got := test.r.doubt(test.strict); (got != "") != test.doubt {
			t.Errorf("%s: %q", test.name, got)
		}
	}
}

// A run that is no evidence is made once more, alone, and the second counts.
func TestSuiteRunsAgain(t *testing.T) {
	slow := spoilt(requirement.Must)
	idle := with(survives, oracle.Pass)
	idle.Faults = []FaultReport{{Text: "hop 0: on poll 9, answer: reset"}}
	idle.settle(nil)
	for _, test := range []struct {
		name          string
		first, second Result
		runs          int
		again         string
	}{
		{"too slow", slow, with(survives, oracle.Fail), 2, "this machine was too slow"},
		{"too slow twice", slow, slow, 2, "this machine was too slow"},
		{"never fired", idle, with(survives, oracle.Pass), 2, "a fault never fired"},
		{"evidence", with(survives, oracle.Fail), Result{}, 1, ""},
		{"failed, and slow", func() Result {
			r := with(survives, oracle.Fail)
			r.Stalled = true
			return r
		}(), Result{}, 1, ""},
	} {
		runs, alone := 0, false
		var got Result
		s := Suite{ConcurrentControls: true, Done: func(o Outcome) { got = o.Result }, Run: func(_ context.Context, cases []catalogue.Case, done func(Outcome)) error {
			for _, c := range cases {
				switch {
				case c.ID != "lone":
					done(Outcome{Case: c, Result: with(survives, oracle.Pass)})
				case runs == 0:
					runs++
					done(Outcome{Case: c, Result: test.first})
				default:
					runs, alone = runs+1, len(cases) == 1
					done(Outcome{Case: c, Result: test.second})
				}
			}
			return nil
		}}
		c := cut()
		c.ID, c.Chain, c.Faults = "lone", nil, nil
		if err := s.Certify(t.Context(), []catalogue.Case{c}); err != nil {
			t.Fatal(err)
		}
		if runs != test.runs || got.Again != test.again || (runs == 2) != alone {
			t.Errorf("%s: %d runs, again %q", test.name, runs, got.Again)
		}
	}
}

// What was no evidence when a run was ended in the middle is run once more when
// it goes on, and not merely said to have been.
func TestSuiteRunsAgainAfterResume(t *testing.T) {
	slow := spoilt(requirement.Must)
	lone := cut()
	lone.Chain, lone.Faults = nil, nil
	runs, heard := 0, []Result{}
	runner := func(_ context.Context, cases []catalogue.Case, done func(Outcome)) error {
		for _, c := range cases {
			runs++
			done(Outcome{Case: c, Result: with(survives, oracle.Pass)})
		}
		return nil
	}
	s := Suite{ConcurrentControls: true, Run: Continued(runner, map[string]Earlier{lone.ID: func() (Outcome, error) { return Outcome{Result: slow}, nil }}), Done: func(o Outcome) { heard = append(heard, o.Result) }}
	if err := s.Certify(t.Context(), []catalogue.Case{lone}); err != nil {
		t.Fatal(err)
	}
	if runs != 1 || len(heard) != 1 || heard[0].Again == "" || heard[0].Status != oracle.Pass {
		t.Errorf("%d runs: %+v", runs, heard)
	}
}

// Nothing else runs beside what is run alone, and of the reference client's runs
// not all at once: they would be late again.
func TestSuiteKeepsConfirmationsApart(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		slow := spoilt(requirement.Must)
		var cases []catalogue.Case
		for i := range 5 * usualConfirmations {
			c := cut()
			c.ID, c.Chain, c.Faults = fmt.Sprint(i), nil, nil
			cases = append(cases, c)
		}
		var now, peak atomic.Int32
		again, beside := false, false
		s := Suite{ConcurrentControls: true, Done: func(Outcome) {}}
		s.Reference = func(_ context.Context, cases []catalogue.Case, done func(Outcome)) error {
			peak.Store(max(peak.Load(), now.Add(1)))
			time.Sleep(time.Minute)
			now.Add(-1)
			done(Outcome{Case: cases[0], Result: with(survives, oracle.Pass)})
			return nil
		}
		s.Run = func(_ context.Context, cases []catalogue.Case, done func(Outcome)) error {
			for i, c := range cases {
				switch {
				case len(cases) == 1:
					again, beside = true, now.Load() > 0
					done(Outcome{Case: c, Result: with(survives, oracle.Pass)})
				case i == 0:
					done(Outcome{Case: c, Result: slow})
				default:
					done(Outcome{Case: c, Result: with(survives, oracle.Fail)})
				}
			}
			synctest.Wait()
			return nil
		}
		if err := s.Certify(t.Context(), cases); err != nil || !again || beside || peak.Load() > usualConfirmations {
			t.Errorf("%v, again %v, beside others %v, %d usualConfirmations at once", err, again, beside, peak.Load())
		}
	})
}

// A run that is ended when the second outcome is there has that one, once.
func TestSuiteRunsAgainAndIsCutShort(t *testing.T) {
	slow := spoilt(requirement.Must)
	lone := cut()
	lone.Chain, lone.Faults = nil, nil
	for _, test := range []struct {
		name   string
		second bool // came out before the end
		again  string
	}{{"after the second", true, "this machine was too slow"}, {"before the second", false, ""}} {
		var heard []Result
		runs := 0
		s := Suite{ConcurrentControls: true, Done: func(o Outcome) { heard = append(heard, o.Result) }, Run: func(_ context.Context, cases []catalogue.Case, done func(Outcome)) error {
			if runs++; runs == 1 {
				done(Outcome{Case: cases[0], Result: slow})
				return nil
			}
			if test.second {
				done(Outcome{Case: cases[0], Result: with(survives, oracle.Pass)})
			}
			return context.Canceled
		}}
		if err := s.Certify(t.Context(), []catalogue.Case{lone}); err == nil || len(heard) != 1 || heard[0].Again != test.again {
			t.Errorf("%s: %v, heard of %d: %+v", test.name, err, len(heard), heard)
		}
	}
}

func TestStalls(t *testing.T) {
	list := stalls([]history.Event{{Kind: history.Stalled, Given: 300}, {Kind: history.StepBegan, Given: 7}, {Kind: history.Stalled, At: time.Second, Given: 120}})
	if want := []pause{{0, 300 * time.Millisecond}, {time.Second, 120 * time.Millisecond}}; !slices.Equal(list, want) {
		t.Errorf("%v", list)
	}
	if timesOf(1) != "once" || timesOf(2) != "2 times" {
		t.Error(timesOf(1), timesOf(2))
	}
	r := with(carriedOut, oracle.Fail)
	if r.allowForStalls([]pause{{took: 4500 * time.Millisecond}}); r.Stalled {
		t.Error("half a second more would not have changed what took minutes")
	}
}

// passed is a history of requests that go through one box, at times in milliseconds.
type passed struct {
	events []history.Event
	number int
}

func (p *passed) add(hop, at int, kind history.Kind, data string) {
	p.events = append(p.events, history.Event{At: time.Duration(at) * time.Millisecond, From: history.AtHop, Hop: hop, Conn: 1, Exchange: p.number, Kind: kind, Data: []byte(data)})
}

// asks is a poll that the client begins to send at began and that has come whole at whole; the
// box hands it on at onward, is answered at came and answers at given; -1: never.
func (p *passed) asks(began, whole, onward, came, given int) {
	p.number++
	const ask, answer = "POST /gateway/gateway.dll?Action=poll&SessionID=%d.1 HTTP/1.1\r\nHost: gateway\r\n\r\n", "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"
	for hop, t := range [][4]int{{began, whole, given, given}, {onward, onward, came, came}} {
		for i, kind := range []history.Kind{history.RequestHead, history.RequestDone, history.AnswerHead, history.AnswerDone} {
			if t[0] < 0 || t[i] < 0 {
				continue
			}
			data := ""
			switch kind {
			case history.RequestHead:
				p.add(hop, t[i], history.RequestBegan, "")
				data = fmt.Sprintf(ask, p.number)
			case history.AnswerHead:
				data = answer
			}
			p.add(hop, t[i], kind, data)
			if kind == history.AnswerHead {
				p.events[len(p.events)-1].Status = 200
			}
		}
	}
}

func (p *passed) closes(at int) { p.add(0, at, history.Closed, "") }

// strikes is the case's fault, on the client's connection.
func (p *passed) strikes(at int, c catalogue.Case) {
	p.add(0, at, history.Fired, "")
	p.events[len(p.events)-1].Fault = c.Faults[0].String()
}

// Only a box's own delay counts, not that of the client, the servers or the faults.
func TestLateOnTheWay(t *testing.T) {
	free, coalesced := chained(t, "forward port 8080"), chained(t, "forward port 8080", "hop 0: on request 1, answer: coalesce 200ms, until 1h")
	stalled := chained(t, "forward port 8080", "hop 0: on poll 1, forward: stall for 20s")
	dribbled := chained(t, "forward port 8080", "hop 0: on connection 1: dribble 1 bytes every 2ms to client, until 1h")
	lossy, odd := chained(t, "forward port 8080", "hop 0: on poll 1, forward: blackhole"), chained(t, "forward fresh-upstream port 8080")
	gone := chained(t, "forward port 8080")
	gone.Workload = append(slices.Clone(gone.Workload), workload.Step{Verb: workload.Restart, For: time.Second})
	for _, test := range []struct {
		name string
		c    catalogue.Case
		tell func(p *passed, c catalogue.Case)
		late time.Duration
	}{
		{"nobody is late", free, func(p *passed, _ catalogue.Case) { p.asks(0, 1, 2, 50, 51) }, time.Millisecond},
		{"the box connects late", free, func(p *passed, _ catalogue.Case) { p.asks(0, 1, 20001, 20050, 20051) }, 20 * time.Second},
		{"the box answers late", free, func(p *passed, _ catalogue.Case) { p.asks(0, 1, 2, 50, 20050) }, 20 * time.Second},
		{"the gateway answers late", free, func(p *passed, _ catalogue.Case) { p.asks(0, 1, 2, 20050, 20051) }, time.Millisecond},
		{"the client sends slowly", free, func(p *passed, _ catalogue.Case) { p.asks(0, 20000, 20001, 20050, 20051) }, time.Millisecond},
		{"the client asks before it is answered", free, func(p *passed, _ catalogue.Case) {
			p.asks(0, 1, 2, 9000, 9001)
			p.asks(10, 11, 9002, 9003, 9004)
		}, time.Millisecond},
		{"the client gives up before the box has connected", free, func(p *passed, _ catalogue.Case) { p.asks(0, 1, -1, -1, -1); p.closes(20001) }, 20 * time.Second},
		{"the box answers by itself, and late", free, func(p *passed, _ catalogue.Case) { p.asks(0, 1, -1, -1, 20050) }, 0},
		{"and a fault would have held it for a while", coalesced, func(p *passed, c catalogue.Case) { p.strikes(0, c); p.asks(0, 1, -1, -1, -1); p.closes(20201) }, 20 * time.Second},
		{"a fault keeps it", lossy, func(p *passed, c catalogue.Case) { p.asks(0, 1, -1, -1, -1); p.strikes(1, c); p.closes(20001) }, 0},
		{"late by what a fault orders", coalesced, func(p *passed, c catalogue.Case) { p.strikes(0, c); p.asks(0, 1, 2, 50, 250) }, 0},
		{"late by more than that", coalesced, func(p *passed, c catalogue.Case) { p.strikes(0, c); p.asks(0, 1, 2, 50, 5250) }, 5 * time.Second},
		{"the box connects late, and the fault is another's", coalesced, func(p *passed, c catalogue.Case) { p.strikes(0, c); p.asks(0, 1, 20201, 20250, 20451) }, 20 * time.Second},
		{"stalled for its time", stalled, func(p *passed, c catalogue.Case) { p.strikes(1, c); p.asks(0, 1, 20001, 20050, 20051) }, 0},
		{"as late as there is to send", dribbled, func(p *passed, c catalogue.Case) { p.strikes(0, c); p.asks(0, 1, 20001, 20050, 40051) }, 0},
		{"a box that has habits", odd, func(p *passed, _ catalogue.Case) { p.asks(0, 1, 20001, 20050, 20051) }, 0},
		{"the gateway was away", gone, func(p *passed, _ catalogue.Case) { p.asks(0, 1, 20001, 20050, 20051) }, 0},
	} {
		p := &passed{}
		test.tell(p, test.c)
		run := Run{Case: test.c, Options: Options{Mode: Netns, Speaks: msn.MSN()}, Events: p.events}
		if late := lateOnWay(run); max(late, 0).Round(time.Millisecond) != test.late {
			t.Errorf("%s: %s, want %s", test.name, late, test.late)
		}
		if run.Options.Mode = Virtual; lateOnWay(run) != 0 {
			t.Errorf("%s: late in virtual time", test.name)
		}
	}
}

// The margins of what rests on how long the way took.
func TestAllowForTheWay(t *testing.T) {
	for id, margin := range onTheWay {
		for late, want := range map[time.Duration]oracle.Status{margin: oracle.Fail, margin + time.Millisecond: oracle.Inconclusive} {
			r := with(id, oracle.Fail)
			if r.allowForWay(func() time.Duration { return late }); r.Verdicts[0].Status != want || r.Stalled != (want == oracle.Inconclusive) {
				t.Errorf("%s, late by %s: %s", id, late, r.Verdicts[0].Status)
			}
		}
	}
	for _, r := range []Result{with(tooOften, oracle.Fail), with(survives, oracle.Pass)} {
		r.allowForWay(func() time.Duration { t.Error("the way was timed for what does not rest on it"); return time.Hour })
	}
}

// A client that does not come as far as it was asked is not to blame where a box of ours
// kept it waiting, and is where it was not.
func TestWhoKeptTheClientWaiting(t *testing.T) {
	for onward, want := range map[int]oracle.Status{2: oracle.Fail, 20001: oracle.Inconclusive} {
		p := &passed{}
		p.asks(0, 1, onward, onward+48, onward+49)
		run := fails(Run{Case: chained(t, "forward port 8080"), Options: Options{Mode: Netns}})
		run.Events = append(p.events, run.Events...)
		if r := Judge(run, 0); r.verdict(carriedOut).Status != want || r.Stalled != (want == oracle.Inconclusive) || (r.doubt(false) != "") != r.Stalled {
			t.Errorf("handed on after %d ms: %s, %+v", onward, r.Status, r.verdict(carriedOut))
		}
	}
}

// A client that was slow to start may never have been ready, or have come after a box changed by
// the clock: that is worth another run, and nothing else that could not be concluded is.
func TestWhoWasNotThereInTime(t *testing.T) {
	changing, lasting := chained(t, "forward for 12s then down for 1s then forward"), chained(t, "forward port 8080")
	stalled := []history.Event{{From: history.AtRig, Kind: history.Stalled, Given: 300}}
	for _, test := range []struct {
		name    string
		c       catalogue.Case
		status  oracle.Status
		events  []history.Event
		unready error
		want    bool
	}{
		{"nothing was lost, and the machine was slow", changing, oracle.Inconclusive, stalled, nil, true},
		{"nothing was lost", changing, oracle.Inconclusive, nil, nil, false},
		{"it passed", changing, oracle.Pass, stalled, nil, false},
		{"the box stays as it is", lasting, oracle.Inconclusive, stalled, nil, false},
		{"the client was never ready, and the machine was slow", lasting, oracle.Inconclusive, stalled, adapter.ErrNotReady, true},
		{"the client was never ready", lasting, oracle.Inconclusive, nil, adapter.ErrNotReady, false},
	} {
		run := Run{Case: test.c, Events: test.events, Unready: test.unready}
		r := with(survives, test.status)
		r.Status = test.status
		if r.missed(run); test.unready != nil {
			r = Judge(run, 0)
		}
		if r.Stalled != test.want || (r.doubt(false) != "") != test.want {
			t.Errorf("%s: %t, doubt %q", test.name, r.Stalled, r.doubt(false))
		}
	}
}
