package sweep

import (
	"context"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"testing/synctest"
	"time"

	"gauntlet/harness/judge/fate"
	"gauntlet/harness/judge/history"
	"gauntlet/harness/judge/oracle"
	"gauntlet/harness/judge/requirement"
	"gauntlet/harness/judge/trace"
	"gauntlet/harness/run/catalogue"
	"gauntlet/harness/run/rig"
	"gauntlet/harness/run/workload"
	"gauntlet/proxies/fault"
)

// words are the vocabulary of a protocol that there is not.
func words() catalogue.Vocabulary {
	return catalogue.Vocabulary{
		Dialects: []string{catalogue.DefaultDialect, "odd"}, Knobs: []string{"gw-ip"},
		Turn: func(_, value string) error {
			if value != "name" {
				return fmt.Errorf("no %s", value)
			}
			return nil
		},
		Faults: fault.Vocabulary{Head: []string{"poll", "open", "command"}, Body: []string{"SAY", "BYE"}, Qualifiers: []string{"NS", "SB"}},
	}
}

// exchange are the events of one at a hop.
func exchange(hop, n int, at time.Duration, body, answer string, labels ...string) []history.Event {
	e := func(kind history.Kind, data string) history.Event {
		return history.Event{At: at, From: history.AtHop, Kind: kind, Hop: hop, Conn: 1, Exchange: n, Labels: labels, Data: []byte(data), Status: 200}
	}
	began := e(history.RequestBegan, "")
	began.Exchange = 0
	return []history.Event{
		began, e(history.RequestHead, "POST /x HTTP/1.1\r\nHost: h\r\n\r\n"), e(history.RequestDone, body),
		e(history.AnswerBegan, ""), e(history.AnswerHead, "HTTP/1.1 200 OK\r\nX-Token: 1\r\nContent-Length: 9\r\n\r\n"), e(history.AnswerDone, answer),
	}
}

// session is a run with an open, two commands and two polls at each of two hops.
func session() []history.Event {
	events := []history.Event{{At: 0, From: history.AtRig, Kind: history.StepBegan, Text: "sign in"}}
	for hop := range 2 {
		events = append(events, history.Event{From: history.AtHop, Kind: history.Accepted, Hop: hop, Conn: 1})
	}
	for i, x := range []struct {
		body, answer string
		labels       []string
	}{
		{"VER", "", []string{"open", "NS"}}, {"SAY 1", "ok", []string{"command", "NS", "SAY"}}, {"", "", []string{"poll", "NS"}},
		{"SAY 2", "okay", []string{"command", "NS", "SAY"}}, {"", "", []string{"poll", "NS"}},
	} {
		for hop := range 2 {
			events = append(events, exchange(hop, i+1, time.Duration(i+1)*time.Second, x.body, x.answer, x.labels...)...)
		}
	}
	for i := range events {
		events[i].Seq = i + 1
	}
	return events
}

func world(t *testing.T, text string) World {
	t.Helper()
	p, err := Parse(text, words())
	if err != nil {
		t.Fatal(err)
	}
	return p.World
}

