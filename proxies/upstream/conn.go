package upstream

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"net"
	"sync"
	"time"
)

// conn is a connection to a server.
//
// # Theory of operation
//
//	resting ──begin──► exchange ──head──► body, read by who has the answer ──end──► resting
//	   │                  │                 │
//	   └──────────────────┴─────end─────────┴──► closed
//
// One goroutine reads from the beginning to the end of the connection, but for bodies:
// those are read by who has the answer, and meanwhile it waits. What comes while the
// connection rests ends it.
type conn struct {
	net.Conn
	pool    *Pool
	to      place
	in      *bufio.Reader
	out     output
	written int64         // bytes; of who writes
	limit   int           // bytes that a head may still have; of who reads
	ended   bool          // the server sends no more; of who reads
	bodies  chan struct{} // of one: the body at hand has been read
	patient *time.Timer   // runs while an answer is awaited

	mu     sync.Mutex
	at     *attempt // whose answer is awaited; nil while the connection rests, and during a body
	reads  bool     // a body is being read
	served bool     // an exchange went well
	closed error    // why; nil while it is open
	left   error    // why its user did
	idle   *time.Timer
}

// readAhead is how much is read at a time, in bytes, and written.
const readAhead = 4 << 10

// longestHead is how long the head of an answer may be, in bytes, with the interim
// answers before it: as long as for net/http.
const longestHead = 10 << 20

// newConn is a connection that somebody waits for; who makes it has it read.
func newConn(c net.Conn, p *Pool, to place) *conn {
	own := &conn{Conn: c, pool: p, to: to, bodies: make(chan struct{}, 1)}
	own.in = bufio.NewReaderSize(counted{own}, readAhead)
	own.out.c = own
	return own
}

// counted reads from the connection as far as a head may reach.
type counted struct{ c *conn }

// Read notes the end.
func (r counted) Read(p []byte) (int, error) {
	if r.c.limit <= 0 {
		return 0, fmt.Errorf("read limit of %d bytes exhausted", longestHead)
	}
	n, err := r.c.Read(p[:min(len(p), r.c.limit)])
	r.c.limit -= n
	r.c.ended = r.c.ended || err == io.EOF
	return n, err
}

// begin takes the connection out of its rest; false if it is closed.
func (c *conn) begin() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.idle != nil {
		c.idle.Stop()
	}
	return c.closed == nil
}

// rest notes that the connection has served; false if it is closed.
func (c *conn) rest() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.served = true
	return c.closed == nil
}

// expire closes the connection if it is idle for so long.
func (c *conn) expire(after time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.idle != nil {
		c.idle.Reset(after)
		return
	}
	c.idle = time.AfterFunc(after, func() {
		if c.pool.drop(c) {
			c.end(errNotKept)
		}
	})
}

// end closes the connection.
func (c *conn) end(why error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.endLocked(why)
}

func (c *conn) endLocked(why error) {
	if c.closed == nil {
		c.closed = why
		_ = c.Close() // nothing is lost with it
	}
}

// leave closes the connection because its user gave up.
func (c *conn) leave(why error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.left = why
	c.endLocked(why)
}

// why is what its user gave up for, if it did.
func (c *conn) why() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.left
}

// read reads answers until the connection ends.
func (c *conn) read() {
	for {
		c.limit = longestHead
		_, err := c.in.Peek(1)
		a := c.awaited()
		if a == nil {
			c.pool.drop(c)
			return
		}
		lost, more := err != nil, false
		if !lost {
			more, err = c.pass(a)
		}
		if err != nil {
			c.end(err)
			a.answers <- answer{err: err, lost: lost}
			return
		}
		if !more {
			return
		}
	}
}

// awaited is the attempt to which belongs what has come; if there is none, the
// connection ends.
func (c *conn) awaited() *attempt {
	c.mu.Lock()
	defer c.mu.Unlock()
	a := c.at
	if c.at = nil; a == nil {
		c.endLocked(errServerClosed)
	}
	return a
}

// errServerClosed is why a connection ended that was idle.
var errServerClosed = errors.New("http: server closed idle connection")
