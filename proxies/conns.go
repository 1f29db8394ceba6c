package proxies

import (
	"bytes"
	"context"
	"io"
	"net"
	"net/http"
	"sync"

	"gauntlet/proxies/heads"
	"gauntlet/proxies/http1"
	"gauntlet/proxies/upstream"
)

// clientConn is a connection towards the client. It notes how each request's
// head was spelled, and respells the head of the answer when told how.
type clientConn struct {
	*conn
	answers heads.Rewriter
	filter  *heads.Filter // nil unless a quirk concerns the bytes that the client sends
	place   *place        // nil unless the box has but so many
	ntlm    ntlmLogin     // how far its login has come; its requests come one after the other
	machine int           // 1 for the first that its requests go to; 0: not yet known, or no matter
	opened  string        // where the tunnel goes in which the box opened the TLS; "" outside of one

	mu       sync.Mutex
	requests http1.Reader
	came     []*arrival     // requests that nobody has asked for yet, from the end of their heads
	coming   *arrival       // the last of them, or what was
	bound    *upstream.Pool // its own pool
}

func newClientConn(c *conn, b *behaviour) *clientConn {
	client := &clientConn{conn: c}
	if len(b.readHead) > 0 || b.losesPipelined {
		client.filter = heads.NewFilter(b.readHead, b.losesPipelined)
	}
	if b.places != nil {
		client.place = b.places.placeOf(c)
	}
	return client
}

// Close makes room for another one, where there is little.
func (c *clientConn) Close() error {
	if c.place != nil {
		c.place.leave()
	}
	return c.conn.Close()
}

// Read notes the heads of what it reads.
func (c *clientConn) Read(p []byte) (int, error) {
	if c.place != nil && !c.place.take() {
		return 0, net.ErrClosed
	}
	if c.filter != nil {
		return c.filter.Read(p, c.take)
	}
	return c.take(p)
}

func (c *clientConn) take(p []byte) (int, error) {
	n, err := c.conn.Read(p)
	c.note(p[:n])
	return n, err
}

// note picks the heads out of the bytes that a client sends. It needs the framing
// of bodies for that, since the next head may come in the same read as the end of
// a body (pipelining).
func (c *clientConn) note(p []byte) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for len(p) > 0 {
		n, _, mark := c.requests.Next(p)
		if mark&http1.HeadDone != 0 {
			c.coming = &arrival{head: parseHead(c.requests.Head()), from: c}
			c.came = append(c.came, c.coming)
			if c.requests.Method == http.MethodConnect {
				c.requests.Abandon()
			}
		}
		if mark&http1.Done != 0 && c.coming != nil {
			c.coming.whole = true
		}
		p = p[n:]
	}
}

// arrival is a request as it comes from the client.
type arrival struct {
	head  *http1.Head
	from  *clientConn
	whole bool // with its body; the connection's lock guards it
}

// complete reports whether the whole request is here, so that to read it is no
// waiting.
func (a *arrival) complete() bool {
	if a.from == nil {
		return false
	}
	a.from.mu.Lock()
	defer a.from.mu.Unlock()
	return a.whole
}

// Write respells the head that the rewriter was armed for.
func (c *clientConn) Write(p []byte) (int, error) { return c.answers.Write(c.Conn, p) }

// next takes the oldest request of which the head was read. net/http serves
// requests in order and gives up a connection when it refuses one, so that each
// request served finds its own.
func (c *clientConn) next() *arrival {
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.came) == 0 {
		return &arrival{head: &http1.Head{}}
	}
	a := c.came[0]
	c.came = c.came[1:]
	return a
}

// bind gives the connection its own pool when it is first asked for.
func (c *clientConn) bind(pool func() *upstream.Pool) *upstream.Pool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.bound == nil {
		c.bound = pool()
	}
	return c.bound
}

// unbind ends it; a connection that is still busy ends when it is free.
func (c *clientConn) unbind() {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.bound != nil {
		c.bound.CloseIdle()
	}
}

type clientConnKey struct{}

func withClientConn(ctx context.Context, c net.Conn) context.Context {
	return context.WithValue(ctx, clientConnKey{}, c)
}

func clientConnOf(r *http.Request) *clientConn {
	client, _ := r.Context().Value(clientConnKey{}).(*clientConn)
	return client
}

// serverConn is a connection towards the gateway, from the box's pool. While an
// exchange has it, it respells the request's head and notes the answer's.
type serverConn struct {
	*conn
	requests heads.Rewriter
	stale    bool          // the box hears that the server has ended it only when it uses it
	gone     chan struct{} // closed by Close, if it is
	once     sync.Once

	mu     sync.Mutex
	waits  *exchange // nil: nobody waits for a head
	buffer []byte
	ended  chan struct{} // to be closed when a request is written; nil unless the server has ended a connection that rests
}

// expect lends the connection to an exchange. A pool drops a connection that speaks
// unasked, so the next bytes read are the head of its
// answer.
func (s *serverConn) expect(x *exchange) {
	s.requests.Arm(x.requestChange())
	s.mu.Lock()
	defer s.mu.Unlock()
	s.waits, s.buffer = x, nil
}

// Read notes the head of the answer that is expected.
func (s *serverConn) Read(p []byte) (int, error) {
	n, err := s.conn.Read(p)
	if n == 0 && err != nil {
		s.overlook()
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if n == 0 && s.completes(err) {
		n, err = copy(p, "\r\n\r\n"), nil
	}
	if s.waits != nil && n > 0 {
		s.waits.began.Store(true)
		s.gather(p[:n])
	}
	return n, err
}

// completes reports whether err is the end of a head that counts as whole.
func (s *serverConn) completes(err error) bool {
	return err == io.EOF && s.waits != nil && len(s.buffer) > 0 && s.waits.box.behaviour.takesCutHead
}

// gather looks for the end of the head; interim answers are passed over.
func (s *serverConn) gather(p []byte) {
	if len(s.buffer) == 0 {
		s.buffer = p // it is not kept beyond this call
	} else {
		s.buffer = append(s.buffer, p...)
	}
	for {
		n := http1.HeadEnd(s.buffer)
		if n < 0 {
			s.buffer = bytes.Clone(s.buffer)
			return
		}
		if !http1.IsInterim(s.buffer[:n]) {
			s.waits.answer.Store(parseHead(s.buffer[:n]))
			s.waits, s.buffer = nil, nil
			return
		}
		s.buffer = s.buffer[n:]
	}
}

// overlook keeps the end of a connection that rests from the pool until a request is
// on its way on it.
func (s *serverConn) overlook() {
	s.mu.Lock()
	if !s.stale || s.waits != nil {
		s.mu.Unlock()
		return
	}
	ended := make(chan struct{})
	s.ended = ended
	s.mu.Unlock()
	select {
	case <-ended:
	case <-s.gone:
	}
}

// Close ends the connection, also for who overlooks its end.
func (s *serverConn) Close() error {
	if s.stale {
		s.once.Do(func() { close(s.gone) })
	}
	return s.conn.Close()
}

// Write respells the head of the request that is expected.
func (s *serverConn) Write(p []byte) (int, error) {
	n, err := s.requests.Write(s.Conn, p)
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.ended != nil {
		close(s.ended)
		s.ended = nil
	}
	return n, err
}
