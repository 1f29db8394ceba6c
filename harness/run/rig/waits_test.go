package rig

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"gauntlet/harness/judge/history"
	"gauntlet/harness/judge/trace"
	"gauntlet/harness/msn/reading"
	"gauntlet/harness/run/adapter"
	"gauntlet/harness/run/catalogue"
	"gauntlet/harness/run/protocol"
	"gauntlet/harness/run/workload"
)

// chatted builds the history of a chat, with times in seconds, in which the contact said
// something that the user may or may not be shown.
type chatted struct {
	events []history.Event
	number int
}

func (c *chatted) add(at float64, e history.Event) {
	e.At = time.Duration(at * float64(time.Second))
	c.events = append(c.events, e)
}

func (c *chatted) opens(at float64, session int, server, token string) {
	c.add(at, history.Event{From: history.AtGateway, Kind: history.SessionOpened, Session: session, Server: server, NewID: token})
}

func (c *chatted) says(at float64, text string) {
	c.add(at, history.Event{From: history.AtMessenger, Kind: history.Relayed, User: ContactEmail, ID: UserEmail, Text: text})
}

func (c *chatted) shows(at float64, text string) {
	c.add(at, history.Event{From: history.AtClient, Kind: history.Delivered, User: UserEmail, Text: text})
}

func (c *chatted) ends(at float64, session int) {
	c.add(at, history.Event{From: history.AtGateway, Kind: history.SessionEnded, Session: session, Text: "idle"})
}

// asks is a poll that is answered with a body; how says what becomes of it.
func (c *chatted) asks(at float64, conn int, token, body, how string) {
	c.number++
	hop := func(kind history.Kind, data string) {
		c.add(at, history.Event{From: history.AtHop, Conn: conn, Exchange: c.number, Kind: kind, Data: []byte(data), Status: 200})
	}
	hop(history.RequestBegan, "")
	hop(history.RequestHead, "POST /gateway/gateway.dll?Action=poll&SessionID="+token+" HTTP/1.1\r\nHost: gateway\r\n\r\n")
	hop(history.RequestDone, "")
	switch how {
	case "open":
		return
	case "lost":
		c.add(at, history.Event{From: history.AtHop, Conn: conn, Kind: history.Closed, By: "box", How: "RST"})
		return
	}
	hop(history.AnswerHead, fmt.Sprintf("HTTP/1.1 200 OK\r\nX-MSN-Messenger: SessionID=%s\r\nContent-Length: %d\r\n\r\n", token, len(body)))
	hop(history.AnswerDone, body)
}

// polls are some that bring nothing, 2 s apart.
func (c *chatted) polls(from, to float64, conn int, token string) {
	for at := from; at < to; at += 2 {
		c.asks(at, conn, token, "", "")
	}
}

