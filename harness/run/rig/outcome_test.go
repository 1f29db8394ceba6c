package rig

import (
	"slices"
	"strings"
	"testing"
	"time"

	"gauntlet/harness/judge/fate"
	"gauntlet/harness/judge/history"
	"gauntlet/harness/judge/oracle"
	"gauntlet/harness/judge/trace"
)

// polls are a history of that many polls at hop 0, a second apart, each answered
// after half a second; the last may be lost instead.
func polls(n int, lost bool) (events []history.Event) {
	add := func(at time.Duration, e history.Event) {
		e.At, e.From, e.Conn = at, history.AtHop, 1
		events = append(events, e)
	}
	add(0, history.Event{Kind: history.Accepted})
	for i := 1; i <= n; i++ {
		at := time.Duration(i) * time.Second
		add(at, history.Event{Kind: history.RequestBegan})
		add(at, history.Event{Kind: history.RequestHead, Exchange: i, Data: []byte("POST /gateway/gateway.dll?Action=poll&SessionID=1.1 HTTP/1.1\r\nHost: x\r\n\r\n")})
		add(at, history.Event{Kind: history.RequestDone, Exchange: i})
		at += 500 * time.Millisecond
		if lost && i == n {
			add(at, history.Event{Kind: history.Fired, Exchange: i, Fault: "hop 0: on poll 3, answer: reset"})
			add(at, history.Event{Kind: history.Closed, By: "fault", How: "RST"})
			continue
		}
		add(at, history.Event{Kind: history.AnswerBegan, Exchange: i})
		add(at, history.Event{Kind: history.AnswerHead, Exchange: i, Status: 200, Data: []byte("HTTP/1.1 200 OK\r\n\r\n")})
		add(at, history.Event{Kind: history.AnswerDone, Exchange: i, Data: []byte("CHL 0 1\r\n")})
	}
	return events
}

func TestTimeline(t *testing.T) {
	events := append(polls(2, true),
		history.Event{At: 100 * time.Millisecond, From: history.AtRig, Kind: history.StepBegan, Text: "sign in"},
		history.Event{At: 1200 * time.Millisecond, From: history.AtDial, Kind: history.Dialled, ID: "10.1.1.1:8080", How: "connected"},
		history.Event{At: 3 * time.Second, From: history.AtRig, Kind: history.StepFailed, Text: "sign in: no"},
		history.Event{At: 3 * time.Second, From: history.AtHop, Kind: history.Opaque, Conn: 2, Data: []byte{5, 1, 0}},
		history.Event{At: 3 * time.Second, From: history.AtHop, Kind: history.Opaque, Hop: 1, Conn: 2, Data: []byte{5, 1, 0}},
		history.Event{At: 4 * time.Second, From: history.AtClient, Kind: history.Failed, Text: "the server is gone"},
		history.Event{At: 5 * time.Second, Kind: history.Rejected, Status: 400, Text: "no session"},
		history.Event{At: 6 * time.Second, From: history.AtRig, Kind: history.RunEnded},
	)
	got := Outcome{Events: events, Result: Result{Fates: []fate.Fate{{At: 2600, Stage: trace.NeverLeft, Concluded: []fate.Conclusion{fate.FellSilent}}}}}.Timeline()
	want := []string{
		"0.100s  the user: sign in",
		`1.000s  connection 1   request 1   "/gateway/gateway.dll?Action=poll&SessionID=1.1"`,
		"1.200s  connects to 10.1.1.1:8080: connected",
		`2.000s  connection 1   request 2   "/gateway/gateway.dll?Action=poll&SessionID=1.1"`,
		"2.600s  a request that was not seen never left the client; the client fell silent",
		"3.000s  not done: sign in: no",
		"3.000s  connection 2 carries what is not HTTP: 05 01 00",
		"4.000s  the client says: failed the server is gone",
		"5.000s  the gateway answers 400: no session",
	}
	if len(got) != len(want) {
		t.Fatalf("%d lines:\n%s", len(got), strings.Join(got, "\n"))
	}
	for i, line := range got {
		plain := strings.Replace(want[i], "/gateway/gateway.dll?", "", 1)
		if !strings.HasPrefix(strings.TrimSpace(line), plain) {
			t.Errorf("%q, want %q", line, plain)
		}
	}
	if !strings.HasSuffix(got[1], "→ 200, 9 bytes") || !strings.Contains(got[3], "→ no answer; connection lost after 0.500s   ⚡ hop 0: on poll 3, answer: reset") {
		t.Errorf("what became of them: %q, %q", got[1], got[3])
	}
}

