package fault

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
)

func schedule(t *testing.T, seed uint64, lines ...string) *Schedule {
	t.Helper()
	var faults []Fault
	for _, line := range lines {
		f, err := Parse(line, vocabulary())
		if err != nil {
			t.Fatal(err)
		}
		faults = append(faults, f)
	}
	return NewSchedule(faults, seed)
}

// struck counts n exchanges with the labels and lists the ordinals struck.
func struck(h *Hop, n int, labels ...string) (out []int) {
	for range n {
		for _, hit := range h.Head(0, labels) {
			out = append(out, hit.Ordinal)
		}
	}
	return out
}

func TestHowOften(t *testing.T) {
	for often, want := range map[string][]int{
		"":            {3},
		", once":      {3},
		", 2 times":   {3, 4},
		", every 3rd": {3, 6, 9},
		", with p=1":  {3, 4, 5, 6, 7, 8, 9, 10},
		", until 30s": {3, 4, 5, 6, 7, 8, 9, 10},
	} {
		h := schedule(t, 1, "hop 0: on poll 3, answer: reset"+often).Hop(0)
		if got := struck(h, 10, "poll", "NS"); !reflect.DeepEqual(got, want) {
			t.Errorf("%q struck %v, want %v", often, got, want)
		}
	}
}

// Every third is counted from the first that is meant.
func TestEachThirdFromTheFirst(t *testing.T) {
	h := schedule(t, 1, "hop 0: on poll 2, answer: reset, every 3rd").Hop(0)
	if got, want := struck(h, 10, "poll"), []int{2, 5, 8}; !reflect.DeepEqual(got, want) {
		t.Errorf("struck %v, want %v", got, want)
	}
}

func TestATunnelIsMeantByItsWordOnly(t *testing.T) {
	v := vocabulary()
	v.Head = append(v.Head, Connect)
	var faults []Fault
	for _, line := range []string{"hop 0: on request 1, answer: reset, 9 times", "hop 0: on CONNECT 2, answer: reset"} {
		f, err := Parse(line, v)
		if err != nil {
			t.Fatal(err)
		}
		faults = append(faults, f)
	}
	h := NewSchedule(faults, 1).Hop(0)
	for i, c := range []struct {
		labels []string
		want   []int
	}{{[]string{Connect}, nil}, {[]string{"open", "NS"}, []int{0}}, {[]string{Connect}, []int{1}}, {nil, []int{0}}} {
		var got []int
		for _, hit := range h.Head(0, c.labels) {
			got = append(got, hit.Index)
		}
		if !reflect.DeepEqual(got, c.want) {
			t.Errorf("exchange %d %v is struck by %v, want %v", i+1, c.labels, got, c.want)
		}
	}
}

func TestOnlyMatchingExchangesCount(t *testing.T) {
	s := schedule(t, 1, "hop 0: on alice NS poll 2, answer: reset", "hop 0: on request 4, answer: close", "hop 1: on poll 1, answer: stall")
	h := s.Hop(0)
	for i, labels := range [][]string{{"poll", "NS"}, {"NS", "alice", "poll"}, {"command", "NS", "alice"}, {"alice", "poll", "NS"}} {
		var got []int
		for _, hit := range h.Head(0, labels) {
			got = append(got, hit.Index)
		}
		if want := map[int][]int{3: {0, 1}}[i]; !reflect.DeepEqual(got, want) {
			t.Errorf("exchange %d struck by %v, want %v", i+1, got, want)
		}
	}
	if s.Counted(0) != 2 || s.Counted(1) != 4 || s.Counted(2) != 0 {
		t.Errorf("counted %d %d %d", s.Counted(0), s.Counted(1), s.Counted(2))
	}
}

func TestBodyWordsCountAtTheBody(t *testing.T) {
	h := schedule(t, 1, "hop 0: on NS MSG 2, answer: reset").Hop(0)
	if hits := h.Head(0, []string{"NS", "MSG"}); hits != nil {
		t.Errorf("struck at the head: %v", hits)
	}
	first, second := h.Body(0, []string{"NS", "MSG"}, nil, nil), h.Body(0, []string{"NS", "MSG"}, nil, nil)
	if len(first) != 0 || len(second) != 1 || second[0].Text != "hop 0: on NS MSG 2, answer: reset" {
		t.Errorf("struck %v, then %v", first, second)
	}
}

