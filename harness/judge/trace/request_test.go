package trace_test

import (
	"fmt"
	"testing"

	"gauntlet/harness/judge/history"
	. "gauntlet/harness/judge/trace"
)

func TestNames(t *testing.T) {
	begun := func() *story { return at(1).session(1, "NS", "1.1") }
	for want, s := range map[string]*story{
		"NS open": begun().ask(1, "open NS"),
		"SB open": begun().ask(1, "open SB"),
		"open":    begun().raw(1, "POST /gateway/gateway.dll?Action=open&IP=h HTTP/1.1\r\n\r\n"),
		"NS poll": begun().ask(1, "poll 1.1"),
		"poll":    begun().ask(1, "poll 7.7"), // whose, nobody knows
		"NS CHG":  begun().ask(1, "1.1 CHG 3 NLN\r\n"),
		"NS OUT":  begun().ask(1, "1.1 OUT\r\n"),
		"CHG":     begun().ask(1, "7.7 CHG 3 NLN\r\n"),
		"NS":      begun().head(1, "1.1 CHG"),
		`not the gateway's: not the gateway's path: "/index.html"`: begun().raw(1, "GET /index.html HTTP/1.1\r\n\r\n"),
		"not the gateway's: its head never came whole":             begun().hop(1, history.RequestBegan, "").hop(1, history.RequestCut, "POST /gateway/gateway.dll?Session"),
	} {
		if got := s.read().Requests[0].Name(); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}

// An open belongs to the session that its answer names, any other request to the
// one that it names itself.
func TestWhoseRequestItIs(t *testing.T) {
	read := at(1).session(1, "NS", "1.1").session(2, "SB", "2.1").
		ask(1, "open NS").answer(1, 200, "1.1; GW-IP=h").ask(1, "open SB").answer(1, 200, "2.1; GW-IP=h").ask(1, "open SB").answer(1, 502, "").
		ask(1, "poll 2.1").answer(1, 200, "1.1; GW-IP=h").ask(1, "poll 9.9").answer(1, 200, "1.1; GW-IP=h").read()
	var got string
	for _, r := range read.Requests {
		number := 0
		if r.Session != nil {
			number = r.Session.Number
		}
		got += fmt.Sprintf("%d %s %s|", number, r.Server(), r.Authority)
	}
	if want := "1 NS gateway|2 SB gateway|0 SB gateway|2 SB gateway|0  gateway|"; got != want {
		t.Errorf("%s\nwant %s", got, want)
	}
	if a, b := read.Sessions[0].Requests, read.Sessions[1].Requests; len(a) != 1 || len(b) != 2 || b[1].Ordinal != 4 {
		t.Errorf("%d and %d", len(a), len(b))
	}
}

func TestWhomARequestIsAddressedTo(t *testing.T) {
	for head, want := range map[string]string{
		"POST /gateway/gateway.dll?SessionID=1 HTTP/1.1\r\nHost: Gateway:80\r\n\r\n":      "gateway",
		"POST /gateway/gateway.dll?SessionID=1 HTTP/1.1\r\nHost: gateway:8080\r\n\r\n":    "gateway:8080",
		"POST http://A/gateway/gateway.dll?SessionID=1 HTTP/1.1\r\nHost: gateway\r\n\r\n": "a",
	} {
		if got := at(1).raw(1, head).read().Requests[0].Authority; got != want {
			t.Errorf("%q: %q, want %q", head, got, want)
		}
	}
	for address, want := range map[string]string{"1.2.3.4:1863": "1.2.3.4", "1.2.3.4": "1.2.3.4", "[::1]:80": "::1"} {
		if got := HostOf(address); got != want {
			t.Errorf("%s: %s", address, got)
		}
	}
}

// Each of what is told of a request, just inside and just outside.
func TestARequest(t *testing.T) {
	const given = "1.2; GW-IP=h"
	poll := func() *story { return at(1).session(1, "NS", "1.1").ask(1, "poll 1.1").at(3) }
	open := func() *story { return at(1).session(1, "NS", "1.1").ask(1, "open NS").at(3) }
	answered := func(head string) *story {
		s := poll().answer(1, 200, given)
		s.events[len(s.events)-2].Data = []byte(head)
		return s
	}
	for name, c := range map[string]struct {
		story *story
		is    func(*Request) bool
		want  bool
	}{
		"an open":                     {open(), (*Request).IsOpen, true},
		"no open":                     {poll(), (*Request).IsOpen, false},
		"a poll":                      {poll(), (*Request).ShortPoll, true},
		"a poll that may be held":     {at(1).raw(1, "POST /gateway/gateway.dll?Action=poll&Lifespan=60&SessionID=1.1 HTTP/1.1\r\n\r\n"), (*Request).ShortPoll, false},
		"a command, for a poll":       {at(1).ask(1, "1.1 CHG 1 NLN\r\n"), (*Request).ShortPoll, false},
		"served":                      {poll().answer(1, 200, given), (*Request).Served, true},
		"served in part":              {poll().begin(1, 200, given), (*Request).Served, false},
		"served by whom":              {poll().answer(1, 200, ""), (*Request).Served, false},
		"served by an error":          {poll().answer(1, 502, given), (*Request).Served, false},
		"sure":                        {poll().answer(1, 200, given).close(1, "peer", "FIN"), (*Request).Unsure, false},
		"a reset right behind":        {poll().answer(1, 200, given).close(1, "box", "RST"), (*Request).Unsure, true},
		"a reset in the answer":       {poll().begin(1, 200, given).close(1, "box", "RST"), (*Request).Unsure, false}, // no doubt: it was cut
		"closes":                      {poll().answer(1, 200, given+"; Session=close"), (*Request).Closes, true},
		"closes not":                  {poll().answer(1, 200, given), (*Request).Closes, false},
		"closes, says half an answer": {poll().begin(1, 200, given+"; Session=close").close(1, "box", "FIN"), (*Request).Closes, false},
		"closes, perhaps":             {poll().answer(1, 200, given+"; Session=close").close(1, "box", "RST"), (*Request).Closes, false},
		"lost with its connection":    {poll().close(1, "fault", "FIN"), (*Request).Lost, true},
		"lost in the instant":         {at(0).ask(1, "poll 1.1").close(1, "fault", "FIN"), (*Request).Lost, true},
		"still waiting":               {poll(), (*Request).Lost, false},
		"lost, but served":            {poll().answer(1, 200, given).close(1, "fault", "FIN"), (*Request).Lost, false},
		"lost to a page":              {poll().answer(1, 502, ""), (*Request).Lost, true},
		"lost, but refused":           {poll().answer(1, 400, ""), (*Request).Lost, false},
		"leaves":                      {at(1).ask(1, "1.1 OUT\r\n"), (*Request).Leaves, true},
		"leaves not":                  {at(1).ask(1, "1.1 CHG 1 NLN\r\n"), (*Request).Leaves, false},
		"close announced":             {answered("HTTP/1.1 200 OK\r\nConnection: Close\r\n\r\n"), (*Request).AnnouncedClose, true},
		"close announced by a proxy":  {answered("HTTP/1.1 200 OK\r\nProxy-Connection: close\r\n\r\n"), (*Request).AnnouncedClose, true},
		"close not announced":         {answered("HTTP/1.1 200 OK\r\nX: close\r\n\r\n"), (*Request).AnnouncedClose, false},
		"HTTP/1.0":                    {answered("HTTP/1.0 200 OK\r\n\r\n"), (*Request).AnnouncedClose, true},
		"HTTP/1.0, kept":              {answered("HTTP/1.0 200 OK\r\nConnection: Keep-Alive\r\n\r\n"), (*Request).AnnouncedClose, false},
	} {
		if got := c.is(c.story.read().Requests[0]); got != c.want {
			t.Errorf("%s: %t", name, got)
		}
	}
}

// Of the tickets for a chat that the user was sent before an open, the last says
// whether it is called or calls.
func TestAnswersCall(t *testing.T) {
	const call, own = "RNG 11 10.0.0.1:1863 CKI 1.2 bob@example.com Bob\r\n", "XFR 5 SB 10.0.0.1:1863 CKI 3.4\r\n"
	sent := func(s *story, user, command string) *story {
		return s.add(history.Event{From: history.AtMessenger, Kind: history.Sent, User: user, Data: []byte(command)})
	}
	for name, c := range map[string]struct {
		story *story
		want  bool
	}{
		"called":                      {sent(at(1), alice, call).ask(1, "open SB"), true},
		"called in other letters":     {sent(at(1), "Alice@Example.com", call).ask(1, "open SB"), true},
		"somebody else was called":    {sent(at(1), "bob@example.com", call).ask(1, "open SB"), false},
		"called, then calls":          {sent(sent(at(1), alice, call), alice, own).ask(1, "open SB"), false},
		"calls, then called":          {sent(sent(at(1), alice, own), alice, call).ask(1, "open SB"), true},
		"called afterwards":           {sent(at(1).ask(1, "open SB").at(2), alice, call), false},
		"called at once":              {sent(at(1).ask(1, "open SB"), alice, call), true},
		"another kind of session":     {sent(at(1), alice, call).ask(1, "open NS"), false},
		"no open":                     {sent(at(1), alice, call).ask(1, "poll 1.1"), false},
		"called, and asks for one":    {sent(at(1), alice, call).add(history.Event{From: history.AtMessenger, Kind: history.Command, User: alice, Data: []byte("XFR 6 SB\r\n")}).ask(1, "open SB"), true},
		"moved to another home":       {sent(sent(at(1), alice, call), alice, "XFR 5 NS 10.0.0.1:1863 0 10.0.0.2:1863\r\n").ask(1, "open SB"), true},
		"nobody was sent anything":    {at(1).ask(1, "open SB"), false},
		"a command that is no ticket": {sent(at(1), alice, "CHG 1 NLN\r\n").ask(1, "open SB"), false},
	} {
		if got := c.story.read().Requests[0].AnswersCall(); got != c.want {
			t.Errorf("%s: %t", name, got)
		}
	}
	read := sent(sent(at(7), alice, call), alice, own).read()
	if got, want := fmt.Sprint(read.Tickets), "[{7ms true 10.0.0.1} {7ms false 10.0.0.1}]"; got != want {
		t.Errorf("%s, want %s", got, want)
	}
}

// A loss is continued by its session's next request, or by the same open again.
func TestContinues(t *testing.T) {
	begun := func() *story { return at(1).session(1, "NS", "1.1").session(2, "SB", "2.1") }
	for name, c := range map[string]struct {
		lost, next string
		want       bool
	}{
		"the session":          {"poll 1.1", "1.1 CHG 1 NLN\r\n", true},
		"another session":      {"poll 1.1", "poll 2.1", false},
		"nobody's session":     {"poll 7.7", "poll 7.7", false},
		"an open":              {"open NS", "open NS", true},
		"an open of another":   {"open NS", "open SB", false},
		"an open after a poll": {"poll 1.1", "open NS", false},
		"a poll after an open": {"open NS", "poll 1.1", false},
	} {
		read := begun().ask(1, c.lost).close(1, "fault", "RST").at(2).ask(2, c.next).read()
		if got := read.Requests[1].Continues(read.Requests[0]); got != c.want {
			t.Errorf("%s: %t", name, got)
		}
	}
}
