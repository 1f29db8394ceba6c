package html

import (
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"gauntlet/harness/judge/history"
	"gauntlet/harness/judge/oracle"
	"gauntlet/harness/run/rig"
)

// journey is a run with one box. The second request is processed and its answer
// lost; the client asks again on another connection.
func journey() []history.Event {
	head := func(target string) []byte { return []byte("POST " + target + " HTTP/1.1\r\n\r\n") }
	outer, inner := head("http://gw/gateway.dll?SessionID=1.2"), head("/gateway.dll?SessionID=1.2")
	body, labels := []byte("MSG 4 A 2\r\nhi"), []string{"command", "SB", "MSG"}
	events := []history.Event{
		{From: history.AtRig, Kind: history.StepBegan, Text: "send 1 message"},
		{From: history.AtHop, Kind: history.Accepted, Conn: 1},
	}
	for _, conn := range []int{1, 2} {
		if conn == 2 {
			events = append(events,
				history.Event{From: history.AtHop, Kind: history.Fired, Conn: 1, Exchange: 1, Fault: "hop 0: on MSG 1, answer: reset"},
				history.Event{From: history.AtHop, Kind: history.Closed, Conn: 1, By: "fault", How: "RST"},
				history.Event{From: history.AtHop, Kind: history.Accepted, Conn: 2})
		}
		events = append(events,
			history.Event{From: history.AtHop, Kind: history.RequestBegan, Conn: conn},
			history.Event{From: history.AtHop, Kind: history.RequestHead, Conn: conn, Exchange: conn, Data: outer, Labels: labels[:2]},
			history.Event{From: history.AtHop, Kind: history.RequestDone, Conn: conn, Exchange: conn, Data: body, Labels: labels},
			history.Event{From: history.AtHop, Kind: history.RequestBegan, Hop: 1, Conn: 1},
			history.Event{From: history.AtHop, Kind: history.RequestHead, Hop: 1, Conn: 1, Exchange: conn, Data: inner, Labels: labels[:2]},
			history.Event{From: history.AtHop, Kind: history.RequestDone, Hop: 1, Conn: 1, Exchange: conn, Data: body, Labels: labels},
			history.Event{From: history.AtGateway, Kind: []history.Kind{history.Processed, history.Repeated}[conn-1], NewID: "1.3456789"},
			history.Event{From: history.AtHop, Kind: history.AnswerHead, Hop: 1, Conn: 1, Exchange: conn, Status: 200, Data: []byte("HTTP/1.1 200 OK\r\n\r\n")},
			history.Event{From: history.AtHop, Kind: history.AnswerDone, Hop: 1, Conn: 1, Exchange: conn, Data: []byte("ACK 4\r\nJOI bob@example.com Bob\r\n")})
	}
	events = append(events,
		history.Event{From: history.AtHop, Kind: history.AnswerHead, Conn: 2, Exchange: 2, Status: 200, Data: []byte("HTTP/1.1 200 OK\r\n\r\n")},
		history.Event{From: history.AtHop, Kind: history.AnswerDone, Conn: 2, Exchange: 2, Data: []byte("ACK 4\r\nJOI bob@example.com Bob\r\n")})
	for i := range events {
		events[i].Seq, events[i].At = i+1, time.Duration(i)*time.Millisecond
	}
	return events
}

func drawn(r rig.Result, events []history.Event) *detail {
	return newDetail(r, view{spans: []span{{0, len(events)}}, total: len(events), events: events})
}

