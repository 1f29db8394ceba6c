package fate

import (
	"fmt"
	"time"

	"gauntlet/harness/judge/history"
	"gauntlet/harness/judge/trace"
	"gauntlet/harness/msn/reading"
)

// tale is a history that is written by hand: one client, one NS session, boxes
// on the way.
type tale struct {
	events []history.Event
	now    time.Duration
	conn   int
	last   int // the newest request at hop 0
	there  int // the newest request at the gateway's hop
	boxes  int
	query  string
	body   string
}

const user = "alice@example.com"

// begin is a session that is open; its id is 1.1.
func begin(boxes int) *tale {
	t := &tale{boxes: boxes, conn: 1}
	t.add(history.Event{From: history.AtGateway, Kind: history.SessionOpened, Session: 1, Server: "NS", NewID: "1.1"})
	return t.add(history.Event{From: history.AtGateway, Kind: history.SessionIdentified, Session: 1, User: user})
}

func (t *tale) add(e history.Event) *tale {
	t.now += time.Millisecond
	e.Seq, e.At = len(t.events)+1, t.now
	t.events = append(t.events, e)
	return t
}

func (t *tale) wait(d time.Duration) *tale { t.now += d; return t }

func (t *tale) at(hop int, kind history.Kind, exchange int, data string) *tale {
	return t.add(history.Event{From: history.AtHop, Kind: kind, Hop: hop, Conn: t.conn, Exchange: exchange, Data: []byte(data)})
}

func (t *tale) request(hop, exchange int) *tale {
	t.at(hop, history.RequestBegan, 0, "")
	return t.at(hop, history.RequestHead, exchange, "POST /gateway/gateway.dll?"+t.query+" HTTP/1.1\r\nHost: h\r\n\r\n")
}

// ask is a request of which a box has seen the head, or the gateway if there
// is no box.
func (t *tale) ask(query, body string) *tale {
	t.query, t.body, t.last = query, body, t.last+1
	return t.request(0, t.last)
}

// whole is the rest of it.
func (t *tale) whole() *tale { return t.at(0, history.RequestDone, t.last, t.body) }

// beyond is the newest request at the gateway's hop, whole.
func (t *tale) beyond() *tale {
	t.there++
	return t.request(t.boxes, t.there).at(t.boxes, history.RequestDone, t.there, t.body)
}

func (t *tale) gateway(kind history.Kind, id, newID string) *tale {
	return t.add(history.Event{From: history.AtGateway, Kind: kind, Session: 1, ID: id, NewID: newID, Data: []byte(t.body)})
}

// answer is the head and, if it is whole, the body of an answer.
func (t *tale) answer(hop, exchange int, id string, whole bool) *tale {
	head := fmt.Sprintf("HTTP/1.1 200 OK\r\nX-MSN-Messenger: SessionID=%s; GW-IP=10.9.0.80\r\nContent-Length: 0\r\n\r\n", id)
	t.at(hop, history.AnswerHead, exchange, head)
	t.events[len(t.events)-1].Status = 200
	if whole {
		t.at(hop, history.AnswerDone, exchange, "")
	}
	return t
}

// strike is a fault on the newest request, which costs the connection.
func (t *tale) strike(text string) *tale {
	t.add(history.Event{From: history.AtHop, Kind: history.Fired, Conn: t.conn, Exchange: t.last, Fault: text})
	return t.lose()
}

// lose ends the connection.
func (t *tale) lose() *tale {
	t.at(0, history.Closed, 0, "")
	t.events[len(t.events)-1].By, t.events[len(t.events)-1].How = "fault", "RST"
	t.conn++
	return t
}

func (t *tale) says(kind history.Kind) *tale {
	return t.add(history.Event{From: history.AtClient, Kind: kind, User: user})
}

func (t *tale) rig(kind history.Kind, text string) *tale {
	return t.add(history.Event{From: history.AtRig, Kind: kind, Text: text})
}

// fates reads the tale.
func (t *tale) fates() []Fate {
	return Of(trace.New(t.events, trace.Facts{Reader: reading.MSN{}, User: user, Boxes: t.boxes}))
}
