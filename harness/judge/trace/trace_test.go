package trace_test

import (
	"fmt"
	"reflect"
	"slices"
	"testing"
	"time"

	"gauntlet/harness/judge/history"
	. "gauntlet/harness/judge/trace"
	"gauntlet/harness/run/workload"
)

// The first word on the route counts.
func TestRoute(t *testing.T) {
	read := at(1).add(history.Event{From: history.AtRig, Kind: history.Configured, How: Socks5, ID: "10.0.0.8:1080", Text: "Gateway:80", By: "http://h/proxy.pac", Labels: []string{"10.0.0.7:1080"}}).
		add(history.Event{From: history.AtRig, Kind: history.Configured, How: Off}).read()
	if want := (Route{How: Socks5, Proxy: "10.0.0.8:1080", Gateway: "gateway", File: "http://h/proxy.pac", Named: []string{"10.0.0.7:1080"}, Told: true}); !reflect.DeepEqual(read.Route, want) {
		t.Errorf("%+v, want %+v", read.Route, want)
	}
	if route := at(1).rig(history.StepBegan, "sign out").read().Route; !reflect.DeepEqual(route, Route{}) {
		t.Errorf("%+v", route)
	}
	for how, want := range map[string]bool{"": false, Direct: false, Off: false, Connect: true, Socks4: true, Socks4a: true, Socks5: true, "http proxy": true} {
		if got := (Route{How: how}).Proxied(); got != want {
			t.Errorf("%q: %t", how, got)
		}
	}
}

// What a client says to a proxy alone is none of its requests: its CONNECT, if
// it was told to make one or logs in by TLS.
func TestTunnels(t *testing.T) {
	const connect = "CONNECT gateway:80 HTTP/1.1\r\n\r\n"
	told := func(how string) *story {
		return at(1).add(history.Event{From: history.AtRig, Kind: history.Configured, How: how})
	}
	cut := func(s *story) *story {
		return s.hop(1, history.RequestBegan, "").hop(1, history.RequestCut, "CONN").close(1, "fault", "RST")
	}
	for name, c := range map[string]struct {
		story     *story
		requests  int
		tunnelled bool
	}{
		"as it was told":           {told(Connect).raw(1, connect), 0, true},
		"cut off":                  {cut(told(Connect)), 0, false},
		"cut off, another route":   {cut(told(Direct)), 1, false},
		"nobody told it to":        {told(Direct).raw(1, connect), 1, true},
		"to log in":                {told(Direct).raw(1, "CONNECT login:443 HTTP/1.1\r\n\r\n"), 0, true},
		"no tunnel":                {told(Connect).ask(1, "poll 1.1"), 1, false},
		"a request for port 443":   {told(Direct).raw(1, "GET http://login:443 HTTP/1.1\r\n\r\n"), 1, false},
		"nothing was said":         {told(Connect).hop(1, history.Accepted, ""), 0, false},
		"refused, then a request":  {told(Connect).raw(1, connect).answer(1, 403, "").ask(1, "poll 1.1"), 1, false},
		"a request, then a tunnel": {told(Connect).ask(1, "poll 1.1").answer(1, 400, "").raw(1, connect), 1, true},
	} {
		read := c.story.read()
		if len(read.Requests) != c.requests || read.Tunnelled(1) != c.tunnelled || read.Tunnelled(2) {
			t.Errorf("%s: %d requests, tunnelled: %t", name, len(read.Requests), read.Tunnelled(1))
		}
	}
}

func TestConnectionsByNumber(t *testing.T) {
	read := at(1).hop(3, history.Accepted, "").at(2).hop(5, history.Accepted, "").read()
	for number, want := range map[int]time.Duration{3: ms(1), 5: ms(2)} {
		if c := read.Connection(number); c == nil || c.Number != number || c.Accepted != want {
			t.Errorf("%d: %+v", number, c)
		}
	}
	if c := read.Connection(4); c != nil {
		t.Errorf("%+v", c)
	}
}