func TestRowsTellTheJourney(t *testing.T) {
	d := drawn(rig.Result{Chain: []string{"forward port 8080"}}, journey())
	var got []string
	for _, r := range d.Rows {
		line := strings.Join([]string{r.Kind, d.Lanes[r.Lane], d.Lanes[r.To], r.Text}, " | ")
		if r.Cut {
			line += " | cut"
		}
		got = append(got, line)
	}
	want := []string{
		"step | client | client | send 1 message",
		"opened | client | forward port 8080 | connection 1",
		"request | client | forward port 8080 | SB MSG 4 A",
		"request | forward port 8080 | gateway | SB MSG 4 A",
		"note | gateway | gateway | processed; the next id is …456789",
		"answer | gateway | forward port 8080 | 200 ACK, JOI",
		"fault | client | forward port 8080 | hop 0: on MSG 1, answer: reset",
		"closed | client | forward port 8080 | connection 1 reset by the fault",
		"opened | client | forward port 8080 | connection 2",
		"request | client | forward port 8080 | SB MSG 4 A",
		"request | forward port 8080 | gateway | SB MSG 4 A",
		"note | gateway | gateway | the same again: answered from the log, not processed",
		"answer | gateway | forward port 8080 | 200 ACK, JOI",
		"answer | forward port 8080 | client | 200 ACK, JOI",
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

// What was a stream among others on the wire is no connection of its own.
func TestRowTellsOfAStream(t *testing.T) {
	d := drawn(rig.Result{Chain: []string{"forward upstream-http2"}}, []history.Event{{From: history.AtHop, Kind: history.Accepted, Hop: 1, Conn: 3, How: "stream of HTTP/2"}})
	if len(d.Rows) != 1 || d.Rows[0].Text != "connection 3, a stream of HTTP/2" {
		t.Errorf("%+v", d.Rows)
	}
}

func TestLifelinesAndFate(t *testing.T) {
	d := drawn(rig.Result{Chain: []string{"box"}, Verdicts: []oracle.Verdict{
		{Requirement: "a.b", Status: oracle.Fail, Exchanges: []int{2}}, {Requirement: "c.d", Status: oracle.Pass, Exchanges: []int{1}},
	}}, journey())
	if len(d.Connections) != 3 || !d.Connections[0].Reset || d.Connections[1].To != -1 {
		t.Errorf("connections: %+v", d.Connections)
	}
	first, second := d.Exchanges[0], d.Exchanges[1]
	if first.Faults == "" || first.Answered || first.Blamed != "" || second.Blamed != "a.b" || !second.Answered {
		t.Errorf("exchanges: %+v", d.Exchanges)
	}
	if d.Exchanges[2].Parent != 0 || d.Exchanges[3].Parent != 1 || first.Parent != -1 {
		t.Errorf("who carries on what: %+v", d.Exchanges)
	}
	if d.Data[first.Body] != "MSG 4 A 2\\r\nhi" || first.Body != d.Exchanges[3].Body {
		t.Errorf("bodies: %q", d.Data)
	}
}

func TestRequestWithoutAHead(t *testing.T) {
	d := drawn(rig.Result{}, []history.Event{
		{Seq: 1, From: history.AtHop, Kind: history.RequestBegan, Conn: 1},
		{Seq: 2, From: history.AtHop, Kind: history.Closed, Conn: 1, By: "box", How: "FIN"},
	})
	if len(d.Rows) != 2 || d.Rows[0].Kind != requestRow || !d.Rows[0].Cut || d.Rows[0].Exchange != 0 {
		t.Errorf("%+v", d.Rows)
	}
}

func TestWhatIsLeftOut(t *testing.T) {
	events := journey()
	v := view{spans: []span{{2, 5}, {12, len(events)}}, total: len(events) + 7, events: append(append([]history.Event{}, events[2:5]...), events[12:]...)}
	d := newDetail(rig.Result{Chain: []string{"box"}}, v)
	var gaps []string
	for i, r := range d.Rows {
		if r.Kind == gapRow {
			gaps = append(gaps, r.Text)
			if first, last := i == 0, i == len(d.Rows)-1; len(gaps) == 1 && !first || len(gaps) == 3 && !last {
				t.Errorf("gap %d is row %d", len(gaps), i)
			}
		}
	}
	want := []string{"2 events are not shown here; the history has them", "7 events are not shown here; the history has them", "7 events are not shown here; the history has them"}
	if !reflect.DeepEqual(gaps, want) {
		t.Errorf("%q", gaps)
	}
	if x := d.Exchanges[0]; !x.Beyond || x.To != -1 {
		t.Errorf("the first request goes on in the gap: %+v", x)
	}
}

func TestQuietPolls(t *testing.T) {
	poll := func(answer string, fault bool) *detail {
		events := []history.Event{
			{From: history.AtHop, Kind: history.RequestBegan, Conn: 1},
			{From: history.AtHop, Kind: history.RequestHead, Conn: 1, Exchange: 1, Labels: []string{"poll", "NS"}},
			{From: history.AtHop, Kind: history.RequestDone, Conn: 1, Exchange: 1},
			{From: history.AtHop, Kind: history.AnswerHead, Conn: 1, Exchange: 1, Status: 200},
			{From: history.AtHop, Kind: history.AnswerDone, Conn: 1, Exchange: 1, Data: []byte(answer)},
		}
		if fault {
			events = append(events, history.Event{From: history.AtHop, Kind: history.Fired, Conn: 1, Exchange: 1, Fault: "f"})
		}
		return drawn(rig.Result{}, events)
	}
	if !poll("", false).Rows[0].Quiet || poll("RNG", false).Rows[0].Quiet || poll("", true).Rows[0].Quiet {
		t.Error("only a poll that brought nothing and was not struck is quiet")
	}
}

func TestRepeatsByABoxCarryOnTheSame(t *testing.T) {
	x := func(hop int, began time.Duration, id string) *history.Exchange {
		return &history.Exchange{Hop: hop, Began: began, Head: []byte("POST /?SessionID=" + id + " HTTP/1.1\r\n"), Received: true}
	}
	raw := []*history.Exchange{x(0, 1, "a"), x(0, 4, "a"), x(0, 9, "b"), x(1, 2, "a"), x(1, 3, "a"), x(1, 5, "a"), x(1, 6, "c")}
	exchanges := slices.Repeat([]exchange{{Parent: -1}}, len(raw))
	link(exchanges, raw)
	var got []int
	for _, e := range exchanges[3:] {
		got = append(got, e.Parent)
	}
	if !reflect.DeepEqual(got, []int{0, 0, 1, -1}) { // the last belongs to nobody
		t.Errorf("%v", got)
	}
}
