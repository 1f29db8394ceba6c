package gateway

import (
	"errors"
	"io"
	"net"
	"net/http"
	"runtime/debug"
	"sync/atomic"
	"time"

	"gauntlet/proxies/network"
)

// conn is a connection to the gateway. One goroutine reads requests and answers
// them, one after the other.
//
// # Theory of operation
//
//	waiting ──first byte──► head ──whole──► body ──whole──► deciding ──► answering
//	   ▲                                                                     │
//	   └─────────────────────────────────────────────────────────────────────┘
//
// Each read is handed to the lane, which knows the bytes first: it skips blank
// lines between requests (RFC 2616 4.1; one old client leaves them) and notices a
// request that begins before the one ahead of it is answered (S14). For that the
// connection is read once more while an answer is thought over or held, by a
// second goroutine that ends with the waiting.
type conn struct {
	network.Conn
	g    *Gateway
	lane lane
	busy atomic.Bool // a request has begun and is not answered

	from    string // the client's address
	counted bool   // it has a place there
	room    []byte // for what is read
	out     []byte // for what is written
}

// How much is read at a time, in bytes: a poll with its head, and more once more has
// come than that.
const (
	readFirst = 512
	readAhead = 2 << 10
)

func newConn(c net.Conn, s *server) *conn {
	own := &conn{Conn: network.Conn{Conn: c}, g: s.g, from: hostOf(c.RemoteAddr().String())}
	own.lane.at = hostOf(c.LocalAddr().String())
	return own
}

// serve answers requests until the connection ends.
func (c *conn) serve() {
	defer c.g.server.gone(c)
	defer func() {
		_ = c.Close()                         // it may be closed by who ends it
		if wrong := recover(); wrong != nil { // others are served all the same
			c.g.log.Error("a request was not survived", "from", c.from, "panic", wrong, "stack", string(debug.Stack()))
		}
	}()
	c.room = make([]byte, readFirst)
	limit := c.g.limits.Head // nothing has to be waited for: who connects has something to say
	for {
		in, ok := c.head(limit)
		if !ok || !c.respond(in) {
			return
		}
		c.busy.Store(false)
		if c.g.server.over() {
			return
		}
		limit = c.g.limits.Silence
	}
}

// head waits for a request, at most so long, and for the rest of its head. What is
// none it answers itself.
func (c *conn) head(limit time.Duration) (in *incoming, ok bool) {
	_ = c.SetReadDeadline(time.Now().Add(limit)) // where there are no deadlines there are no limits either
	for in = c.lane.present(); in == nil; in = c.lane.present() {
		if c.read() != nil {
			return nil, false
		}
	}
	c.busy.Store(true)
	if limit != c.g.limits.Head && in.head == nil {
		_ = c.SetReadDeadline(time.Now().Add(c.g.limits.Head))
	}
	for in.head == nil && !in.astray && c.lane.headLength() <= headBytes {
		if err := c.read(); err != nil {
			if errors.Is(err, io.EOF) { // it may still read
				c.complain(malformed(""))
			}
			return nil, false
		}
	}
	switch {
	case in.astray && in.head == nil:
		c.complain(malformed(""))
	case in.head == nil || len(in.head) > headBytes:
		c.complain(&complaint{status: http.StatusRequestHeaderFieldsTooLarge})
		c.linger()
	default:
		return in, true
	}
	return nil, false
}

// read takes what has come.
func (c *conn) read() error {
	n, err := c.Read(c.room)
	if n == 0 {
		return err
	}
	c.lane.feed(c.room[:n])
	if n == len(c.room) && n < readAhead {
		c.room = make([]byte, readAhead)
	}
	if c.lane.ahead() {
		c.g.do(func(t *table) { t.overlaps.begun(&c.lane) })
	}
	return nil // an error that lasts is told again
}

// respond takes a request whose head is there to its answer, and reports whether
// another may follow.
func (c *conn) respond(in *incoming) (goOn bool) {
	h, wrong := in.readHead()
	if wrong != nil {
		c.complain(wrong)
		return false
	}
	if h.hasBody() && !in.whole { // even one that nobody wants must come in time
		_ = c.SetReadDeadline(time.Now().Add(c.g.limits.BodyTime))
	}
	q := &request{from: c.from, lane: &c.lane, watch: c.watch}
	no := q.read(h, func() *refusal { return c.body(h, in, q) })
	var a *answer
	if no == nil {
		a, no = c.g.exchange(q)
	} else if no.reason != ReasonCutShort { // half a request does not count
		c.g.do(func(t *table) { t.reject(no, q, 0) })
	}
	if no != nil && !no.ends && !in.whole { // its body is in the way of the next request
		h.ends = h.ends || h.waits || c.skip(h, in) != nil
	}
	h.ends = h.ends || no != nil && no.ends
	c.lane.answering()
	if c.write(h, a, no) != nil {
		return false
	}
	if h.ends && !h.waits && errors.Is(c.skip(h, in), errTooMuch) {
		c.linger()
	}
	return !h.ends
}