func TestConnectionsAndIdle(t *testing.T) {
	h := schedule(t, 1, "hop 0: on connection 2: refuse", "hop 0: after idle 3s: close, 2 times").Hop(0)
	if a, b, c := h.Connection(0), h.Connection(0), h.Connection(0); len(a) != 0 || len(b) != 1 || len(c) != 0 {
		t.Errorf("connections struck: %v %v %v", a, b, c)
	}
	for range 2 {
		watches := h.Idles()
		if len(watches) != 1 || watches[0].After != 3*time.Second {
			t.Fatalf("watches %v", watches)
		}
		if _, ok := h.Met(watches[0], 0); !ok {
			t.Error("an idle moment was not struck")
		}
	}
	if watches := h.Idles(); watches != nil {
		t.Errorf("a spent fault still waits: %v", watches)
	}
}

// What waits for something else than a request is counted when that comes, from its time on.
func TestWhatWaits(t *testing.T) {
	lines := []string{"hop 0: at 30s: reset", "hop 0: after 5000 bytes: close, 2 times", "hop 0: after idle 3s: close, once, from 20s", "hop 0: on poll 1, answer: close", "hop 1: at 9s: close"}
	h := schedule(t, 1, lines...).Hop(0)
	for kind, c := range map[string]struct {
		watches func() []Watch
		want    Watch
		from    time.Duration
		times   int
	}{
		"moments": {h.Moments, Watch{Index: 0, After: 30 * time.Second}, 0, 1},
		"volumes": {h.Volumes, Watch{Index: 1, Bytes: 5000}, 0, 2},
		"idles":   {h.Idles, Watch{Index: 2, After: 3 * time.Second}, 20 * time.Second, 1},
	} {
		for range c.times {
			if got := c.watches(); len(got) != 1 || got[0] != c.want {
				t.Fatalf("%s: %+v", kind, got)
			}
			if _, ok := h.Met(c.want, c.from-1); ok {
				t.Errorf("%s: met before its time", kind)
			}
			hit, ok := h.Met(c.want, c.from)
			if !ok || hit.Text != lines[c.want.Index] {
				t.Errorf("%s: %+v, %t", kind, hit, ok)
			}
		}
		if left := c.watches(); len(left) != 0 {
			t.Errorf("%s: spent, and waits still: %+v", kind, left)
		}
	}
	var none *Hop
	if none.Moments() != nil || none.Lookup(0) != nil || none.Connection(0) != nil {
		t.Error("where no fault is something waits")
	}
}

// Names that are looked up are counted apart from connections.
func TestLookups(t *testing.T) {
	s := schedule(t, 1, "hop 0: on lookup 2: no such name", "hop 0: on connection 1: close")
	h := s.Hop(0)
	if a, b, c := h.Lookup(0), h.Lookup(0), h.Lookup(0); len(a) != 0 || len(b) != 1 || len(c) != 0 {
		t.Errorf("lookups struck: %v %v %v", a, b, c)
	}
	if len(h.Connection(0)) != 1 || !s.Faults()[0].OnLookup() || s.Faults()[1].OnLookup() {
		t.Error("a lookup is taken for a connection")
	}
}

// A connection that is open already is struck as one that comes.
func TestStruckWhenOpen(t *testing.T) {
	const slow, gone = "hop 0: on connection 2: delay 1s, once, from 5s", "hop 0: on connection 1: refuse"
	h := schedule(t, 1, gone, slow, "hop 0: on connection 1: close").Hop(0)
	for _, c := range []struct {
		text  string
		since time.Duration
		want  bool
	}{
		{slow, 5*time.Second - 1, false}, {slow, 5 * time.Second, false}, {slow, 5 * time.Second, true}, {slow, time.Hour, false}, // the second is meant
		{gone, time.Hour, false}, {"hop 0: on connection 1: stall", time.Hour, false},
	} {
		hits := h.Struck(c.text, c.since)
		if (len(hits) == 1) != c.want || len(hits) > 1 || c.want && hits[0].Text != c.text {
			t.Errorf("%s at %v: %+v", c.text, c.since, hits)
		}
	}
	var none *Hop
	if none.Struck(slow, time.Hour) != nil {
		t.Error("where no fault is one strikes")
	}
}

