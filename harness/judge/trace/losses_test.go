package trace_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"gauntlet/harness/judge/history"
	"gauntlet/harness/judge/requirement"
	. "gauntlet/harness/judge/trace"
)

const given = "1.2; GW-IP=h"

// answered is a poll that was served on connection 1, at 3 ms.
func answered() *story {
	return at(1).session(1, "NS", "1.1").ask(1, "poll 1.1").at(3).answer(1, 200, given)
}

// A loss is a request that was not served, or an idle connection that the client
// did not give up of its own accord.
func TestLosses(t *testing.T) {
	for name, c := range map[string]struct {
		story *story
		want  string // which requests, and when
	}{
		"a request":                      {at(1).ask(1, "poll 1.1").at(5).close(1, "fault", "RST"), "1 at 5ms"},
		"one that is not over":           {at(1).ask(1, "poll 1.1"), ""},
		"idle, closed by a box":          {answered().at(9).close(1, "box", "FIN"), "1 at 9ms"},
		"idle, closed by the client":     {answered().at(9).close(1, "peer", "FIN"), ""},
		"idle, struck":                   {answered().at(4).strikes(1, "f").at(9).close(1, "peer", "FIN"), "1 at 9ms"},
		"idle, struck as it was closed":  {answered().at(9).strikes(1, "f").close(1, "peer", "FIN"), "1 at 9ms"},
		"struck in the answer's instant": {answered().strikes(1, "f").at(9).close(1, "peer", "FIN"), ""},
		"struck when it was over":        {answered().at(9).close(1, "peer", "FIN").at(10).strikes(1, "f"), ""},
		"another was struck":             {answered().at(4).strikes(2, "f").at(9).close(1, "peer", "FIN"), ""},
		"struck, and still open":         {answered().at(4).strikes(1, "f"), ""},
		"closed after a loss":            {answered().at(4).ask(1, "poll 1.2").at(6).close(1, "box", "FIN"), "2 at 6ms"},
		"never used":                     {at(1).hop(1, history.Accepted, "").at(2).close(1, "box", "FIN"), ""},
	} {
		var got string
		for _, l := range c.story.read().Losses() {
			got += fmt.Sprintf("%d at %v", l.Last.Ordinal, l.At)
		}
		if got != c.want {
			t.Errorf("%s: %q, want %q", name, got, c.want)
		}
	}
}

// What strikes an idle connection disturbs until the next request; what strikes
// the road does so from the request on.
func TestDisturbed(t *testing.T) {
	const close, road = "hop 0: after idle 1s: close", "hop 0: on poll 1, answer: kill flow"
	for name, c := range map[string]struct {
		story *story
		want  bool
	}{
		"idle":                      {answered().at(5).strikes(1, close), true},
		"as the next one began":     {answered().at(9).strikes(1, close), true},
		"after the next one":        {answered().at(10).strikes(1, close), false},
		"during the request":        {answered().at(2).strikes(1, close), false},
		"the road, during it":       {answered().at(1).strikes(1, road), true},
		"the road, before it":       {answered().at(0).strikes(1, road), false},
		"the road, when it is next": {answered().at(9).strikes(1, road), true},
		"the road, later":           {answered().at(10).strikes(1, road), false},
		"somebody else's":           {answered().at(5).strikes(2, close), false},
		"as it ended":               {answered().at(3).strikes(1, close), false},
		"a moment later":            {answered().at(4).strikes(1, close), true},
		"asleep meanwhile":          {answered().at(5).sleeps(true).at(7).sleeps(false), true},
		"asleep when it is next":    {answered().at(9).sleeps(true).at(12).sleeps(false), true},
		"asleep after that":         {answered().at(10).sleeps(true).at(12).sleeps(false), false},
		"awake when it began":       {answered().at(0).sleeps(true).at(1).sleeps(false), true},
		"awake before it":           {answered().at(-1).sleeps(true).at(0).sleeps(false), false},
		"asleep ever after":         {answered().at(-1).sleeps(true), true},
	} {
		read := c.story.read()
		if got := read.Disturbed(read.Requests[0], ms(9)); got != c.want {
			t.Errorf("%s: %t", name, got)
		}
	}
	far := answered().at(5).add(history.Event{From: history.AtHop, Hop: 1, Conn: 1, Kind: history.Fired, Fault: close}).read()
	if far.Disturbed(far.Requests[0], ms(9)) {
		t.Error("a fault at another hop strikes another connection of that number")
	}
}

