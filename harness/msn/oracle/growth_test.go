package oracle

import (
	"fmt"
	"testing"
	"time"

	"gauntlet/harness/judge/history"
	"gauntlet/harness/judge/trace"
	"gauntlet/harness/msn/reading"
)

// Whoever says more is not judged with ever more memory for each message in each
// request. Five hundred requests, only the first of which may carry the message, and its
// ACK in no answer or the last: that one is decoded, the others are only looked through.
func TestALongTaleCostsNoMoreForEachPart(t *testing.T) {
	const many, text = 500, "a text of some length, which none or one of them carries"
	for name, row := range map[string]struct {
		carried  bool
		confirms string // the last answer
		found    bool
		allowed  float64 // allocations for one message
	}{
		"a message that none carries":    {false, "", false, 2},
		"a message without an ACK":       {true, "", false, 100},
		"a message with its ACK at last": {true, "ACK 7\r\n", true, 100},
	} {
		t.Run(name, func(t *testing.T) {
			long := tale(many, text, row.carried, row.confirms)
			n := testing.AllocsPerRun(3, func() {
				if found := confirmation(long, text) != nil; found != row.found {
					t.Errorf("confirmed %v, want %v", found, row.found)
				}
			})
			if n > row.allowed {
				t.Errorf("to look for a message in %d requests costs %.0f allocations", many, n)
			}
		})
	}
}

// A message that was submitted over and over is looked for once.
func TestAMessageThatIsRepeatedCostsNoMore(t *testing.T) {
	const many, text = 500, "a text that one of them carries"
	for name, confirms := range map[string]string{"confirmed": "ACK 7\r\n", "not confirmed": ""} {
		once := tale(many, text, true, confirms)
		events := append(once.Events, history.Event{From: history.AtClient, Kind: history.Connected})
		for range many {
			events = append(events, history.Event{From: history.AtClient, Kind: history.Submitted, Text: text})
		}
		long := trace.New(events, once.Facts)
		if n := testing.AllocsPerRun(3, func() { doubtFounded(long) }); n > 200 {
			t.Errorf("%s: a message that was submitted %d times costs %.0f allocations", name, many, n)
		}
		if n := testing.AllocsPerRun(3, func() { anyConfirmed(long) }); n > 200 {
			t.Errorf("%s: to see whether it was costs %.0f", name, n)
		}
	}
}

// tale is a session of requests with a message each, the first of which may carry
// text, and the last answer of which may confirm it.
func tale(many int, text string, carried bool, confirms string) *trace.Trace {
	events := []history.Event{{From: history.AtGateway, Kind: history.SessionOpened, Session: 1, Server: "NS", NewID: "1.1"}}
	hop := func(kind history.Kind, exchange, status int, data string) {
		events = append(events, history.Event{
			Seq: len(events) + 1, At: time.Duration(len(events)) * time.Millisecond,
			From: history.AtHop, Kind: kind, Conn: 1, Exchange: exchange, Status: status, Data: []byte(data),
		})
	}
	for i := 1; i <= many; i++ {
		said, answer := "hello", "NLN NLN a@b.example A\r\n"
		if i == 1 && carried {
			said = text
		}
		if i == many {
			answer += confirms
		}
		payload := "MIME-Version: 1.0\r\nContent-Type: text/plain; charset=UTF-8\r\n\r\n" + said
		hop(history.RequestBegan, 0, 0, "")
		hop(history.RequestHead, i, 0, "POST /gateway/gateway.dll?SessionID=1.1 HTTP/1.1\r\nHost: h\r\n\r\n")
		hop(history.RequestDone, i, 0, fmt.Sprintf("MSG 7 N %d\r\n%s", len(payload), payload))
		hop(history.AnswerHead, i, 200, "HTTP/1.1 200 OK\r\nX-MSN-Messenger: SessionID=1.1; GW-IP=h\r\n\r\n")
		hop(history.AnswerDone, i, 0, answer)
	}
	return trace.New(events, trace.Facts{Reader: reading.MSN{}, User: "alice@example.com"})
}