func point(t *testing.T, text string) Point {
	t.Helper()
	p, err := Parse(text, words())
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func space(t *testing.T) Space {
	return Space{world(t, "chat | documented | forward port 8080"), readRecords(session(), words().Faults)}
}

func TestTheRecordNamesEachExchangeAsAScheduleCounts(t *testing.T) {
	var names []string
	for _, e := range readRecords(session(), words().Faults)[0].Exchanges {
		names = append(names, fmt.Sprint(e.Trigger, "; ", e.Early, "; ", e.State))
	}
	want := []string{
		"on NS open 1; on NS open 1; NS open", "on NS SAY 1; on NS command 1; NS command to sign in", "on NS poll 1; on NS poll 1; NS poll",
		"on NS SAY 2; on NS command 2; NS command to sign in", "on NS poll 2; on NS poll 2; NS poll",
	}
	if !slices.Equal(names, want) {
		t.Errorf("%q", names)
	}
}

// A name is all that it takes to run the point alone.
func TestEachPointIsMadeFromItsName(t *testing.T) {
	seen := map[string]bool{}
	n := 0
	for p := range (Breadth{Every: true, Triples: 50, Seed: 1}).Points([]Space{space(t)}) {
		n++
		again, err := Parse(p.Name(), words())
		if err != nil {
			t.Fatalf("%s: %v", p.Name(), err)
		}
		if again.Name() != p.Name() {
			t.Errorf("%s became %s", p.Name(), again.Name())
		}
		if len(p.Faults) == 1 && seen[p.Name()] {
			t.Errorf("%s comes twice", p.Name())
		}
		seen[p.Name()] = true
	}
	if n < 1000 {
		t.Errorf("%d points of two hops and five exchanges", n)
	}
}

func TestCountIsWhatComes(t *testing.T) {
	for _, b := range []Breadth{{}, {Every: true}, {Triples: 7}, {Every: true, Pairs: true, Triples: 3, Seed: 4}} {
		spaces := []Space{space(t)}
		spaces[0].Hops = spaces[0].Hops[:1]
		spaces[0].Hops[0].Exchanges = spaces[0].Hops[0].Exchanges[2:3]
		n := 0
		for range b.Points(spaces) {
			n++
		}
		if c := b.Count(spaces); c.Sum() != n || c.Classes == 0 {
			t.Errorf("%+v: %d points, counted %+v", b, n, c)
		}
	}
}

// One of a class stands for all: the second poll adds nothing to the first, and a
// second command that is read alike neither.
func TestTheFirstOfEachClassComesFirst(t *testing.T) {
	all := Space{space(t).World, readRecords(session(), words().Faults)}
	classes := map[string]bool{}
	for p := range (Breadth{}).Points([]Space{all}) {
		if classes[p.Class] {
			t.Errorf("class %q comes twice: %s", p.Class, p.Name())
		}
		classes[p.Class] = true
		if strings.Contains(p.Name(), "poll 2") || strings.Contains(p.Name(), "SAY 2, answer") {
			t.Errorf("%s adds nothing", p.Name())
		}
	}
	for p := range (Breadth{Every: true}).Points([]Space{all}) {
		if !classes[p.Class] {
			t.Errorf("%s is of a class of its own, %q", p.Name(), p.Class)
		}
	}
}

// What strikes alike is of one class: what ends the connection later does so wherever
// in an answer it begins, and a field of HTTP's own tells a client nothing that the
// field before has not told. What a client can tell apart is not.
func TestWhatIsReadAlikeIsOneClass(t *testing.T) {
	e := readRecords(session(), words().Faults)[0].Exchanges[1]
	classes := map[string]string{}
	for s := range (Space{Hops: []Record{{Exchanges: []Exchange{e}}}}).strikes() {
		classes[strings.TrimPrefix(s.fault.String(), "hop 0: on NS SAY 1, ")] = s.class
	}
	for _, c := range []struct {
		one, other string
		alike      bool
	}{
		{"answer: close later 200ms", "response byte 1: close later 200ms", true},
		{"end: reset later 200ms", "idle 500ms: reset later 200ms", true},
		{"answer: close later 200ms", "end: close later 200ms", false},
		{"answer: close later 200ms", "answer: reset later 200ms", false},
		{"answer: limit 200 bytes", "field X-Token: limit 200 bytes", true},
		{"forward: limit 200 bytes", "answer: limit 200 bytes", false},
		{"status line: swallow", "field X-Token: swallow", true},
		{"answer: swallow", "field X-Token: swallow", false},
		{"status line: close", "field Content-Length: close", true},
		{"status line: close", "field X-Token: close", false},
		{"answer: delay end 300ms", "end: delay end 300ms", true},
	} {
		one, other := classes[c.one], classes[c.other]
		if one == "" || other == "" || (one == other) != c.alike {
			t.Errorf("%s is of class %q, %s of class %q", c.one, one, c.other, other)
		}
	}
}

// Where runs take their time a class is what a client's socket can tell apart, one of
// it is run, and which one is the seed's.
func TestCoarseClasses(t *testing.T) {
	spaces := []Space{space(t)}
	fine, coarse := (Breadth{}).Count(spaces).Sum(), (Breadth{Coarse: true}).Count(spaces).Sum()
	if coarse == 0 || coarse*5 > fine {
		t.Errorf("%d coarse classes, %d fine ones", coarse, fine)
	}
	names := func(b Breadth) (list []string) {
		classes := map[string]bool{}
		for p := range b.Points(spaces) {
			if list = append(list, p.Name()); classes[p.Class] && !b.Every {
				t.Errorf("class %q comes twice", p.Class)
			}
			classes[p.Class] = true
		}
		return list
	}
	one, again, other := names(Breadth{Coarse: true, Seed: 1}), names(Breadth{Coarse: true, Seed: 1}), names(Breadth{Coarse: true, Seed: 2})
	if !slices.Equal(one, again) || slices.Equal(one, other) || len(one) != len(other) {
		t.Errorf("%d, %d and %d points", len(one), len(again), len(other))
	}
	all, every := names(Breadth{Every: true}), names(Breadth{Coarse: true, Every: true, Seed: 2})
	slices.Sort(all)
	slices.Sort(every)
	if !slices.Equal(all, every) || !slices.Equal(slices.Compact(every), all) {
		t.Errorf("%d points, and %d by coarse classes", len(all), len(every))
	}
}

// Each of the words by which effects are known begins one, and means what it says.
func TestSights(t *testing.T) {
	effects := effectsOf()
	for _, s := range sights {
		for _, words := range s.from {
			if !slices.ContainsFunc(effects, func(v variety) bool { return strings.HasPrefix(v.effect.String(), words) }) {
				t.Errorf("no effect is %s ...", words)
			}
		}
	}
	for name, want := range map[string]string{
		"close": "the end", "cut box": "nothing more", "half-close to box": "the box takes the client for gone", "stall for 3s": "late",
		"drop": "nothing more", "drop header Date": "a field less", "drop header X-Token": "a field less of X-Token", "status 503": "an error of a box",
		"limit 200 bytes then reset to client": "RST", "length wrong -5": "a length that lies", "length twice": "a length told in another way",
	} {
		field, _ := strings.CutPrefix(name, "drop header ")
		if got := sightOf(fault.Effect{Name: name}, field); got != want {
			t.Errorf("%s looks like %s, not %s", name, got, want)
		}
	}
}

// Each row is an effect as a schedule takes it, and an effect that takes something
// has a row, or an example that will do.
func TestArguments(t *testing.T) {
	effects := fault.Effects()
	for name := range arguments {
		if _, known := effects[name]; !known {
			t.Errorf("there is no effect %q", name)
		}
	}
	for _, v := range effectsOf() {
		if v.named {
			continue
		}
		place := "on NS poll 1, " + form(v.kind.At[0])
		if other, is := map[fault.Place]string{fault.AtAccept: "on connection 1", fault.AtLookup: "on lookup 1"}[v.kind.At[0]]; is {
			place = other
		}
		line := "hop 0: " + place + ": " + v.effect.String()
		if f, err := fault.Parse(line, words().Faults); err != nil || f.String() != line {
			t.Errorf("%s: %v, %v", line, f, err)
		}
	}
}

func form(p fault.Place) string { return fault.Landmark{At: p, Byte: 1, Field: "X"}.String() }

func TestEachPairOnce(t *testing.T) {
	for _, n := range []int{0, 1, 2, 3, 6, 45, 1000} {
		seen := map[int]bool{}
		for i := range shuffled(n, 7) {
			if i < 0 || i >= n || seen[i] {
				t.Fatalf("of %d: %d again", n, i)
			}
			seen[i] = true
		}
		if len(seen) != n {
			t.Errorf("%d of %d", len(seen), n)
		}
	}
	for i := range 1000 {
		a, b := pair(i)
		if a < 0 || a >= b || b*(b-1)/2+a != i {
			t.Fatalf("pair %d is %d and %d", i, a, b)
		}
	}
}

// fake judges by what a point is, without running it.
func fake(broken func(Point) requirement.ID) rig.Runner {
	return func(_ context.Context, cases []catalogue.Case, done func(rig.Outcome)) error {
		for _, c := range cases {
			p, err := Parse(c.ID, words())
			if err != nil {
				return err
			}
			o := rig.Outcome{Case: c, Result: rig.Result{ID: c.ID, Status: oracle.Pass}}
			for _, f := range p.Faults {
				o.Result.Faults = append(o.Result.Faults, rig.FaultReport{Text: f.String(), Fired: 1})
				o.Result.Fates = append(o.Result.Fates, fate.Fate{Request: stateOf([]fault.Fault{f}), Stage: trace.Processed})
			}
			switch id := broken(p); id {
			case "":
			case "unreached":
				o.Result.Status = oracle.Inconclusive
				o.Result.Faults[0].Fired = 0
			default:
				o.Result.Status = oracle.Fail
				o.Result.Verdicts = []oracle.Verdict{{Requirement: id, Level: requirement.Must, Status: oracle.Fail, Checked: 1}}
			}
			done(o)
		}
		return nil
	}
}

func points(t *testing.T, texts ...string) []Point {
	var list []Point
	for _, text := range texts {
		list = append(list, point(t, "chat | documented | forward port 8080 | "+text))
	}
	return list
}

func TestFailuresAreGroupedByTheirCauses(t *testing.T) {
	judge := fake(func(p Point) requirement.ID {
		switch f := p.Faults[0]; {
		case f.Effect.Name == "stall":
			return "unreached"
		case f.Trigger.Word == "open":
			return ""
		case f.Effect.Name == "gzip":
			return "answer.delivered"
		}
		return "command.not-lost"
	})
	var noted []Entry
	all := slices.Values(points(t,
		"hop 0: on NS poll 1, answer: reset", "hop 0: on NS poll 1, answer: close", "hop 0: on NS poll 9, response byte 5: close",
		"hop 0: on NS poll 1, answer: gzip", "hop 0: on NS open 1, answer: close", "hop 0: on NS SAY 1, answer: stall", "hop 0: on NS SAY 1, answer: close",
	))
	o := Options{Judge: judge, Batch: 2, Note: func(e Entry) error {
		noted = append(noted, e)
		return nil
	}, Excuse: func(_ Point, c Cause, _ *rig.Result) string {
		return map[requirement.ID]string{"answer.delivered": "nobody could"}[c.Requirement]
	}}
	r, err := Run(t.Context(), all, o)
	if err != nil {
		t.Fatal(err)
	}
	if r.Runs != 7 || r.Passed != 1 || r.Failed != 4 || r.Unreached != 1 || r.Excused != 1 || r.Excuses["nobody could"] != 1 || len(noted) != 7 {
		t.Errorf("%+v, noted %q", r.Progress, noted)
	}
	if len(r.Groups) != 2 || r.Groups[0].Count != 3 || r.Groups[0].Example.Faults[0].String() != "hop 0: on NS poll 1, answer: close" {
		t.Errorf("%+v", r.Groups)
	}
	if cell := r.Coverage["NS SAY"]["stall"]; cell == nil || cell.Unreached != 1 {
		t.Errorf("the map has %+v for what was not reached", cell)
	}
	if cell := r.Coverage["NS poll"]["close"]; cell == nil || cell.Runs != 2 || cell.Failed != 2 {
		t.Errorf("the map has %+v for polls that were closed", cell)
	}
	if empty := r.Coverage.Empty("NS SAY"); !slices.Contains(empty, "stall") || slices.Contains(empty, "close") || slices.Contains(empty, "refuse") {
		t.Errorf("empty for SAY: %q", empty)
	}
}

// What one of several faults does alone, and what excuses it, stand for all of them; what
// only both together do is a failure of its own.
func TestSeveralFaultsAreComparedWithEachAlone(t *testing.T) {
	has := func(p Point, effect string) bool {
		return slices.ContainsFunc(p.Faults, func(f fault.Fault) bool { return f.Effect.Name == effect })
	}
	asked := map[string]int{}
	judge := fake(func(p Point) requirement.ID {
		asked[p.Name()]++
		switch {
		case has(p, "gzip"):
			return "answer.delivered"
		case has(p, "reset"):
			return "command.not-lost"
		case len(p.Faults) > 1:
			return "poll.keeps-going"
		}
		return ""
	})
	const poll, say = "hop 0: on NS poll 1, answer: ", " | hop 0: on NS SAY 1, answer: "
	all := points(t, poll+"gzip"+say+"close", poll+"reset"+say+"close", poll+"hold 2s"+say+"close", poll+"reset"+say+"hold 2s")
	var noted []Entry
	o := Options{Judge: judge, Note: func(e Entry) error {
		noted = append(noted, e)
		return nil
	}, Excuse: func(p Point, c Cause, _ *rig.Result) string {
		if len(p.Faults) == 1 && c.Requirement == "answer.delivered" {
			return "nobody could"
		}
		return ""
	}}
	r, err := Run(t.Context(), slices.Values(all), o)
	if err != nil || r.Runs != 4 || r.Excused != 1 || r.Failed != 3 || len(noted) != 4 {
		t.Errorf("%+v, noted %q, %v", r.Progress, noted, err)
	}
	if len(r.Groups) != 2 || r.Groups[0].Count != 2 || r.Groups[0].Cause.Place != "a request, NS poll," || r.Groups[1].Cause.Requirement != "poll.keeps-going" {
		t.Errorf("%+v", r.Groups)
	}
	for name, n := range asked {
		if n > 1 {
			t.Errorf("%s was run %d times", name, n)
		}
	}
}

func TestWhatIsKnownIsNotRunAgain(t *testing.T) {
	ran, known := 0, map[string]Entry{}
	judge := fake(func(p Point) requirement.ID {
		ran++
		if p.Faults[0].Effect.Name == "close" {
			return "command.not-lost"
		}
		return map[string]requirement.ID{"stall": "unreached", "gzip": "answer.delivered"}[p.Faults[0].Effect.Name]
	})
	all := slices.Values(points(t, "hop 0: on NS poll 1, answer: reset", "hop 0: on NS poll 1, answer: close", "hop 0: on NS poll 1, answer: gzip", "hop 0: on NS poll 1, answer: stall"))
	o := Options{Judge: judge, Known: known, Note: func(e Entry) error {
		known[e.Point] = e
		return nil
	}, Excuse: func(_ Point, c Cause, _ *rig.Result) string {
		return map[requirement.ID]string{"answer.delivered": "nobody could"}[c.Requirement]
	}}
	whole, err := Run(t.Context(), all, o)
	if err != nil || ran != 4 || whole.Known != 0 {
		t.Fatalf("%d were run: %+v, %v", ran, whole.Progress, err)
	}
	again, err := Run(t.Context(), all, o)
	if err != nil || ran != 5 || again.Known != 3 {
		t.Fatalf("%d more were run: %+v, %v", ran-4, again.Progress, err)
	}
	again.Known, again.Took, whole.Took = 0, 0, 0
	if !reflect.DeepEqual(again, whole) {
		t.Errorf("it went on to %+v\nand was %+v", again, whole)
	}
}

func TestASweepEnds(t *testing.T) {
	all := Breadth{Every: true}.Points([]Space{space(t)})
	lost := fake(func(Point) requirement.ID { return "command.not-lost" })
	first, err := Run(t.Context(), all, Options{Judge: lost, First: true, Batch: 4})
	if err != nil || first.Runs != 4 || !first.Cut {
		t.Errorf("with the first failure: %+v, %v", first.Progress, err)
	}
	short, err := Run(t.Context(), all, Options{Judge: lost, For: time.Nanosecond, Batch: 4})
	if err != nil || short.Runs != 4 || !short.Cut {
		t.Errorf("in no time: %+v, %v", short.Progress, err)
	}
	gone, end := context.WithCancel(t.Context())
	end()
	stopped := func(ctx context.Context, _ []catalogue.Case, _ func(rig.Outcome)) error { return ctx.Err() }
	if _, err := Run(gone, all, Options{Judge: stopped}); err == nil {
		t.Error("an ended context is no error")
	}
}

// A sweep that ends with its first failure should not run many points for it; one that runs
// long should seldom wait for the last of a batch.
func TestBatchesGrow(t *testing.T) {
	var list []Point
	for n := range 700 {
		list = append(list, points(t, fmt.Sprintf("hop 0: on request %d, answer: close", n+1))...)
	}
	for name, c := range map[string]struct {
		o    Options
		want []int
	}{
		"as usual":                    {Options{}, []int{64, 128, 256, 252}},
		"of a size":                   {Options{Batch: 300}, []int{300, 300, 100}},
		"that wait":                   {Options{Waits: true}, []int{700}},
		"that wait for the first one": {Options{Waits: true, First: true}, []int{256, 256, 188}},
	} {
		var sizes []int
		passes := fake(func(Point) requirement.ID { return "" })
		c.o.Judge = func(ctx context.Context, cases []catalogue.Case, done func(rig.Outcome)) error {
			sizes = append(sizes, len(cases))
			return passes(ctx, cases, done)
		}
		if result, err := Run(t.Context(), slices.Values(list), c.o); err != nil || result.Passed != len(list) || !slices.Equal(sizes, c.want) {
			t.Errorf("%s: batches of %v, want %v; %+v, %v", name, sizes, c.want, result.Progress, err)
		}
	}
}

// An outage that met nobody says nothing, and says why; what else never came is told as
// that.
func TestAnOutageThatMetNobodyIsOpen(t *testing.T) {
	for text, want := range map[string]As{
		"hop 0: on request 1, forward: close, from 1s until 41s": Open,
		"hop 0: on poll 1, forward: close, from 1s until 41s":    Unreached,
		"hop 0: on connection 1: drop, from 1s until 41s":        Unreached,
		"hop 0: on request 1, forward: close":                    Unreached,
	} {
		var noted Entry
		o := Options{Judge: fake(func(Point) requirement.ID { return "unreached" }), Note: func(e Entry) error { noted = e; return nil }}
		result, err := Run(t.Context(), slices.Values(points(t, text)), o)
		if err != nil || noted.As != want || (noted.Why != "") != (want == Open) || len(result.Doubts) != result.Open {
			t.Errorf("%s: %+v, %+v, %v", text, noted, result.Doubts, err)
		}
	}
}

// What cannot be run is told apart from what was not run yet, from when it is met on.
func TestProgressComesToItsEnd(t *testing.T) {
	list := points(t, "hop 0: on poll 1, answer: close", "hop 0: on poll 1, answer: reset", "hop 1: on poll 1, answer: close", "hop 0: on poll 1, forward: close")
	met := 0
	possible := func(catalogue.Case) bool { met++; return met%2 == 0 }
	for batch, want := range map[int][]int{1: {2, 4}, 0: {3, 4}} {
		met = 0
		var seen []int
		watch := func(p Progress) { seen = append(seen, p.Runs+p.Impossible) }
		result, err := Run(t.Context(), slices.Values(list), Options{Judge: fake(func(Point) requirement.ID { return "" }), Possible: possible, Batch: batch, Watch: watch})
		if err != nil || !slices.Equal(seen, want) || result.Runs != 2 || result.Impossible != 2 {
			t.Errorf("batches of %d: came to %v, want %v; %+v, %v", batch, seen, want, result.Progress, err)
		}
	}
}

func TestASweepGivesUpWhatWaits(t *testing.T) {
	all := Breadth{Every: true}.Points([]Space{space(t)})
	lost := fake(func(Point) requirement.ID { return "command.not-lost" })
	asleep := func(ctx context.Context, cases []catalogue.Case, done func(rig.Outcome)) error {
		if err := lost(ctx, cases[:3], done); err != nil {
			return err
		}
		<-ctx.Done()
		if err := lost(ctx, cases[3:4], done); err != nil { // what nobody confirms any more
			return err
		}
		return ctx.Err()
	}
	synctest.Test(t, func(t *testing.T) { // the time is over when nothing is left but to wait
		given, err := Run(t.Context(), all, Options{Judge: asleep, Waits: true, For: 500 * time.Millisecond})
		if err != nil || given.Runs != 4 || given.Failed != 3 || given.Open != 1 || !given.Cut {
			t.Errorf("what waits when the time is over is given up: %+v, %v", given.Progress, err)
		}
	})
}

// Whatever else is in a point goes, as long as it fails alike.
func TestShrink(t *testing.T) {
	for name, test := range map[string]struct {
		from, to string
		fails    func(Point) bool
	}{
		"one fault of three": {
			"chat | odd | forward port 8080 | hop 0: on NS poll 2, answer: reset | hop 1: on NS poll 3, response byte 40: close | hop 0: on NS SAY 2, answer: stall",
			"sign in | documented | direct | hop 0: on NS poll 1, answer: close",
			func(p Point) bool { return has(p, func(f fault.Fault) bool { return f.Trigger.Word == "poll" }) },
		},
		"two that belong together": {
			"chat | documented | forward port 8080 | hop 0: on NS poll 2, answer: reset | hop 0: on NS poll 3, answer: gzip | hop 0: on NS SAY 2, answer: reset box",
			"sign in | documented | direct | hop 0: on NS poll 1, answer: close | hop 0: on NS SAY 1, answer: close",
			func(p Point) bool {
				return has(p, func(f fault.Fault) bool { return f.Trigger.Word == "poll" }) && has(p, func(f fault.Fault) bool { return f.Trigger.Word == "SAY" })
			},
		},
		"what it takes stays": {
			"chat | odd | forward port 8080 → intercept | hop 1: on NS poll 2, answer: reset client",
			"sign in; open chat; send 2 messages | odd | intercept | hop 0: on NS poll 2, answer: reset",
			func(p Point) bool {
				return p.Dialect == "odd" && len(p.Chain) > 0 && p.Workload.Sends() >= 2 &&
					has(p, func(f fault.Fault) bool {
						return f.Effect.Name == "reset" && f.Landmark.At == fault.AtAnswer && f.Trigger.Ordinal >= 2
					})
			},
		},
	} {
		t.Run(name, func(t *testing.T) {
			ran := 0
			s := Shrinker{Judge: fake(func(p Point) requirement.ID {
				ran++
				if test.fails(p) {
					return "command.not-lost"
				}
				return "poll.keeps-going" // which is another failure, and of no use
			})}
			found, err := s.Shrink(t.Context(), point(t, test.from), Cause{Requirement: "command.not-lost"}, rig.Outcome{})
			if err != nil || found.Point.Name() != test.to {
				t.Errorf("%s, %v, want %s", found.Point.Name(), err, test.to)
			}
			if found.Outcome.Case.ID != test.to || ran > usualMost {
				t.Errorf("its outcome is that of %q, after %d runs", found.Outcome.Case.ID, ran)
			}
		})
	}
}

func has(p Point, is func(fault.Fault) bool) bool { return slices.ContainsFunc(p.Faults, is) }

// In real time a point fails when it fails most times.
func TestShrinkOnAnUncertainMachine(t *testing.T) {
	runs := map[string]int{}
	s := Shrinker{Of: 3, AtLeast: 2, Judge: fake(func(p Point) requirement.ID {
		runs[p.Name()]++
		if n := runs[p.Name()]; n == 1 && len(p.Chain) == 0 || n > 1 && len(p.Chain) > 0 {
			return "command.not-lost"
		}
		return ""
	})}
	found, err := s.Shrink(t.Context(), point(t, "sign-in | documented | forward port 8080 | hop 0: on NS poll 1, answer: reset"), Cause{Requirement: "command.not-lost"}, rig.Outcome{})
	if err != nil || len(found.Point.Chain) != 1 || found.Point.Faults[0].Effect.Name != "close" {
		t.Errorf("%s, %v: without its box it failed once of three times", found.Point.Name(), err)
	}
}

// A failure is certain after the first exchange from which every other way to go on
// fails as well.
func TestDecide(t *testing.T) {
	events := append(session(), history.Event{At: 2 * time.Second, From: history.AtHop, Kind: history.Fired, Conn: 1, Exchange: 2, Fault: "x"})
	for name, test := range map[string]struct {
		saved func(Point) bool
		want  int
		until string
	}{
		"at once": {func(Point) bool { return false }, 2, ""},
		"later": {func(p Point) bool {
			return has(p, func(f fault.Fault) bool {
				return f.Trigger.Word == fault.AnyExchange && f.Trigger.Ordinal <= 4 && f.Effect.Name == "hold"
			})
		}, 4, "after request 3 it could still go well, with the next answer late"},
		"never": {func(p Point) bool { return p.Workload.Length() > time.Minute }, 0, "after request 5 it could still go well, with a user who waits two minutes longer"},
	} {
		t.Run(name, func(t *testing.T) {
			s := Shrinker{Judge: fake(func(p Point) requirement.ID {
				if test.saved(p) {
					return ""
				}
				return "command.not-lost"
			})}
			got, err := s.Decide(t.Context(), Shrunk{
				Point: point(t, "chat | documented | direct | hop 0: on NS SAY 1, answer: close"), Cause: Cause{Requirement: "command.not-lost"}, Outcome: rig.Outcome{Events: events},
			})
			if err != nil || got.Exchange != test.want || got.Until != test.until {
				t.Errorf("%+v, %v", got, err)
			}
		})
	}
}

// What was found is a case like any other.
func TestCaseFile(t *testing.T) {
	p := point(t, `sign in; open chat; send 1 message | odd with gw-ip name | forward port 8080 → intercept | hop 1: on NS poll 2, answer: status 429 with "Retry-After: 17" | hop 0: on NS SAY 1, forward: close`)
	id, text := CaseFile(Shrunk{Point: p, Cause: Cause{Requirement: "command.not-lost", Fate: "processed", Place: "a request, NS poll,"}})
	cases, err := catalogue.Load(fstest.MapFS{"found.yaml": {Data: text}}, ".", words())
	if err != nil || len(cases) != 1 {
		t.Fatalf("%v\n%s", err, text)
	}
	c := cases[0]
	again := Point{World: World{c.Workload, c.Dialect, c.Knobs, c.Chain}, Faults: c.Faults}
	if c.ID != id || again.Name() != p.Name() || c.Proves[0] != "command.not-lost" {
		t.Errorf("%s: %s, proves %v", c.ID, again.Name(), c.Proves)
	}
}

func TestMistakesInANameAreSaid(t *testing.T) {
	for text, want := range map[string]string{
		"chat": "WORKLOAD | DIALECT", "chat | plain | direct": `no dialect "plain"; there are documented, odd`,
		"chat | odd with gwip name | direct": `no knob "gwip"; there are gw-ip`, "chat | odd with gw-ip nme | direct": "nme",
		"chatt | documented | direct": `workload "chatt" is none of`, "chat | documented | nothing": "nothing",
		"chat | documented | direct | hop 1: on NS poll 1, answer: close": "1",
	} {
		if _, err := Parse(text, words()); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", text, err)
		}
	}
}