// Of a step that was done several times the last counts.
func TestSteps(t *testing.T) {
	read := at(1).rig(history.StepBegan, "stay 1s").at(3).rig(history.StepBegan, "stay 2s").at(4).rig(history.StepDone, "stay 2s").
		at(5).rig(history.StepBegan, "no such step").rig(history.StepEnded, "sign out").read()
	for verb, want := range map[workload.Verb]string{workload.Stay: "3ms true", workload.SignOut: "0s false"} {
		if at, found := read.StepTime(verb); fmt.Sprint(at, found) != want {
			t.Errorf("%s: %v %t, want %s", verb, at, found, want)
		}
	}
	for verb, want := range map[workload.Verb]bool{workload.SignOut: true, workload.Stay: false, "": true} {
		if got := read.EndedByHand(verb); got != want {
			t.Errorf("ended %s: %t", verb, got)
		}
	}
	if at(1).rig(history.StepBegan, "sign out").read().EndedByHand("") {
		t.Error("ended though nobody ended it")
	}
}

// The user is gone if it signed out, or was told to, by the time by which the
// client should be back.
func TestUserGone(t *testing.T) {
	const later = 30_000 // milliseconds of patience
	out := func(n int, user, why string) *story {
		return at(n).add(history.Event{From: history.AtMessenger, Kind: history.SignedOut, User: user, Text: why})
	}
	for name, c := range map[string]struct {
		story *story
		want  bool
	}{
		"asked before":       {at(1).rig(history.StepBegan, "sign out"), true},
		"asked in time":      {at(100+later).rig(history.StepBegan, "sign out"), true},
		"asked later":        {at(101+later).rig(history.StepBegan, "sign out"), false},
		"another step":       {at(100).rig(history.StepBegan, "stay 1s"), false},
		"left at once":       {out(100, alice, "OUT"), true},
		"left in time":       {out(100+later, alice, "OUT"), true},
		"left later":         {out(101+later, alice, "OUT"), false},
		"left before":        {out(99, alice, "OUT"), false},
		"lost":               {out(100, alice, "lost"), false},
		"somebody else left": {out(100, "bob@example.com", "OUT"), false},
		"signed in":          {at(100).add(history.Event{Kind: history.SignedIn, User: alice, Text: "OUT"}), false},
	} {
		if got := c.story.read().UserGone(ms(100)); got != c.want {
			t.Errorf("%s: %t", name, got)
		}
	}
}

// What the client says of itself is told apart from what others say of it.
func TestWhatTheClientSays(t *testing.T) {
	by := func(from history.Vantage, kind history.Kind) *story {
		return at(1).add(history.Event{From: from, Kind: kind, Text: "x"})
	}
	for name, c := range map[string]struct {
		story        *story
		says, speaks bool
	}{
		"nothing":          {at(1), false, false},
		"it failed":        {by(history.AtClient, history.Failed), true, true},
		"something else":   {by(history.AtClient, history.Connected), false, true},
		"what it was told": {by(history.AtClient, history.Submitted), false, false},
		"others say it":    {by(history.AtRig, history.Failed), false, false},
	} {
		if read := c.story.read(); read.Says(history.Failed) != c.says || read.Speaks() != c.speaks {
			t.Errorf("%s: says %t, speaks %t", name, read.Says(history.Failed), read.Speaks())
		}
	}
}

func TestEnds(t *testing.T) {
	if at(1).read().End() != 0 || at(1).read().LastFault() != nil || at(1).read().Garbled() != nil {
		t.Error("a history without events has some")
	}
	s := at(1).strikes(1, "f").at(2).strikes(2, "g").at(7).rig(history.StepBegan, "a").rig(history.StepDone, "b").rig(history.StepBegan, "c")
	read := s.read()
	if f := read.LastFault(); read.End() != ms(7) || f == nil || f.Fault != "g" {
		t.Errorf("ends at %v, last fault %+v", read.End(), f)
	}
	if got := read.Texts(func(e *history.Event) bool { return e.Kind == history.StepBegan }); !slices.Equal(got, []string{"a", "c"}) {
		t.Errorf("%q", got)
	}
}