// sleeps is that the client is suspended from now on, or no more.
func (s *story) sleeps(asleep bool) *story {
	if asleep {
		return s.rig(history.StepBegan, "suspend 1s")
	}
	return s.rig(history.StepDone, "suspend 1s")
}

// After a loss the client goes on by what continues it, else by another open for
// the same server.
func TestNext(t *testing.T) {
	lost := func() *story {
		return at(1).session(1, "NS", "1.1").session(2, "SB", "2.1").ask(1, "poll 1.1").at(3).close(1, "fault", "RST")
	}
	for name, c := range map[string]struct {
		story *story
		want  int // ordinal; 0: none
	}{
		"a repeat":                  {lost().at(4).ask(2, "poll 1.1"), 2},
		"in the same instant":       {lost().ask(2, "poll 1.1"), 2},
		"not another session's":     {lost().at(4).ask(2, "poll 2.1").at(5).ask(2, "poll 1.1"), 3},
		"an open":                   {lost().at(4).ask(2, "open NS"), 2},
		"the first open":            {lost().at(4).ask(2, "open NS").at(5).ask(2, "open NS"), 2},
		"an open, then the session": {lost().at(4).ask(2, "open NS").at(5).ask(2, "poll 1.1"), 3},
		"not another server's open": {lost().at(4).ask(2, "open SB"), 0},
		"nothing":                   {lost(), 0},
	} {
		read, got := c.story.read(), 0
		if next := read.Next(read.Requests[0], ms(3)); next != nil {
			got = next.Ordinal
		}
		if got != c.want {
			t.Errorf("%s: %d, want %d", name, got, c.want)
		}
	}
	read := lost().at(4).ask(2, "poll 2.1").read()
	if next := read.Next(nil, ms(2)); next == nil || next.Ordinal != 2 {
		t.Errorf("after a request that was never seen: %v", next)
	}
	if next := read.Next(read.Requests[0], ms(1)); next != nil {
		t.Errorf("a request goes on with itself: %v", next)
	}
	if next := read.Next(nil, ms(5)); next != nil {
		t.Errorf("after the last one: %v", next)
	}
}

// Who is known to poll slowly may come back later, never sooner.
func TestTheTimeToComeBack(t *testing.T) {
	const usual = requirement.BackShould
	for pause, want := range map[string]time.Duration{"": usual, "5s": usual, "4.9s": usual, "6s": 33 * time.Second, "40s": 135 * time.Second, "slow": usual} {
		s := at(1)
		if pause != "" {
			s.rig(history.Calibrated, pause)
		}
		if got := s.read().ComeBack; got != want || usual != 30*time.Second {
			t.Errorf("%q: %v, want %v", pause, got, want)
		}
	}
}

// A series of attempts in vain ends where the next comes too late to belong to
// it.
func TestCutOffUntil(t *testing.T) {
	second := int(time.Second / time.Millisecond)
	refused := func(times ...int) *Trace {
		s := at(0)
		for _, n := range times {
			s.at(n * second).add(history.Event{From: history.AtHop, Kind: history.Refused})
		}
		return s.read()
	}
	for name, c := range map[string]struct {
		times []int
		want  int
	}{
		"none":               {nil, 10},
		"one":                {[]int{20}, 20},
		"a series":           {[]int{20, 50, 80}, 80},
		"a gap":              {[]int{20, 51}, 20},
		"at the same moment": {[]int{10}, 10},
		"before":             {[]int{5}, 10},
	} {
		if got := refused(c.times...).CutOffUntil(10*time.Second, 30*time.Second); got != time.Duration(c.want)*time.Second {
			t.Errorf("%s: %v", name, got)
		}
	}
}

// Who sleeps can do nothing either, and what it tries when it wakes is part of that.
func TestCutOffBySleep(t *testing.T) {
	const second = 1000
	for name, c := range map[string]struct{ from, to, tries, want int }{
		"asleep within the pause":   {40, 60, 0, 60},
		"asleep after the pause":    {41, 60, 0, 10},
		"awake again before":        {5, 10, 0, 10},
		"awake again since":         {5, 11, 0, 11},
		"and tries when it wakes":   {20, 60, 80, 80},
		"and tries long after that": {20, 60, 91, 60},
	} {
		s := at(c.from * second).sleeps(true).at(c.to * second).sleeps(false)
		if c.tries > 0 {
			s.at(c.tries * second).add(history.Event{From: history.AtHop, Kind: history.Refused})
		}
		if got := s.read().CutOffUntil(10*time.Second, 30*time.Second); got != time.Duration(c.want)*time.Second {
			t.Errorf("%s: %v, want %d s", name, got, c.want)
		}
	}
}

