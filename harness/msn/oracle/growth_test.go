package oracle

import (
	"fmt"
	"runtime"
	"strings"
	"testing"
	"time"

	"gauntlet/harness/judge/economy"
	"gauntlet/harness/judge/fate"
	"gauntlet/harness/judge/history"
	"gauntlet/harness/judge/trace"
	"gauntlet/harness/msn/reading"
	"gauntlet/proxies/http1"
)

// times is by how much one history is longer than another of its shape.
const times = 8

// A history is anybody's. Of each shape here one that is eight times as long is read as
// often for each event, and takes as much memory for each, or a little more: what is done
// again for each event with all the others shows in one of them. What only compares shows
// in BenchmarkALongHistory.
func TestALongHistoryIsJudgedWithEffortThatGrowsWithIt(t *testing.T) {
	const few = 200
	for name, shape := range shapes {
		t.Run(name, func(t *testing.T) {
			short, long := effortOf(shape, few), effortOf(shape, few*times)
			for of, most := range short {
				if most *= 2 * times; long[of] > most {
					t.Errorf("%s: %d for %d, %d for %d", of, short[of], few, long[of], few*times)
				}
			}
		})
	}
}

// effortOf is what it takes to judge a history of a shape, apart from time.
func effortOf(shape func(*tale, int), n int) map[string]uint64 {
	h, reader := shaped(shape, n), &counting{}
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	judge(h, reader)
	runtime.ReadMemStats(&after)
	return map[string]uint64{
		"heads and bodies that were read": reader.times, "bytes of them": reader.bytes,
		"allocations": after.Mallocs - before.Mallocs, "bytes allocated": after.TotalAlloc - before.TotalAlloc,
	}
}

// shaped is a history of a shape, from the first sign-in to the end of the run.
func shaped(shape func(*tale, int), n int) *tale {
	h := &tale{}
	h.add(history.Event{From: history.AtGateway, Kind: history.SessionOpened, Session: 1, Server: "NS", NewID: "1.1"})
	h.add(history.Event{From: history.AtClient, Kind: history.Connected, User: alice})
	shape(h, n)
	h.add(history.Event{From: history.AtRig, Kind: history.RunEnded})
	return h
}

func judge(h *tale, reader trace.Reader) {
	read := trace.New(h.events, trace.Facts{Reader: reader, User: alice, Contact: "bob@example.com"})
	fate.Of(read)
	economy.Of(read)
	for _, row := range Oracles() {
		row.Assess(read)
	}
}

// counting counts what of a history is read as MSN's.
type counting struct {
	reading.MSN
	times, bytes uint64
}

func (c *counting) count(n int) { c.times, c.bytes = c.times+1, c.bytes+uint64(n) }

func (c *counting) Request(target string) (trace.Asked, error) {
	c.count(len(target))
	return c.MSN.Request(target)
}

func (c *counting) Answer(head *http1.Head) *trace.Given {
	c.count(0)
	return c.MSN.Answer(head)
}

func (c *counting) Commands(body []byte) []string {
	c.count(len(body))
	return c.MSN.Commands(body)
}

func (c *counting) Transactions(body []byte) []trace.Transaction {
	c.count(len(body))
	return c.MSN.Transactions(body)
}

func (c *counting) Challenges(body []byte) bool {
	c.count(len(body))
	return c.MSN.Challenges(body)
}

func (c *counting) Leaves(body []byte) bool {
	c.count(len(body))
	return c.MSN.Leaves(body)
}

func (c *counting) Tickets(sent *history.Event) []trace.Ticket {
	c.count(len(sent.Data))
	return c.MSN.Tickets(sent)
}

const (
	alice = "alice@example.com"
	given = "HTTP/1.1 200 OK\r\nX-MSN-Messenger: SessionID=1.1; GW-IP=h\r\n\r\n"
	poll  = "Action=poll&SessionID=1.1"
)

// tale is a history of one session that is being made up, an event a millisecond.
type tale struct {
	events    []history.Event
	exchanges int
}

func (h *tale) add(e history.Event) {
	e.Seq = len(h.events) + 1
	e.At = time.Duration(e.Seq) * time.Millisecond
	h.events = append(h.events, e)
}

func (h *tale) hop(conn int, kind history.Kind, exchange, status int, data string) {
	h.add(history.Event{From: history.AtHop, Kind: kind, Conn: conn, Exchange: exchange, Status: status, Data: []byte(data)})
}

// asks has a request arrive whole, and returns its ordinal.
func (h *tale) asks(conn int, query, body string) int {
	h.exchanges++
	h.hop(conn, history.RequestBegan, 0, 0, "")
	h.hop(conn, history.RequestHead, h.exchanges, 0, "POST /gateway/gateway.dll?"+query+" HTTP/1.1\r\nHost: h\r\n\r\n")
	h.hop(conn, history.RequestDone, h.exchanges, 0, body)
	return h.exchanges
}