func TestWhenHeadsMustBeHeld(t *testing.T) {
	for line, want := range map[string]bool{
		"hop 0: on poll 1, head: close":           true,
		"hop 0: on poll 1, request byte 9: close": true,
		"hop 0: on poll 1, forward: close":        false,
		"hop 0: on MSG 1, forward: close":         false,
		"hop 1: on poll 1, head: close":           false,
	} {
		if got := schedule(t, 1, line).Hop(0).HoldsHead(); got != want {
			t.Errorf("%s: holds %v, want %v", line, got, want)
		}
	}
	h := schedule(t, 1, "hop 0: on poll 1, head: close").Hop(0)
	h.Head(0, []string{"poll"})
	if h.HoldsHead() {
		t.Error("a spent fault still holds heads back")
	}
}

// What keeps a request from the box must know it whole before a byte of it is
// handed on; if a word of the body decides, the body, too.
func TestWhenRequestsMustBeHeld(t *testing.T) {
	for line, want := range map[string][2]bool{ // the request, the body
		"hop 0: on poll 1, forward: status 502": {true, false},
		"hop 0: on MSG 1, forward: status 502":  {true, true},
		"hop 0: on poll 1, answer: status 502":  {false, false},
		"hop 0: on poll 1, forward: close":      {false, false},
		"hop 0: on poll 1, head: blackhole":     {false, false},
		"hop 1: on poll 1, forward: cached":     {false, false},
	} {
		if h := schedule(t, 1, line).Hop(0); [2]bool{h.HoldsRequest(), h.HoldsBody()} != want {
			t.Errorf("%s: holds the request %t, the body %t", line, h.HoldsRequest(), h.HoldsBody())
		}
	}
	h := schedule(t, 1, "hop 0: on MSG 1, forward: cached").Hop(0)
	if hits := h.Body(0, []string{"MSG"}, nil, nil); len(hits) != 1 || !hits[0].Withholds() || h.HoldsRequest() || h.HoldsBody() {
		t.Errorf("once it has struck it holds more: %v", hits)
	}
	h = schedule(t, 1, "hop 0: on poll 1, answer: cut client").Hop(0)
	if hits := h.Head(0, []string{"poll"}); len(hits) != 1 || hits[0].Withholds() {
		t.Errorf("withholds: %v", hits)
	}
}

// A hop is asked about its own faults only.
func TestAnyFaultOfAHop(t *testing.T) {
	s := schedule(t, 1, "hop 0: on poll 1, answer: close", "hop 1: on poll 1, answer: reset")
	for hop, want := range map[int]bool{0: false, 1: true, 2: false} {
		if got := s.Hop(hop).Any(func(f Fault) bool { return f.Effect.Name == "reset" }); got != want {
			t.Errorf("hop %d: %t", hop, got)
		}
	}
	if s.Hop(2) != nil {
		t.Error("a hop without a fault has some")
	}
}

// What chance decides within an effect is the same in each run with that seed,
// and differs between draws, firings and seeds.
func TestDrawsOfAHit(t *testing.T) {
	draws := func(seed uint64) (list []float64) {
		h := schedule(t, seed, "hop 0: on poll 1, answer: delay 1s jitter 1s, 2 times").Hop(0)
		for range 2 {
			for _, hit := range h.Head(0, []string{"poll"}) {
				list = append(list, hit.Draw(0), hit.Draw(1))
			}
		}
		return list
	}
	first, again, other := draws(7), draws(7), draws(70)
	seen := map[float64]bool{}
	for _, x := range append(slices.Clone(first), other...) {
		if len(first) != 4 || x < 0 || x >= 1 || seen[x] {
			t.Errorf("%v, %v", first, other)
		}
		seen[x] = true
	}
	if !slices.Equal(first, again) {
		t.Errorf("%v, then %v", first, again)
	}
}

func TestUntil(t *testing.T) {
	hits := schedule(t, 1, "hop 0: on poll 1, answer: close, until 30s").Hop(0).Head(0, []string{"poll"})
	if len(hits) != 1 || hits[0].Over(29*time.Second) || !hits[0].Over(30*time.Second) {
		t.Errorf("hits %v", hits)
	}
	hits = schedule(t, 1, "hop 0: on poll 1, answer: close").Hop(0).Head(0, []string{"poll"})
	if hits[0].Over(1000 * time.Hour) {
		t.Error("a fault without until ended")
	}
}

