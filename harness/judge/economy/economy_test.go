package economy

import (
	"bytes"
	"slices"
	"testing"
	"time"

	"gauntlet/harness/judge/history"
	"gauntlet/harness/judge/trace"
	"gauntlet/harness/msn/reading"
)

const user = "alice@example.com"

// exchange is one that is answered, or not, at that second.
func exchange(conn, ordinal int, second int, query, body string, answered bool) []history.Event {
	at := time.Duration(second) * time.Second
	hop := func(kind history.Kind, data string) history.Event {
		e := history.Event{At: at, From: history.AtHop, Kind: kind, Conn: conn, Data: []byte(data)}
		if kind != history.RequestBegan {
			e.Exchange = ordinal
		}
		return e
	}
	list := []history.Event{
		hop(history.RequestBegan, ""), hop(history.RequestHead, "POST /?"+query+" HTTP/1.1\r\n\r\n"), hop(history.RequestDone, body),
	}
	if answered {
		head := hop(history.AnswerHead, "HTTP/1.1 200 OK\r\nX-MSN-Messenger: SessionID=1; GW-IP=h\r\n\r\n")
		head.Status = 200
		list = append(list, head, hop(history.AnswerDone, "abc"))
	}
	return list
}

func fired(second int) history.Event {
	return history.Event{At: time.Duration(second) * time.Second, From: history.AtHop, Kind: history.Fired}
}

// opened is an exchange that opens a session at the gateway.
func opened(conn, ordinal, second int, server, id string) []history.Event {
	list := exchange(conn, ordinal, second, "Action=open&Server="+server, "", true)
	number := conn
	list = slices.Insert(list, 3, history.Event{At: list[0].At, From: history.AtGateway, Kind: history.SessionOpened, Session: number, Server: server, NewID: id})
	head := &list[4]
	head.Data = bytes.Replace(head.Data, []byte("SessionID=1"), []byte("SessionID="+id), 1)
	return list
}

// struckAt is a fault on an exchange.
func struckAt(second, conn, ordinal int) []history.Event {
	f := fired(second)
	f.Conn, f.Exchange = conn, ordinal
	return []history.Event{f}
}

func message(kind history.Kind, who, text string) history.Event {
	return history.Event{From: history.AtClient, Kind: kind, User: who, Text: text}
}

func join(parts ...[]history.Event) (list []history.Event) {
	for _, p := range parts {
		list = append(list, p...)
	}
	return list
}

func TestFigures(t *testing.T) {
	poll := exchange(1, 1, 1, "Action=poll&SessionID=1", "", true)
	again := exchange(2, 2, 9, "SessionID=1", "OUT\r\n", true)
	lost := exchange(2, 2, 9, "SessionID=1", "OUT\r\n", false)
	const ask, say, answer = 43, 31, 61 // bytes of the heads, and of an answer
	for name, c := range map[string]struct {
		events []history.Event
		want   Figures
	}{
		"nothing":        {nil, Figures{Recovered: -1}},
		"a poll":         {poll, Figures{Requests: 1, Polls: 1, Connections: 1, Sent: ask, Received: answer, Recovered: -1}},
		"back":           {join(poll, []history.Event{fired(7)}, again), Figures{Requests: 2, Polls: 1, Connections: 2, Sent: ask + say + 5, Received: 2 * answer, Recovered: 2000}},
		"not back":       {join(poll, []history.Event{fired(7)}, lost), Figures{Requests: 2, Polls: 1, Connections: 2, Sent: ask + say + 5, Received: answer, Recovered: -1}},
		"the last one":   {join([]history.Event{fired(0), fired(8)}, again), Figures{Requests: 1, Connections: 1, Sent: say + 5, Received: answer, Recovered: 1000}},
		"its own way":    {join(opened(1, 1, 0, "NS", "1"), opened(2, 2, 1, "SB", "2"), struckAt(5, 2, 2), exchange(1, 3, 6, "Action=poll&SessionID=1", "", true), exchange(3, 4, 9, "Action=poll&SessionID=2", "", true)), Figures{Requests: 4, Polls: 2, Connections: 3, Sent: 2*41 + 2*ask, Received: 4 * answer, Recovered: 4000}},
		"only another's": {join(opened(1, 1, 0, "NS", "1"), opened(2, 2, 1, "SB", "2"), struckAt(5, 2, 2), exchange(1, 3, 6, "Action=poll&SessionID=1", "", true)), Figures{Requests: 3, Polls: 1, Connections: 2, Sent: 2*41 + ask, Received: 3 * answer, Recovered: -1}},
		"begun anew":     {join(opened(1, 1, 0, "NS", "1"), opened(2, 2, 1, "SB", "2"), struckAt(5, 1, 0), exchange(2, 3, 6, "Action=poll&SessionID=2", "", true), opened(3, 4, 8, "NS", "3")), Figures{Requests: 4, Polls: 1, Connections: 3, Sent: 3*41 + ask, Received: 4 * answer, Recovered: 3000}},
		"of nobody's":    {join(opened(1, 1, 0, "NS", "1"), struckAt(5, 9, 0), exchange(1, 2, 6, "Action=poll&SessionID=1", "", true)), Figures{Requests: 2, Polls: 1, Connections: 1, Sent: 41 + ask, Received: 2 * answer, Recovered: 1000}},
		"an idle dial":   {[]history.Event{{From: history.AtHop, Kind: history.Accepted, Conn: 1}}, Figures{Recovered: -1}},
		"each way":       {[]history.Event{message(history.Relayed, user, "a"), message(history.Delivered, user, "a")}, Figures{Messages: 2, Recovered: -1}},
		"twice is once":  {[]history.Event{message(history.Relayed, user, "a"), message(history.Relayed, user, "a")}, Figures{Messages: 1, Recovered: -1}},
		"the other's":    {[]history.Event{message(history.Relayed, "bob", "a")}, Figures{Recovered: -1}},
	} {
		if got := Of(trace.New(c.events, trace.Facts{Reader: reading.MSN{}, User: user})); got != c.want {
			t.Errorf("%s: %+v, want %+v", name, got, c.want)
		}
	}
}

func TestTotal(t *testing.T) {
	total := Total([]Figures{{Requests: 2, Polls: 1, Messages: 4, Recovered: 10}, {Requests: 4, Connections: 1, Sent: 5, Received: 6, Recovered: -1}})
	if total != (Figures{Requests: 6, Polls: 1, Connections: 1, Sent: 5, Received: 6, Messages: 4, Recovered: 10}) {
		t.Errorf("%+v", total)
	}
	if each, ok := total.Per(total.Requests); each != 1.5 || !ok {
		t.Error(each, ok)
	}
	if _, ok := Total(nil).Per(1); ok {
		t.Error("each of no messages cost something")
	}
}
