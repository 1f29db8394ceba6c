package history

import (
	"slices"
	"time"
)

// Exchange is one request at a hop and what became of it.
type Exchange struct {
	Hop, Conn, Ordinal int
	Began              time.Duration // first byte of the request read
	Head               []byte        // of the request; what came of it where there is no Ordinal
	Body               []byte
	Received           bool // the request arrived whole
	Labels             []string
	Status             int    // 0 if no answer's head was handed on
	AnswerHead         []byte // as handed on
	AnswerBody         []byte
	Interims           []Forerunner  // came before the answer
	Partly             bool          // of its body a part was not recorded
	Surplus            bool          // bytes followed its end that belong to no answer
	SurplusAt          time.Duration // when they did
	Answered           bool          // the last byte of the answer was handed on
	Ended              time.Duration // when that was, or when the connection ended; -1: never
	Crossed            bool          // it came when the other side had closed the connection: when it was sent is not known
	ByReset            bool          // the connection ended by a reset, right after or instead of the answer
	Beside             []Witness     // what the peer's own socket said while it was out; empty where nobody asked
	unheard            int           // of what it said of the connection, how much was before
}

// Forerunner is an interim answer: another follows it.
type Forerunner struct {
	At     time.Duration // when its last byte was handed on
	Status int
	Head   []byte
}

// Witness is what the peer's own socket said of an exchange's connection when a
// request began on another.
type Witness struct {
	Conn int // the other
	At   time.Duration
	Open bool // it had neither closed nor lost it
}

// Connection is one connection at a hop.
type Connection struct {
	Hop, Number int
	Sort        string // "stream of HTTP/2" if it is one, told as HTTP/1.1; else ""
	Accepted    time.Duration
	Closed      time.Duration // -1: open to the end
	By, How     string        // who closed it as the client sees it
	Opaque      []byte        // the first bytes that were not HTTP
	Exchanges   []*Exchange
	named       int       // of these have an ordinal: the first
	beside      []Witness // what the peer's own socket said of it; its exchanges share that
	reset       bool      // a reset has ended what was open
}

// never is the time of what did not happen.
const never = time.Duration(-1)

// Connections puts the events of one hop in order: its connections, each with
// its exchanges. The events must be one run's, in order of recording.
func Connections(events []Event, hop int) []*Connection {
	var list []*Connection
	known := map[int]*Connection{}
	for i := range events {
		e := &events[i]
		if e.From != AtHop || e.Hop != hop || e.Conn == 0 {
			continue
		}
		c := known[e.Conn]
		if c == nil {
			c = &Connection{Hop: e.Hop, Number: e.Conn, Accepted: e.At, Closed: never}
			known[e.Conn], list = c, append(list, c)
		}
		c.add(e)
	}
	for _, c := range list {
		for _, x := range c.Exchanges {
			if x.Ended == never {
				c.hear(x)
			}
		}
	}
	return list
}

func (c *Connection) add(e *Event) {
	switch e.Kind {
	case Accepted:
		c.Sort = e.How
	case RequestBegan:
		x := &Exchange{Hop: c.Hop, Conn: c.Number, Began: e.At, Ended: never, unheard: len(c.beside)}
		if c.Closed != never {
			x.Ended, x.Crossed = e.At, true
		}
		c.Exchanges = append(c.Exchanges, x)
	case Opaque:
		c.Opaque = e.Data
		c.forget(e)
	case Closed:
		c.close(e)
	case Beside:
		c.beside = append(c.beside, Witness{e.Given, e.At, e.How == "open"})
	default:
		if x := c.exchange(e); x != nil {
			out := x.Ended == never
			if x.add(e); out && x.Ended != never {
				c.hear(x)
			}
		}
	}
}

// forget drops the exchange that had seemed to begin with what turned out to be
// no HTTP.
func (c *Connection) forget(e *Event) {
	if n := len(c.Exchanges); n > 0 && e.By == "peer" && c.Exchanges[n-1].Ordinal == 0 {
		c.Exchanges = c.Exchanges[:n-1]
	}
}