func (h *tale) gets(conn, exchange int, body string) {
	h.hop(conn, history.AnswerHead, exchange, 200, given)
	h.hop(conn, history.AnswerDone, exchange, 0, body)
}

func (h *tale) getsHead(conn, exchange, status int, head string) {
	h.hop(conn, history.AnswerHead, exchange, status, head)
	h.hop(conn, history.AnswerDone, exchange, 0, "")
}

func (h *tale) says(conn int, body string) { h.gets(conn, h.asks(conn, "SessionID=1.1", body), "") }

func (h *tale) loses(conn int, query, body string) {
	h.asks(conn, query, body)
	h.add(history.Event{From: history.AtHop, Kind: history.Closed, Conn: conn, By: "fault", How: "RST"})
}

func (h *tale) fires(conn int, fault string) {
	h.add(history.Event{From: history.AtHop, Kind: history.Fired, Conn: conn, Fault: "hop 0: " + fault})
}

func (h *tale) server(kind history.Kind, data string) {
	h.add(history.Event{From: history.AtMessenger, Kind: kind, User: alice, Server: "NS", Data: []byte(data)})
}

// shapes are what a history can have many of.
var shapes = map[string]func(h *tale, n int){
	"one token for all": func(h *tale, n int) {
		for i := range n {
			h.says(1, fmt.Sprintf("PNG %08d\r\n", i))
		}
		for i := range n {
			h.add(history.Event{From: history.AtGateway, Kind: history.Processed, Session: 1, ID: "1.1", NewID: "1.1", Data: fmt.Appendf(nil, "PNG %08d\r\n", i)})
		}
	},
	"all at a second hop, by one name": func(h *tale, n int) {
		for i := range n {
			h.says(1, fmt.Sprintf("PNG %08d\r\n", i))
		}
		for range n {
			h.exchanges++
			for _, kind := range []history.Kind{history.RequestBegan, history.RequestHead, history.RequestDone} {
				e := history.Event{From: history.AtHop, Hop: 1, Kind: kind, Conn: 1, Data: []byte("PNG 00000000\r\n")}
				if kind == history.RequestHead {
					e.Data = []byte("POST /gateway/gateway.dll?SessionID=1.1 HTTP/1.1\r\nHost: h\r\n\r\n")
				}
				if kind != history.RequestBegan {
					e.Exchange = h.exchanges
				}
				h.add(e)
			}
		}
	},
	"faults on a connection, and others": func(h *tale, n int) {
		for i := range n {
			h.fires(1, "after idle 3s: stall flow")
			h.says(2+i%2, "PNG\r\n")
		}
	},
	"messages that an answer confirms": func(h *tale, n int) {
		for i := range n {
			text := fmt.Sprintf("a text of some length %08d", i)
			payload := "MIME-Version: 1.0\r\nContent-Type: text/plain; charset=UTF-8\r\n\r\n" + text
			h.add(history.Event{From: history.AtClient, Kind: history.Submitted, User: alice, Text: text})
			h.says(1, fmt.Sprintf("MSG %d N %d\r\n%s", i+1, len(payload), payload))
		}
		h.gets(1, h.asks(1, poll, ""), "ACK 1\r\n")
	},
	"messages that never came": func(h *tale, n int) {
		for i := range n {
			h.add(history.Event{From: history.AtClient, Kind: history.Submitted, User: alice, Text: fmt.Sprintf("text %d", i)})
			h.says(1, "PNG\r\n")
			h.add(history.Event{From: history.AtGateway, Kind: history.Processed, Session: 1, ID: "1.1", NewID: "1.1", Data: []byte("another")})
		}
	},
	"messages that came twice": func(h *tale, n int) {
		for i := range 2 * n {
			h.add(history.Event{From: history.AtMessenger, Kind: history.Relayed, User: alice, Text: fmt.Sprintf("text %d", i/2)})
			h.add(history.Event{From: history.AtMessenger, Kind: history.Relayed, User: "bob@example.com", Text: fmt.Sprintf("text %d", i/2)})
			h.add(history.Event{From: history.AtClient, Kind: history.Delivered, User: alice, ID: "bob@example.com", Text: fmt.Sprintf("text %d", i/2)})
		}
	},
	"messages that one body has all of": func(h *tale, n int) {
		var all strings.Builder
		for i := range n {
			fmt.Fprintf(&all, "a text of some length %08d\r\n", i)
		}
		for i := range n {
			h.add(history.Event{From: history.AtClient, Kind: history.Submitted, User: alice, Text: fmt.Sprintf("a text of some length %08d", i)})
			h.says(1, "PNG\r\n")
		}
		h.says(1, all.String())
	},
	"one message again and again": func(h *tale, n int) {
		for range n {
			h.add(history.Event{From: history.AtClient, Kind: history.Submitted, User: alice, Text: "a text of some length"})
			h.says(1, "MSG 1 N 21\r\na text of some length")
		}
	},
	"sessions that are forgotten": func(h *tale, n int) {
		for i := range n {
			h.add(history.Event{From: history.AtGateway, Kind: history.SessionOpened, Session: 2 + i, Server: "NS", NewID: fmt.Sprint("2.", i)})
		}
		for i := range n {
			h.getsHead(1, h.asks(1, fmt.Sprint("Action=poll&SessionID=2.", i), ""), 400, "HTTP/1.1 400 Bad Request\r\n\r\n")
			h.add(history.Event{From: history.AtClient, Kind: history.Reopened, User: alice})
		}
	},
	"chats that are forgotten, and opens": func(h *tale, n int) {
		for i := range n {
			h.add(history.Event{From: history.AtGateway, Kind: history.SessionOpened, Session: 2 + i, Server: "SB", NewID: fmt.Sprint("2.", i)})
			h.getsHead(1, h.asks(1, fmt.Sprint("Action=poll&SessionID=2.", i), ""), 400, "HTTP/1.1 400 Bad Request\r\n\r\n")
			h.asks(1, "Action=open&Server=NS&IP=h", "VER 1 MSNP8\r\n")
		}
	},
	"gateways that are named, and refused": func(h *tale, n int) {
		for i := range 4 * n {
			at := h.asks(1, "SessionID=1.1", "PNG\r\n")
			h.getsHead(1, at, 200, fmt.Sprintf("HTTP/1.1 200 OK\r\nX-MSN-Messenger: SessionID=1.1; GW-IP=h%d\r\n\r\n", i))
			h.add(history.Event{From: history.AtHop, Kind: history.Closed, Conn: 1, By: "box", How: "RST"})
		}
	},
	"a proxy that turns the client away, now and then": func(h *tale, n int) {
		for i := range 4 * n {
			status, head := 407, "HTTP/1.1 407 No\r\nProxy-Authenticate: Basic realm=x\r\n\r\n"
			if i%4 == 3 {
				status, head = 404, "HTTP/1.1 404 Not Found\r\n\r\n"
			}
			h.getsHead(1, h.asks(1, poll, ""), status, head)
		}
	},
	"a proxy that turns the client away": func(h *tale, n int) {
		for range 4 * n {
			h.getsHead(1, h.asks(1, poll, ""), 407, "HTTP/1.1 407 No\r\nProxy-Authenticate: Basic realm=x\r\n\r\n")
		}
	},
	"challenges while one answer is out": func(h *tale, n int) {
		out := h.asks(2, poll, "")
		for range n {
			h.server(history.Challenged, "")
			h.gets(1, h.asks(1, poll, ""), "CHL 0 12345\r\n")
			h.says(1, "QRY 1 msmsgs@msnmsgr.com 32\r\n01234567890123456789012345678901")
		}
		h.gets(2, out, "CHL 0 12345\r\n")
	},
	"challenges that no answer brought": func(h *tale, n int) {
		for range n {
			h.server(history.Challenged, "")
			h.asks(1, poll, "")
			h.server(history.ChallengeFailed, "")
		}
	},
	"switchboards": func(h *tale, n int) {
		for i := range n {
			h.server(history.Sent, fmt.Sprintf("XFR %d SB h%d:1863 CKI 1\r\n", i, i))
			h.gets(1, h.asks(1, fmt.Sprintf("Action=open&Server=SB&IP=h%d", n-i), "USR 1 a b\r\n"), "")
		}
	},
	"witnesses of what is out": func(h *tale, n int) {
		for range n {
			h.hop(1, history.RequestBegan, 0, 0, "")
		}
		for i := range n {
			h.add(history.Event{From: history.AtHop, Kind: history.Beside, Conn: 1, Given: 2 + i, How: "open"})
		}
	},
	"connections that stay": func(h *tale, n int) {
		for i := range n {
			h.hop(1+i, history.Accepted, 0, 0, "")
		}
		for i := range n {
			h.says(1+i, "PNG\r\n")
		}
	},
	"ends of one connection": func(h *tale, n int) {
		for range n {
			h.says(1, "PNG\r\n")
		}
		for range n {
			h.add(history.Event{From: history.AtHop, Kind: history.Closed, Conn: 1, By: "fault", How: "RST"})
		}
	},
	"losses": func(h *tale, n int) {
		for i := range n {
			h.loses(1+i, "SessionID=1.1", fmt.Sprintf("ADC %d FL N=a@b.example F=a\r\n", i))
			h.server(history.Command, fmt.Sprintf("ADC %d FL N=a@b.example F=a\r\n", i))
		}
	},
	"opens that are lost": func(h *tale, n int) {
		for i := range n {
			h.loses(1+i, "Action=open&Server=NS&IP=h", "VER 1 MSNP8\r\n")
		}
	},
}