// Each limit excuses what it names, and no more.
func TestExcuses(t *testing.T) {
	lost := &rig.Result{Fates: []fate.Fate{{Exchange: 1, Stage: trace.AnswerLeft}}}
	examples := []string{
		"hop 0: on NS open 1, forward: drop body", "hop 0: on NS SAY 1, forward: drop header Content-Length", "hop 0: on NS poll 1, answer: length wrong -5", "hop 0: on SB open 1, answer: crossed answer",
		"hop 0: on SB CAL 1, forward: half-close to box", "hop 0: on request 1, forward: stall, from 3s until 43s", "hop 0: on SB MSG 1, answer: close",
	}
	for i, l := range limits() {
		v := words()
		v.Dialects = append(v.Dialects, "strict")
		v.Faults.Body = append(v.Faults.Body, "CAL", "MSG")
		dialect := map[bool]string{true: "strict", false: "documented"}[i == len(examples)-1]
		p, err := Parse("chat | "+dialect+" | forward port 8080 | "+examples[i], v)
		if err != nil {
			t.Fatal(err)
		}
		for _, id := range l.excuses {
			if got := Excuse(p, Cause{Requirement: id}, lost); got != l.because {
				t.Errorf("%s, %s: %q", p.Name(), id, got)
			}
		}
		for _, id := range []requirement.ID{"exchange.one-in-flight", "command.not-doubled", "command.not-lost"} {
			if got := Excuse(p, Cause{Requirement: id}, lost); got != "" {
				t.Errorf("%s excuses %s: %s", p.Name(), id, got)
			}
		}
		p.Faults = append(p.Faults, fault.Fault{Effect: fault.Effect{Name: "reset"}})
		if got := Excuse(p, Cause{Requirement: l.excuses[0]}, &rig.Result{}); got != "" {
			t.Errorf("%s and a reset: %s", p.Name(), got)
		}
	}
}

func TestPatience(t *testing.T) {
	script, _ := workload.Parse([]string{"sign in", "open chat", "leave chat", "sign out"})
	if got := patient(script).String(); got != "sign in; open chat; stay 2m0s; leave chat; sign out" {
		t.Error(got)
	}
}