// Whoever was turned away, or got nothing for what it said, tried in vain.
func TestAttemptsInVain(t *testing.T) {
	dial := func(s *story, how string) *story {
		return s.add(history.Event{From: history.AtDial, Kind: history.Dialled, ID: "10.0.0.1:80", How: how})
	}
	tunnel := func(data string) *story {
		s := at(1).raw(1, "CONNECT login:443 HTTP/1.1\r\n\r\n").answer(1, 200, "").at(2)
		s.add(history.Event{From: history.AtHop, Conn: 1, Kind: history.Opaque, By: "box", Data: []byte(data)})
		return s.at(3).close(1, "peer", "FIN")
	}
	opaque := tunnel("")
	opaque.events[len(opaque.events)-2] = history.Event{From: history.AtHop, Conn: 1, Kind: history.OpaqueRest, By: "box", Data: []byte("\x17\x03\x03")}
	peers := tunnel("\x16\x03\x01")
	peers.events[len(peers.events)-2].By = "peer"
	for name, c := range map[string]struct {
		story *story
		want  []time.Duration
	}{
		"refused":                     {at(4).add(history.Event{From: history.AtHop, Kind: history.Refused}), []time.Duration{ms(4)}},
		"refused elsewhere":           {at(4).add(history.Event{From: history.AtHop, Hop: 1, Kind: history.Refused}), nil},
		"a dial that failed":          {dial(dial(at(4), "refused").at(5), "connected"), []time.Duration{ms(4)}},
		"in order of time":            {dial(at(9).add(history.Event{From: history.AtHop, Kind: history.Refused}).at(4), "failed"), []time.Duration{ms(4), ms(9)}},
		"a request without an answer": {at(4).ask(1, "poll 1.1").at(8).close(1, "box", "FIN"), []time.Duration{ms(4)}},
		"one that was served":         {answered().close(1, "box", "FIN"), nil},
		"served, then not":            {answered().ask(1, "poll 1.2").close(1, "box", "FIN"), nil},
		"a page":                      {at(4).ask(1, "poll 1.1").answer(1, 502, "").close(1, "box", "FIN"), []time.Duration{ms(4)}},
		"not over yet":                {at(4).ask(1, "poll 1.1"), nil},
		"nothing was said":            {at(4).hop(1, history.Accepted, "").close(1, "peer", "FIN"), nil},
		"reset, and nothing was said": {at(4).hop(1, history.Accepted, "").close(1, "box", "RST"), []time.Duration{ms(4)}},
		"ended, the same":             {at(4).hop(1, history.Accepted, "").close(1, "box", "FIN"), nil},
		"over at once":                {at(0).ask(1, "poll 1.1").close(1, "box", "FIN"), []time.Duration{0}},
		"a tunnel without an answer":  {tunnel(""), []time.Duration{ms(1)}},
		"a handshake in a tunnel":     {tunnel("\x16\x03\x01"), nil},
		"data in a tunnel":            {tunnel("\x17\x03"), nil},
		"an alert in a tunnel":        {tunnel("\x15\x03\x01"), []time.Duration{ms(1)}},
		"half a record":               {tunnel("\x16"), []time.Duration{ms(1)}},
		"another protocol":            {tunnel("\x16\x04"), []time.Duration{ms(1)}},
		"what followed in a tunnel":   {opaque, nil},
		"what the client said in it":  {peers, []time.Duration{ms(1)}},
	} {
		if got := c.story.read().FailedAttempts; !slices.Equal(got, c.want) {
			t.Errorf("%s: %v, want %v", name, got, c.want)
		}
	}
	if got := fmt.Sprint(dial(dial(at(4), "connected"), "refused").read().Dials); got != "[{4ms 10.0.0.1:80 } {4ms 10.0.0.1:80 refused}]" {
		t.Errorf("%s", got)
	}
}