// exchange is the one that e speaks of. Heads come in the order of the first
// bytes, and ordinals rise along a connection: what has none yet is behind what has
// one, and the oldest of it is the next to get one.
func (c *Connection) exchange(e *Event) *Exchange {
	if n := len(c.Exchanges); e.Exchange == 0 {
		if c.named == n {
			return nil
		}
		return c.Exchanges[n-1]
	}
	i, found := slices.BinarySearchFunc(c.Exchanges[:c.named], e.Exchange, func(x *Exchange, n int) int { return x.Ordinal - n })
	if found {
		return c.Exchanges[i]
	}
	if i < c.named || c.named == len(c.Exchanges) || e.Kind != RequestHead {
		return nil
	}
	x := c.Exchanges[c.named]
	x.Ordinal = e.Exchange
	c.named++
	return x
}

func (x *Exchange) add(e *Event) {
	switch e.Kind {
	case RequestHead:
		x.Head, x.Labels = e.Data, e.Labels
	case RequestDone:
		x.Body, x.Received = e.Data, true
		if len(e.Labels) > 0 {
			x.Labels = e.Labels
		}
	case RequestCut:
		if x.Ordinal == 0 {
			x.Head = e.Data
		} else {
			x.Body = e.Data
		}
	case Surplus:
		x.Surplus, x.SurplusAt = true, e.At
	case Interim:
		x.Interims = append(x.Interims, Forerunner{e.At, e.Status, e.Data})
	case AnswerHead:
		x.AnswerHead, x.Status = e.Data, e.Status
	case AnswerDone:
		x.AnswerBody, x.Partly = e.Data, e.Text != ""
		if x.Ended == never { // else nobody was there any more to hear it
			x.Answered, x.Ended = true, e.At
		}
	}
}

// close ends what is still open. A reset that comes in the instant of an
// answer may have destroyed it on the way.
func (c *Connection) close(e *Event) {
	again := c.Closed != never && (c.reset || e.How != "RST")
	c.Closed, c.By, c.How, c.reset = e.At, e.By, e.How, c.reset || e.How == "RST"
	if again {
		return // nothing is open any more, and what a reset could destroy is gone
	}
	for _, x := range c.Exchanges {
		if x.Ended == never {
			x.Ended, x.ByReset = e.At, e.How == "RST"
			c.hear(x)
		} else if x.Answered && e.How == "RST" && e.At-x.Ended < 5*time.Millisecond {
			x.ByReset = true
		}
	}
}

// hear gives an exchange that is over what the peer's socket said since it began.
func (c *Connection) hear(x *Exchange) { x.Beside = slices.Clip(c.beside[x.unheard:]) }

// Exchanges lists all exchanges of one hop in the order in which they began.
func Exchanges(events []Event, hop int) []*Exchange { return InOrder(Connections(events, hop)) }

// InOrder lists the exchanges of the connections in the order in which they
// began.
func InOrder(connections []*Connection) []*Exchange {
	var list []*Exchange
	for _, c := range connections {
		list = append(list, c.Exchanges...)
	}
	slices.SortStableFunc(list, func(a, b *Exchange) int { return int(a.Began - b.Began) })
	return list
}

// Has reports whether label is among the exchange's labels.
func (x *Exchange) Has(label string) bool { return slices.Contains(x.Labels, label) }

// Carried reports whether anything came on the connection.
func (c *Connection) Carried() bool { return len(c.Exchanges) > 0 || len(c.Opaque) > 0 }

// ClosedOnClient reports whether the client did not end the connection itself: a
// box or a fault did, as the client sees it. Of no connection it is false.
func (c *Connection) ClosedOnClient() bool { return c != nil && c.Closed >= 0 && c.By != "peer" }

// Hops is how many hops were seen: 1 where the client talks to the gateway
// itself, 0 where nothing connected at all.
func Hops(events []Event) int {
	hops := 0
	for i := range events {
		if e := &events[i]; e.From == AtHop {
			hops = max(hops, e.Hop+1)
		}
	}
	return hops
}

// Epoch is when a run began for formats that want a date: times in a history
// count from the run's beginning, and virtual time begins in the year 2000.
func Epoch() time.Time { return time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC) }
