package gateway

import (
	"errors"
	"net"
	"net/http"
	"sync"
	"time"
)

// conn is a connection to the gateway's own server. It sees the bytes before
// net/http does, for two things that net/http does not offer: blank lines
// between requests are skipped (RFC 2616 4.1; one old client leaves them), and
// a request that begins before the one ahead of it is answered is noticed at
// its first byte (S14). net/http reads ahead while a handler runs, so that
// byte is seen in time.
type conn struct {
	net.Conn
	g *Gateway

	mu       sync.Mutex
	framing  framing
	answered int // requests whose answer is settled
	done     sync.Once

	// The gateway's lock guards these two.
	waits  *reply // what the present request waits for
	doomed int    // the session that the next request finds ended by overlap
}

type connKey struct{}

// connectionOf is the connection that a request came on, nil if it is not one
// of the gateway's own server.
func connectionOf(r *http.Request) *conn {
	c, _ := r.Context().Value(connKey{}).(*conn)
	return c
}

// Read reads what net/http may see.
func (c *conn) Read(p []byte) (int, error) {
	for {
		n, err := c.Conn.Read(p)
		kept := c.see(p[:n])
		if kept > 0 || err != nil || len(p) == 0 {
			return kept, err
		}
	}
}

// see follows the requests, takes blank lines out of p, and reports a request
// that has begun too early.
func (c *conn) see(p []byte) (kept int) {
	c.mu.Lock()
	kept = c.framing.filter(p)
	c.mu.Unlock()
	if c.ahead() {
		c.g.do(func(t *table) { t.overlapOn(c) })
	}
	return kept
}

// ahead tells whether more requests have begun than the one being answered.
func (c *conn) ahead() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.framing.begun > c.answered+1
}

// answering notes that the present request's answer is settled.
func (c *conn) answering() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.answered++
}

// Close ends the sessions that are bound to the connection.
func (c *conn) Close() error {
	err := c.Conn.Close()
	c.g.do(func(t *table) { t.parted(time.Now(), c) })
	return err
}

// over counts the connection out.
func (c *conn) over() { c.done.Do(c.g.conns.Done) }

// CloseWrite ends the gateway's direction, where the connection can do that;
// net/http does so before it closes on a client that is still sending.
func (c *conn) CloseWrite() error {
	if half, can := c.Conn.(interface{ CloseWrite() error }); can {
		return half.CloseWrite()
	}
	return errors.ErrUnsupported
}

// NetConn is the connection below.
func (c *conn) NetConn() net.Conn { return c.Conn }