func TestExcerpt(t *testing.T) {
	for _, test := range []struct {
		name   string
		events []history.Event
		of     []int // of which exchanges the verdict speaks
		want   []string
	}{
		{"up to the exchanges of the verdict, and the next one", polls(9, false), []int{3, 5}, []string{"4", "5", "6"}},
		{"up to the only one, and the next", polls(9, false), []int{3}, []string{"2", "3", "4"}},
		{"up to the last", polls(9, false), []int{9}, []string{"7", "8", "9"}},
		{"the last ones", polls(9, false), nil, []string{"7", "8", "9"}},
		{"from the one before that a fault struck", append(polls(4, true), shifted(polls(9, false)[1:], 4)...), nil, []string{"3", "4", "5"}},
		{"all, if they are few", polls(2, false), nil, []string{"1", "2"}},
	} {
		var got []string
		for _, line := range (Outcome{Events: test.events}).Excerpt(oracle.Verdict{Exchanges: test.of}, 3) {
			_, after, _ := strings.Cut(line, "request ")
			got = append(got, strings.Fields(after)[0])
		}
		if !slices.Equal(got, test.want) {
			t.Errorf("%s: %v, want %v", test.name, got, test.want)
		}
	}
}

// Of all events those are told that no exchange shows.
func TestTell(t *testing.T) {
	for kind, want := range map[history.Kind]string{
		history.Dialled: "connects to i: h", history.StepBegan: "the user: x", history.StepFailed: "not done: x", history.StepEnded: "ended by hand: x",
		history.Rejected: "the gateway answers 400: x", history.ClientGone: "client gone: x", history.Crashed: "crashed: x", history.Uncertain: "the client says: uncertain x",
		history.Reopened: "the client says: reopened x", history.Failed: "the client says: failed x", history.StepDone: "", history.Delivered: "", history.AnswerDone: "",
		history.Opaque: "connection 3 carries what is not HTTP: 78 79 7a 78 79 7a 78 79 7a 78 79 7a 78 79 7a 78",
	} {
		if got := tell(&history.Event{Kind: kind, ID: "i", How: "h", Text: "x", Status: 400, Conn: 3, Data: []byte(strings.Repeat("xyz", 7))}); got != want {
			t.Errorf("%s: %q, want %q", kind, got, want)
		}
	}
}

// Each exchange is one line, which says what became of it.
func TestDescribe(t *testing.T) {
	const head = "POST /gateway/gateway.dll?SessionID=1.1 HTTP/1.1\r\nHost: x\r\n\r\n"
	long := "MSG " + strings.Repeat("x", 100)
	for _, test := range []struct {
		x    history.Exchange
		want string
	}{
		{history.Exchange{Ordinal: 1, Head: []byte(head), Ended: -1}, `request 1   "SessionID=1.1" → no answer`},
		{history.Exchange{Ordinal: 1, Head: []byte(head), Ended: time.Second}, `request 1   "SessionID=1.1" → no answer; connection lost after 1.000s`},
		{history.Exchange{Ordinal: 1, Head: []byte(head), Status: 200, Ended: time.Second}, `request 1   "SessionID=1.1" → 200, answer cut`},
		{history.Exchange{Ordinal: 1, Head: []byte(head), Status: 400, Answered: true}, `request 1   "SessionID=1.1" → 400, 0 bytes`},
		{history.Exchange{Head: []byte("POS"), Ended: time.Second}, `request cut "POS" → no answer; connection lost after 1.000s`},
		{history.Exchange{Ordinal: 22, Head: []byte(head), Body: []byte("CHG 1 NLN\r\nOUT\r\n"), Ended: -1}, `request 22  "SessionID=1.1  CHG 1 NLN" → no answer`},
		{history.Exchange{Ordinal: 1, Head: []byte(head), Body: []byte(long[:75]), Ended: -1}, `request 1   "SessionID=1.1  ` + long[:75] + `" → no answer`},
		{history.Exchange{Ordinal: 1, Head: []byte(head), Body: []byte(long), Ended: -1}, `request 1   "SessionID=1.1  ` + long[:75] + `…" → no answer`},
	} {
		got := strings.Join(strings.Fields(describe(&test.x, "")), " ")
		if want := "0.000s connection 0 " + strings.Join(strings.Fields(test.want), " "); got != want {
			t.Errorf("%s\nwant %s", got, want)
		}
	}
}