func TestChanceDependsOnlyOnSeedHopOrdinalAndEffect(t *testing.T) {
	line := "hop 0: on poll 1, answer: reset, with p=0.1"
	alone := struck(schedule(t, 7, line).Hop(0), 2000, "poll")
	crowded := schedule(t, 7, "hop 0: on poll 1, answer: close, with p=0.5", line).Hop(0)
	var among []int
	for range 2000 {
		for _, hit := range crowded.Head(0, []string{"poll"}) {
			if hit.Index == 1 {
				among = append(among, hit.Ordinal)
			}
		}
	}
	if !reflect.DeepEqual(alone, among) {
		t.Error("another fault changed the draws")
	}
	if len(alone) < 150 || len(alone) > 250 {
		t.Errorf("p=0.1 struck %d of 2000", len(alone))
	}
	if reflect.DeepEqual(alone, struck(schedule(t, 8, line).Hop(0), 2000, "poll")) {
		t.Error("another seed drew the same")
	}
}

func TestScheduleIsSafeForConcurrentUse(t *testing.T) {
	s := schedule(t, 1, "hop 0: on poll 1, answer: close, every 10th")
	h := s.Hop(0)
	var wait sync.WaitGroup
	var mu sync.Mutex
	hits := 0
	for range 8 {
		wait.Go(func() {
			n := len(struck(h, 100, "poll"))
			mu.Lock()
			defer mu.Unlock()
			hits += n
		})
	}
	wait.Wait()
	if hits != 80 || s.Counted(0) != 800 {
		t.Errorf("%d hits of %d", hits, s.Counted(0))
	}
}

func TestNilScheduleHasNoFaults(t *testing.T) {
	var s *Schedule
	h := s.Hop(0)
	if h.Connection(0) != nil || h.Head(0, nil) != nil || h.Body(0, nil, nil, nil) != nil || h.Idles() != nil || h.HoldsHead() || h.HoldsRequest() || h.HoldsBody() || h.Any(func(Fault) bool { return true }) {
		t.Error("a nil hop has faults")
	}
}

func ExampleParse() {
	f, err := Parse("hop 0: on NS pol 4, answer: close", Vocabulary{Head: []string{"poll"}, Qualifiers: []string{"NS"}})
	fmt.Println(f.Effect.Name, err)
	// Output: fault "hop 0: on NS pol 4, answer: close": at byte 13, "pol": not a word for an exchange here; allowed here: request, poll
}

// A fault that waits for a pause behind an exchange waits for the first that
// comes: behind poll 2 there is none.
func TestTheFirstPauseThatComes(t *testing.T) {
	for text, want := range map[string][]bool{
		"hop 0: on poll 2, idle 1s: close":            {false, false, true, false, false},
		"hop 0: on poll 2, idle 1s: close, 2 times":   {false, false, true, true, false},
		"hop 0: on poll 2, idle 1s: close, every 2nd": {false, false, false, true, false},
		"hop 0: on poll 2, idle 1s: close, until 1h":  {false, false, true, true, true},
		"hop 0: on poll 2, end: close":                {false, true, false, false, false},
	} {
		h := schedule(t, 1, text).Hop(0)
		for n, wanted := range want {
			hits := h.Head(0, []string{"poll"})
			idle := n+1 != 2 || !strings.Contains(text, "idle") // the next request follows poll 2 at once
			if struck := len(hits) == 1 && idle && hits[0].Idle(); struck != wanted {
				t.Errorf("%s: poll %d is struck: %t, want %t", text, n+1, struck, wanted)
			}
		}
	}
}

// What has struck strikes no more when another fault is put beside it.
func TestAPauseThatCameStaysCounted(t *testing.T) {
	s := schedule(t, 1, "hop 0: on poll 1, idle 1s: close")
	if hits := s.Hop(0).Head(0, []string{"poll"}); len(hits) != 1 || !hits[0].Idle() || hits[0].Idle() {
		t.Fatalf("the first pause: %v", hits)
	}
	other := schedule(t, 1, "hop 0: on request 9, answer: close").Faults()[0]
	if hits := s.With(other).Hop(0).Head(0, []string{"poll"}); len(hits) != 0 {
		t.Errorf("struck again: %v", hits)
	}
}
