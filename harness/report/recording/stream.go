package recording

import (
	"net/http"
	"slices"
	"time"

	"gauntlet/harness/judge/history"
	"gauntlet/proxies/http1"
)

// way is a direction of a connection.
type way int

const (
	up   way = iota // from the client
	down            // to the client
)

// stream tells one connection from the bytes of both directions, as they come.
type stream struct {
	t        *teller
	s        *Sight
	conn     int
	read     [2]http1.Reader
	rest     [2][]byte // too little to tell what it is
	lost     [2]bool   // what follows is not read
	asked    *exchange // whose request is being read
	waiting  []*exchange
	requests *int // of all streams
	closed   bool
}

// exchange is one that is being read.
type exchange struct {
	number   int
	method   string
	headed   bool
	body     []byte
	answer   []byte
	begun    bool // its answer
	holes    bool
	answered bool
}

// open begins a connection.
func (t *teller) open(at time.Time, s *Sight, requests *int) *stream {
	t.conns++
	c := &stream{t: t, s: s, conn: t.conns, requests: requests}
	c.read[down].Answers = true
	t.tell(at, c.conn, 0, history.Event{Kind: history.Accepted})
	return c
}

// feed reads bytes that came by then. Holes are filled with zeros.
func (c *stream) feed(at time.Time, from way, data []byte, hole bool) {
	data = append(c.rest[from], data...)
	c.rest[from] = nil
	for len(data) > 0 && !c.lost[from] {
		c.prepare(from)
		r := &c.read[from]
		n, part, mark := r.Next(data)
		if n == 0 && mark == 0 {
			c.rest[from] = slices.Clone(data)
			return
		}
		if hole && part != http1.Body && part != http1.Blank || mark&http1.Astray != 0 {
			c.lose(at, from, data, hole)
			return
		}
		if from == up {
			c.request(at, part, mark, data[:n], hole)
		} else {
			c.answer(at, part, mark, data[:n], hole)
		}
		data = data[n:]
	}
}

// prepare tells the reader of answers to which request the next one belongs.
func (c *stream) prepare(from way) {
	if from == down && len(c.waiting) > 0 {
		c.read[down].Method = c.waiting[0].method
	}
}

// lose gives a direction up from where it cannot be read on.
func (c *stream) lose(at time.Time, from way, data []byte, hole bool) {
	c.lost[from] = true
	if hole {
		c.t.note("a part of a head was not captured; the rest of that connection was left out")
		c.s.Whole = false
		return
	}
	by := "peer"
	if from == down {
		by = "box"
	}
	c.t.tell(at, c.conn, 0, history.Event{Kind: history.Opaque, By: by, Data: slices.Clone(data[:min(len(data), 256)])})
	c.t.note("a connection carried what is not HTTP")
}

func (c *stream) request(at time.Time, part http1.Part, mark http1.Mark, data []byte, hole bool) {
	x := c.asked
	if x != nil && part == http1.Body {
		c.keep(&x.body, data)
		x.holes = x.holes || hole
	}
	if mark&http1.HeadDone != 0 && x != nil {
		head := slices.Clone(c.read[up].Head())
		parsed := http1.Parse(head)
		x.method, x.headed = parsed.Method(), true
		c.t.tell(at, c.conn, x.number, history.Event{Kind: history.RequestHead, Data: head})
		c.waiting = append(c.waiting, x)
	}
	if mark&http1.Done != 0 && x != nil {
		c.t.tell(at, c.conn, x.number, history.Event{Kind: history.RequestDone, Data: x.body})
		if x.holes {
			c.t.note("a part of a request's body was not captured")
			c.s.Whole, c.s.Form = false, false
		}
		c.asked = nil
		if x.method == http.MethodConnect {
			c.lost[up] = true
			c.t.note("a tunnel was asked for; what went through it was left out")
		}
	}
	if mark&http1.Began != 0 {
		*c.requests++
		c.asked = &exchange{number: *c.requests}
		c.t.tell(at, c.conn, c.asked.number, history.Event{Kind: history.RequestBegan})
	}
}

func (c *stream) answer(at time.Time, part http1.Part, mark http1.Mark, data []byte, hole bool) {
	if len(c.waiting) == 0 {
		if mark&http1.Began != 0 {
			c.t.note("an answer to nothing that was captured was left out")
			c.s.Whole = false
		}
		return
	}
	x := c.waiting[0]
	if part == http1.Body {
		c.keep(&x.answer, data)
		x.holes = x.holes || hole
	}
	if mark&http1.Began != 0 {
		x.begun = true
		c.t.tell(at, c.conn, x.number, history.Event{Kind: history.AnswerBegan})
	}
	if mark&http1.HeadDone != 0 && mark&http1.Interim == 0 {
		head := slices.Clone(c.read[down].Head())
		c.t.tell(at, c.conn, x.number, history.Event{Kind: history.AnswerHead, Status: c.read[down].Status(), Data: head})
		if x.method == http.MethodConnect && c.read[down].Status() == http.StatusOK {
			c.lost[down] = true
		}
	}
	if mark&http1.Done != 0 {
		c.done(at, x)
	}
}

// done ends an answer.
func (c *stream) done(at time.Time, x *exchange) {
	missing := ""
	if x.holes {
		missing = "a part was not captured"
		c.t.note("a part of an answer's body was not captured")
		c.s.Whole = false
	}
	x.answered = true
	c.t.tell(at, c.conn, x.number, history.Event{Kind: history.AnswerDone, Data: x.answer, Text: missing})
	c.waiting = c.waiting[1:]
}

// keep appends to a body, up to what is read of one.
func (c *stream) keep(body *[]byte, data []byte) {
	if room := mostBody - len(*body); room < len(data) {
		c.t.note("of a body that is too large only the beginning was read")
		data = data[:room]
	}
	*body = append(*body, data...)
}

// end tells that a direction has come to its end, by FIN or RST. The first one ends
// the connection.
func (c *stream) end(at time.Time, from way, how string) {
	if c.closed {
		return
	}
	if from == down && how == "FIN" && !c.lost[down] && len(c.waiting) > 0 && c.read[down].Close() {
		c.done(at, c.waiting[0])
	}
	c.closed = true
	if x := c.asked; x != nil {
		cut := history.Event{Kind: history.RequestCut, Data: x.body}
		number := x.number
		if !x.headed {
			cut.Data, number = slices.Clone(c.read[up].Head()), 0
		}
		c.t.tell(at, c.conn, number, cut)
	}
	by := "peer"
	if from == down {
		by = "box"
	}
	c.t.tell(at, c.conn, 0, history.Event{Kind: history.Closed, By: by, How: how})
}
