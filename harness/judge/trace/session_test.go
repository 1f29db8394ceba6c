package trace_test

import (
	"fmt"
	"slices"
	"testing"

	"gauntlet/harness/judge/history"
	. "gauntlet/harness/judge/trace"
)

func TestSessionsOfTheUser(t *testing.T) {
	s := at(1).session(1, "NS", "1.1").session(2, "NS", "2.1").session(3, "SB", "3.1")
	for session, user := range map[int]string{1: alice, 2: "bob@example.com"} {
		s.gateway(history.Event{Kind: history.SessionIdentified, Session: session, User: user})
	}
	s.at(2).gateway(history.Event{Kind: history.Processed, Session: 1, ID: "1.1", NewID: "1.2", Data: []byte("CHG 1 NLN\r\n")})
	s.gateway(history.Event{Kind: history.Repeated, Session: 1, ID: "1.1", NewID: "1.2"})
	s.gateway(history.Event{Kind: history.Processed, Session: 9, ID: "9.1", NewID: "9.2", Data: []byte("OUT\r\n")}) // nobody opened it
	s.at(3).gateway(history.Event{Kind: history.Processed, Session: 3, ID: "3.1", NewID: "3.2", Data: []byte("OUT\r\n")})
	s.gateway(history.Event{Kind: history.Processed, Session: 3, ID: "3.2", NewID: "3.3", Data: []byte("MSG\r\n")})
	s.at(4).gateway(history.Event{Kind: history.SessionEnded, Session: 3, Text: "OUT"})
	var got []string
	for _, x := range s.read().Sessions {
		got = append(got, fmt.Sprint(x.Number, x.Server, " ", x.User, x.Tokens, " ", x.Opened, x.Ended, x.Why, x.ClientLeft))
	}
	want := []string{"1NS alice@example.com[1.1 1.2] 1ms -1nsfalse", "3SB [3.1 3.2 3.3] 1ms 4msOUTtrue"}
	if !slices.Equal(got, want) {
		t.Errorf("%q\nwant %q", got, want)
	}
}

// Each of what is told of a session, just inside and just outside.
func TestASession(t *testing.T) {
	ended := func(why string) *story {
		return at(1).session(1, "NS", "1.1").at(50).gateway(history.Event{Kind: history.SessionEnded, Session: 1, Text: why})
	}
	left := at(1).session(1, "NS", "1.1").gateway(history.Event{Kind: history.Processed, Session: 1, Data: []byte("OUT\r\n")})
	opened := func() *story { return at(1).session(1, "NS", "1.1").at(2).ask(1, "open NS") }
	polled := func() *story { return at(1).session(1, "NS", "1.1").ask(1, "poll 1.1") }
	for name, c := range map[string]struct {
		story *story
		is    func(*Session) bool
		want  bool
	}{
		"lost, idle":               {ended("idle"), (*Session).LostByGateway, true},
		"lost, alive":              {polled(), (*Session).LostByGateway, false},
		"lost, left":               {ended("OUT"), (*Session).LostByGateway, false},
		"lost, refused":            {polled().answer(1, 400, ""), (*Session).LostByGateway, true},
		"refused, the head alone":  {polled().begin(1, 400, ""), (*Session).Refused, true},
		"refused, another status":  {polled().answer(1, 502, ""), (*Session).Refused, false},
		"over, at that time":       {ended("overlap"), func(s *Session) bool { return s.OverBy(ms(50)) }, true},
		"over, before":             {ended("overlap"), func(s *Session) bool { return s.OverBy(ms(49)) }, false},
		"over, idle":               {ended("idle"), func(s *Session) bool { return s.OverBy(ms(99)) }, false},
		"over, alive":              {polled(), func(s *Session) bool { return s.OverBy(ms(99)) }, false},
		"over, the client left":    {left, func(s *Session) bool { return s.OverBy(0) }, true},
		"served, since it asked":   {polled().at(3).answer(1, 200, given), func(s *Session) bool { return s.ServedSince(ms(1)) }, true},
		"served, not since":        {polled().at(3).answer(1, 200, given), func(s *Session) bool { return s.ServedSince(ms(2)) }, false},
		"served, refused":          {polled().at(3).answer(1, 400, ""), func(s *Session) bool { return s.ServedSince(ms(0)) }, false},
		"known, answered":          {opened().at(9).answer(1, 200, "1.1; GW-IP=h"), func(s *Session) bool { return s.KnownBy(ms(9)) }, true},
		"known, not yet":           {opened().at(9).answer(1, 200, "1.1; GW-IP=h"), func(s *Session) bool { return s.KnownBy(ms(8)) }, false},
		"known, half an answer":    {opened().at(9).begin(1, 200, "1.1; GW-IP=h").close(1, "fault", "RST"), func(s *Session) bool { return s.KnownBy(ms(99)) }, false},
		"known, not for certain":   {opened().at(9).answer(1, 200, "1.1; GW-IP=h").close(1, "fault", "RST"), func(s *Session) bool { return s.KnownBy(ms(99)) }, false},
		"known, made use of":       {opened().at(9).begin(1, 200, "1.1; GW-IP=h").close(1, "fault", "RST").ask(2, "poll 1.1"), func(s *Session) bool { return s.KnownBy(ms(99)) }, true},
		"known, its open not seen": {polled(), func(s *Session) bool { return s.KnownBy(0) }, true},
		"known, nothing seen":      {at(1).session(1, "NS", "1.1"), func(s *Session) bool { return s.KnownBy(ms(99)) }, false},
	} {
		if got := c.is(c.story.read().Sessions[0]); got != c.want {
			t.Errorf("%s: %t", name, got)
		}
	}
}

func TestRefusal(t *testing.T) {
	s := at(1).session(1, "NS", "1.1").ask(1, "poll 1.1").begin(1, 400, "").close(1, "fault", "FIN").ask(2, "poll 1.1").answer(2, 400, "").ask(2, "poll 1.1").answer(2, 400, "")
	if r := s.read().Sessions[0].Refusal(); r == nil || r.Ordinal != 2 { // the first did not come whole
		t.Errorf("%+v", r)
	}
	if r := at(1).session(1, "NS", "1.1").ask(1, "poll 1.1").answer(1, 200, "1.2; GW-IP=h").read().Sessions[0].Refusal(); r != nil {
		t.Errorf("%+v", r)
	}
}

// The client knows that its session is over once a whole answer of that session
// has said so.
func TestClosedBefore(t *testing.T) {
	for name, c := range map[string]struct {
		given string
		next  int
		want  bool
	}{
		"said so":          {"1.2; GW-IP=h; Session=close", 5, true},
		"at that time":     {"1.2; GW-IP=h; Session=close", 4, true},
		"later":            {"1.2; GW-IP=h; Session=close", 3, false},
		"did not say so":   {"1.2; GW-IP=h", 5, false},
		"another's answer": {"7.7; GW-IP=h; Session=close", 5, false},
	} {
		s := at(1).session(1, "NS", "1.1").gateway(history.Event{Kind: history.Processed, Session: 1, ID: "1.1", NewID: "1.2"}).ask(1, "poll 1.1")
		read := s.at(c.next).ask(2, "poll 1.2").at(4).answer(1, 200, c.given).read()
		if got := read.Sessions[0].ClosedBefore(read.Requests[1]); got != c.want {
			t.Errorf("%s: %t", name, got)
		}
	}
}