// shifted are events of another connection, their exchanges n further on.
func shifted(events []history.Event, n int) []history.Event {
	for i := range events {
		events[i].Conn, events[i].At, events[i].Exchange = 2, events[i].At+time.Minute, events[i].Exchange+n
	}
	return append([]history.Event{{At: time.Minute, From: history.AtHop, Kind: history.Accepted, Conn: 2}}, events...)
}

// A history is the same, whoever has written it.
func TestHistoriesOfOutcomes(t *testing.T) {
	here := Outcome{Case: cut(), Events: polls(2, false), Result: Result{Mode: Virtual, Client: "mine", Seed: 7}}
	for i := range here.Events {
		here.Events[i].Seq = i + 1
	}
	text, err := here.History()
	if err != nil {
		t.Fatal(err)
	}
	there := Outcome{Case: cut(), Stored: text}
	if again, err := there.History(); err != nil || string(again) != string(text) {
		t.Errorf("%v", err)
	}
	events, err := there.Recorded()
	if err != nil || len(events) != len(here.Events) || len(there.Timeline()) != 2 {
		t.Errorf("%d events, %v", len(events), err)
	}
	if m := here.Meta(); m.Case != "cut" || m.Mode != "virtual" || m.Client != "mine" || m.Seed != 7 || m.Harness != "devel" || len(m.Definition) == 0 {
		t.Errorf("%+v", m)
	}
	if events, err := (Outcome{}).Recorded(); events != nil || err != nil {
		t.Errorf("of a worker that died: %v, %v", events, err)
	}
}

func TestWhatIsSaidStandsBesideTheRequest(t *testing.T) {
	for body, want := range map[string]string{
		"MSG 4 A 82\r\nMIME-Version: 1.0\r\n\r\nmessage 2": `"x=1  MSG 4: message 2"`,
		"MSG 4 A 82\r\nMIME-Version: 1.0\r\n\r\n\x1b[2J":   `"x=1  MSG 4 A 82"`,
		"MSG 4 A 82\r\n\r\n\xff":                           `"x=1  MSG 4 A 82"`,
		"CAL 2 bob@example.com\r\n":                        `"x=1  CAL 2 bob@example.com"`,
	} {
		got := requestLine(&history.Exchange{Head: []byte("POST /g?x=1 HTTP/1.1\r\n\r\n"), Body: []byte(body)})
		if got != want {
			t.Errorf("%q: %s, want %s", body, got, want)
		}
	}
}

func TestTheExchangesThatBrokeItAreMarked(t *testing.T) {
	plain := (Outcome{Events: polls(9, false)}).Excerpt(oracle.Verdict{Exchanges: []int{2, 4}}, 4)
	for status, want := range map[oracle.Status]string{oracle.Fail: "✗ ✗ ", oracle.Inconclusive: "    "} {
		got := ""
		for i, line := range (Outcome{Events: polls(9, false)}).Excerpt(oracle.Verdict{Status: status, Exchanges: []int{2, 4}}, 4) {
			got += string([]rune(line)[0])
			if string([]rune(line)[1:]) != plain[i][1:] {
				t.Errorf("%s: a mark moves what it stands before: %q, without %q", status, line, plain[i])
			}
		}
		if got != want {
			t.Errorf("%s: %q, want %q", status, got, want)
		}
	}
}

// From which exchange on it was certain is said beside that one, and beside none where
// nothing is certain.
func TestWhereItBecameCertainIsMarked(t *testing.T) {
	cut := func(kind history.Kind, data string) history.Event {
		return history.Event{From: history.AtHop, Conn: 1, At: 9 * time.Second, Kind: kind, Data: []byte(data)}
	}
	events := append(polls(3, false), cut(history.RequestBegan, ""), cut(history.RequestCut, "POS"))
	for certain, want := range map[int][]string{0: nil, 3: {"3"}} {
		var got []string
		for _, line := range (Outcome{Events: events, Result: Result{Certain: certain}}).Excerpt(oracle.Verdict{}, 4) {
			if _, after, _ := strings.Cut(line, "request "); strings.HasSuffix(line, "◄ from here on certain") {
				got = append(got, strings.Fields(after)[0])
			}
		}
		if !slices.Equal(got, want) {
			t.Errorf("certain by %d: marked at %v, want %v", certain, got, want)
		}
	}
}