// body waits for the rest of a request, within the limits.
func (c *conn) body(h heading, in *incoming, q *request) *refusal {
	if !h.hasBody() {
		return nil
	}
	if h.framing.Length > int64(c.g.limits.Body) {
		return fatal(http.StatusRequestEntityTooLarge, ReasonTooLarge)
	}
	if h.waits && len(in.body) == 0 && !in.whole {
		_ = c.send([]byte("HTTP/1.1 100 Continue\r\n\r\n")) // whether it arrives, the body says
	}
	for {
		switch {
		case len(in.body) > c.g.limits.Body:
			return fatal(http.StatusRequestEntityTooLarge, ReasonTooLarge)
		case in.whole:
			q.body = in.body
			return nil
		case in.astray, in.padded():
			return fatal(http.StatusBadRequest, ReasonCutShort)
		}
		switch err := c.read(); {
		case network.IsTimeout(err):
			return fatal(http.StatusRequestTimeout, ReasonSlow)
		case err != nil:
			return fatal(http.StatusBadRequest, ReasonCutShort)
		}
	}
}

// skip reads what is left of a request that nobody wants, unless it is too much by
// what the head says.
func (c *conn) skip(h heading, in *incoming) error {
	if !in.whole && h.framing.Length > maxSkipped {
		return errTooMuch
	}
	for left := maxSkipped; !in.whole; {
		if left -= len(in.body); left < 0 || in.padded() {
			return errTooMuch
		}
		in.body = in.body[:0]
		if in.astray || c.read() != nil {
			return errNotSkipped
		}
	}
	return nil
}

// maxSkipped is how much of a body is read that nobody wants, in bytes.
const maxSkipped = 256 << 10

var (
	errTooMuch    = errors.New("there is more of the body than is worth reading")
	errNotSkipped = errors.New("the body does not end")
)

// watch reads on while somebody else decides, until another request begins or the
// waiting is over.
func (c *conn) watch() (stop func()) {
	if c.lane.further() {
		return func() {}
	}
	_ = c.SetReadDeadline(time.Time{})
	seen := make(chan struct{})
	go func() {
		defer close(seen)
		for c.read() == nil && !c.lane.further() {
			continue // blank lines
		}
	}()
	return func() {
		select {
		case <-seen:
			return
		default:
		}
		_ = c.SetReadDeadline(time.Unix(1, 0))
		<-seen
	}
}

// write writes an answer, or a refusal if there is one, at once.
func (c *conn) write(h heading, a *answer, no *refusal) error {
	out := c.out[:0]
	if no != nil {
		out = appendRefusal(out, h, no)
	} else {
		out = appendAnswer(out, h, a, c.g.table.dialect)
	}
	if cap(out) <= maxKept {
		c.out = out
	}
	return c.send(out)
}

// send writes within the time in which a client should have room for an answer.
func (c *conn) send(p []byte) error {
	_ = c.SetWriteDeadline(time.Now().Add(c.g.limits.Silence))
	_, err := c.Write(p)
	return err
}

// maxKept is how much room for an answer a connection keeps, in bytes.
const maxKept = 2 << 10

// complain answers what is no request.
func (c *conn) complain(w *complaint) {
	_ = c.send(w.appendTo(nil)) // the connection is over in any case
}

// linger lets the client read its answer while it still sends: closing at once
// would reset the connection and lose it.
func (c *conn) linger() {
	_ = c.CloseWrite()
	pause := time.NewTimer(500 * time.Millisecond)
	defer pause.Stop()
	select {
	case <-pause.C:
	case <-c.g.ctx.Done():
	}
}

// Close ends the sessions that are bound to the connection.
func (c *conn) Close() error {
	err := c.Conn.Close()
	c.g.do(func(t *table) { t.disconnected(time.Now(), &c.lane) })
	return err
}

// abort resets the connection.
func (c *conn) abort() {
	_ = c.SetLinger(0) // where there is no such thing it is closed
	_ = c.Close()
}
