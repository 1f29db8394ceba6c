package gateway

import (
	"net"
	"net/http"
	"sync"
	"time"

	"gauntlet/proxies/network"
)

// conn is a connection to the gateway's own server. It sees the bytes before
// net/http does, for two things that net/http does not offer: blank lines
// between requests are skipped (RFC 2616 4.1; one old client leaves them), and
// a request that begins before the one ahead of it is answered is noticed (S14).
// net/http reads one byte ahead while a handler runs; whatever comes along with
// that byte is looked at, too.
type conn struct {
	network.Conn
	g    *Gateway
	lane lane
	done sync.Once

	from    string // the client's address
	counted bool   // it has a place there

	// One Read after the other uses these.
	room []byte // where more is read than net/http has asked for
	more []byte // what it has not had of that
	err  error  // what comes behind it
}

func newConn(c net.Conn, g *Gateway) *conn {
	own := &conn{Conn: network.Conn{Conn: c}, g: g, from: hostOf(c.RemoteAddr().String())}
	own.lane.requests.Reuse = true // nobody looks at the heads
	own.lane.at = hostOf(c.LocalAddr().String())
	return own
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
	for len(c.more) == 0 {
		if err := c.err; err != nil || len(p) == 0 {
			c.err = nil // a time-out can pass
			return 0, err
		}
		if len(p) >= readAhead {
			n, err := c.Conn.Read(p)
			if kept := c.see(p[:n]); kept > 0 || err != nil {
				return kept, err
			}
			continue
		}
		c.readMore()
	}
	n := copy(p, c.more)
	c.more = c.more[n:]
	return n, nil
}

// readAhead is how much is read at least, in bytes.
const readAhead = 2 << 10

func (c *conn) readMore() {
	if c.room == nil {
		c.room = make([]byte, readAhead)
	}
	n, err := c.Conn.Read(c.room)
	c.more, c.err = c.room[:c.see(c.room[:n])], err
	if len(c.more) > 0 {
		c.err = nil // what lasts is told again
	}
}

// see takes blank lines out of p, and tells the table when another request has
// begun too early.
func (c *conn) see(p []byte) (kept int) {
	kept = c.lane.filter(p)
	if c.lane.ahead() {
		c.g.do(func(t *table) { t.overlaps.begun(&c.lane) })
	}
	return kept
}

// Close ends the sessions that are bound to the connection.
func (c *conn) Close() error {
	err := c.Conn.Close()
	c.g.do(func(t *table) { t.disconnected(time.Now(), &c.lane) })
	return err
}

// over counts the connection out.
func (c *conn) over() { c.done.Do(func() { c.g.gone(c) }) }

// abort resets the connection.
func (c *conn) abort() {
	_ = c.SetLinger(0) // where there is no such thing it is closed
	_ = c.Close()
}