func TestWhatIsNeverShown(t *testing.T) {
	const notAsked, notShown = "no longer polls the session", "has not shown it"
	for _, test := range []struct {
		name string
		tell func(c *chatted)
		now  int
		want string // the reason begins or ends so; empty: it may be shown
	}{
		{"it polls the chat", func(c *chatted) { c.polls(10, 60, 2, "2.1") }, 60, ""},
		{"it is silent everywhere", func(*chatted) {}, 60, ""},
		{"it polls elsewhere alone, for long", func(c *chatted) { c.polls(10, 60, 1, "1.1") }, 60, notAsked},
		{"it polls elsewhere alone, for a while", func(c *chatted) { c.polls(10, 36, 1, "1.1") }, 36, ""},
		{"the chat ended", func(c *chatted) { c.polls(10, 20, 1, "1.1"); c.ends(20, 2) }, 21, notAsked},
		{"the chat ended before, and another is open", func(c *chatted) { c.ends(8.5, 2); c.opens(9, 3, "SB", "3.1"); c.polls(10, 60, 3, "3.1") }, 60, ""},
		{"its poll in the chat is out", func(c *chatted) { c.asks(10, 2, "2.1", "", "open"); c.polls(10, 70, 1, "1.1"); c.ends(68, 2) }, 70, ""},
		{"its poll in the chat was lost", func(c *chatted) { c.asks(10, 2, "2.1", "", "lost"); c.polls(10, 60, 1, "1.1") }, 60, ""},
		{"the chat's connection was lost", func(c *chatted) {
			c.add(11, history.Event{From: history.AtHop, Conn: 2, Kind: history.Closed, By: "box", How: "RST"})
			c.polls(12, 60, 1, "1.1")
		}, 60, ""},
		{"it was given it, and asked on", func(c *chatted) { c.asks(10, 2, "2.1", "MSG\r\n\r\nhello", ""); c.polls(11, 30, 2, "2.1") }, 30, notShown},
		{"it was given it just now", func(c *chatted) { c.asks(10, 2, "2.1", "MSG\r\n\r\nhello", ""); c.polls(11, 24, 2, "2.1") }, 24, ""},
		{"it was given it, and is busy", func(c *chatted) { c.asks(10, 2, "2.1", "MSG\r\n\r\nhello", "") }, 60, ""},
		{"it has shown it", func(c *chatted) {
			c.asks(10, 2, "2.1", "MSG\r\n\r\nhello", "")
			c.shows(10, "hello")
			c.polls(11, 30, 2, "2.1")
		}, 30, ""},
	} {
		c := &chatted{}
		c.opens(1, 1, "NS", "1.1")
		c.asks(1, 1, "1.1", "", "")
		c.opens(5, 2, "SB", "2.1")
		c.asks(8, 2, "2.1", "", "")
		if !strings.HasPrefix(test.name, "the chat ended before") {
			c.says(9, "hello")
			test.tell(c)
		} else {
			test.tell(c)
			c.says(9.5, "hello")
		}
		read := trace.New(c.events, trace.Facts{Reader: reading.MSN{}, User: UserEmail, Contact: ContactEmail})
		err := neverShown(read, 9*time.Second, 1, time.Duration(test.now)*time.Second)
		if (err != nil) != (test.want != "") || err != nil && !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s: %v, want %q", test.name, err, test.want)
		}
		if err := neverShown(read, 9*time.Second, 2, time.Duration(test.now)*time.Second); err != nil {
			t.Errorf("%s, and something else is still to be said: %v", test.name, err)
		}
	}
}

// speaker is a contact in a chat that the gateway is about to give up.
type speaker struct {
	protocol.Contact
	p *play
}

func (c speaker) Send(text string) error {
	c.p.recorder.Record(history.Event{From: history.AtMessenger, Kind: history.Relayed, User: ContactEmail, ID: UserEmail, Text: text})
	return nil
}

// In real time nobody waits for what can no longer come.
func TestHearingInVainEnds(t *testing.T) {
	const all = 90 * time.Second
	for _, test := range []struct {
		mode Mode
		kind adapter.Kind
		want time.Duration
	}{{Netns, adapter.Driven, 15 * time.Second}, {Loopback, adapter.Driven, 15 * time.Second}, {Virtual, adapter.InProcess, all}, {Attached, adapter.Driven, all}} {
		synctest.Test(t, func(t *testing.T) {
			s := tested(nil, nil)
			s.o.Mode, s.o.ClientKind = test.mode, test.kind
			if test.mode == Attached {
				s.o.Attended = &Attended{}
			}
			p := &play{env: s.env, subject: s, sent: map[string]int{}}
			p.contact = speaker{p: p}
			c := &chatted{}
			c.opens(0, 2, "SB", "2.1")
			c.asks(0, 2, "2.1", "", "")
			for _, e := range c.events {
				p.recorder.Record(e)
			}
			time.AfterFunc(time.Second, func() {
				p.recorder.Record(history.Event{From: history.AtGateway, Kind: history.SessionEnded, Session: 2, Text: "idle"})
			})
			ctx, cancel := context.WithTimeoutCause(t.Context(), all, errors.New("not done"))
			defer cancel()
			began := time.Now()
			err := p.letHear(ctx, workload.Step{Verb: workload.Hear, Count: 1})
			if took := time.Since(began); err == nil || took < test.want || took > test.want+time.Second {
				t.Errorf("%s: %v, after %v", test.mode, err, took)
			}
		})
	}
}

// A case that has to wait for the end of a session begins before others of the same length.
func TestWhatBeginsFirst(t *testing.T) {
	usual, lost, long := chained(t, "forward port 8080"), chained(t, "forward port 8080", "hop 0: on NS poll 3, answer: crossed answer"), chained(t, "")
	usual.ID, lost.ID, long.ID = "usual", "lost", "long"
	long.Workload = workload.Script{{Verb: workload.Stay, For: 40 * time.Second}}
	var order []string
	for _, c := range longestFirst([]catalogue.Case{usual, long, lost}) {
		order = append(order, c.ID)
	}
	if got := strings.Join(order, " "); got != "lost long usual" {
		t.Error(got)
	}
}
