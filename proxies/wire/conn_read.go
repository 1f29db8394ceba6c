package wire

import (
	"errors"
	"io"
	"net"
	"os"
	"syscall"
	"time"
)

// Read gives the box what came from the peer, as far as it may have it.
func (c *conn) Read(p []byte) (int, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for {
		n, err := c.tryRead(p)
		if n > 0 || err != nil || len(p) == 0 {
			return n, err
		}
	}
}

// tryRead does one thing: give, wait, look at what has come, or fetch more.
func (c *conn) tryRead(p []byte) (int, error) {
	switch {
	case c.ends != inUse:
		return 0, c.failed("read", net.ErrClosed)
	case c.owes() && c.out.striking == 0:
		return 0, c.failed("read", c.readOwn())
	case c.in.free > 0:
		return c.take(p)
	case c.out.striking > 0:
		return 0, c.failed("read", c.rest(c.in.deadline))
	case c.in.parsed < len(c.in.data) && !c.link.boxHalted():
		c.sift()
		return 0, nil
	case c.in.err != nil:
		return 0, c.failed("read", c.in.err)
	case c.link.boxHalted() || c.link.taken() || c.in.busy:
		return 0, c.failed("read", c.rest(c.in.deadline))
	}
	return c.fetch(p)
}

// take gives the box bytes that are free, at their pace.
func (c *conn) take(p []byte) (int, error) {
	n, again := c.in.pace.admit(min(len(p), c.in.free))
	if n == 0 && !again.IsZero() {
		return 0, c.failed("read", c.lookAhead(again))
	}
	copy(p, c.in.data[:n])
	c.in.data = append(c.in.data[:0], c.in.data[n:]...)
	c.in.free -= n
	c.in.parsed -= n
	return n, nil
}

// restUntil waits for whichever comes first; only the deadline is an error.
func (c *conn) restUntil(moment, deadline time.Time) error {
	if deadline.IsZero() || moment.Before(deadline) {
		_ = c.rest(moment) // its passing is what was waited for
		return nil
	}
	return c.rest(deadline)
}

// lookAhead waits for a moment at which more may pass to the box, and meanwhile
// takes in what comes from the peer: above all, that it leaves.
func (c *conn) lookAhead(moment time.Time) error {
	const enough = 64 << 10
	if c.in.err != nil || c.link.boxHalted() || c.link.taken() || c.in.busy || len(c.in.data) > enough {
		return c.restUntil(moment, c.in.deadline)
	}
	c.in.busy, c.in.ahead = true, moment
	_ = c.Conn.SetReadDeadline(earlier(moment, c.in.deadline)) // fails only if the connection has ended
	scrap := make([]byte, 1<<10)
	c.mu.Unlock()
	n, err := c.Conn.Read(scrap)
	c.mu.Lock()
	c.in.busy = false
	c.in.data = append(c.in.data, scrap[:n]...)
	c.wake()
	return c.lookedAhead(err)
}

// lookedAhead gives the network's side the box's own deadline back and sorts
// the error of a Read that may have ended at ours.
func (c *conn) lookedAhead(err error) error {
	c.in.ahead = time.Time{}
	if !c.link.taken() && c.ends == inUse {
		_ = c.Conn.SetReadDeadline(c.in.deadline) // fails only if the connection has ended
	}
	if errors.Is(err, os.ErrDeadlineExceeded) && (c.in.deadline.IsZero() || time.Now().Before(c.in.deadline)) {
		return nil
	}
	return c.readFailed(err)
}

// fetch reads from the peer. Where no fault can strike, the bytes go straight
// to the box.
func (c *conn) fetch(p []byte) (int, error) {
	c.in.busy = true
	p, ahead := c.readAhead(p)
	c.mu.Unlock()
	n, err := c.Conn.Read(p)
	c.mu.Lock()
	c.in.busy = false
	c.wake()
	if !c.in.ahead.IsZero() {
		c.in.data = append(c.in.data, p[:n]...)
		return 0, c.lookedAhead(err)
	}
	if c.tap.hop() == nil && len(c.in.data) == 0 && !c.link.taken() && !ahead {
		c.noteRequests(p[:n])
	} else {
		c.in.data = append(c.in.data, p[:n]...)
		n = 0
	}
	return n, c.readFailed(err)
}

// readAhead gives a Read of a few bytes more room while no request has come: a
// box that reads SOCKS byte by byte leaves at the first wrong one, and what had
// come with it would be seen by nobody.
func (c *conn) readAhead(p []byte) (room []byte, ahead bool) {
	const few, enough = 64, 16 << 10
	if c.in.Method != "" || len(p) > few {
		return p, false
	}
	return make([]byte, enough), true
}

// readFailed sorts an error of the network's Read: the end of the stream is
// kept for when all before it is given, an interruption of ours is none, and
// the rest is the box's.
func (c *conn) readFailed(err error) error {
	switch {
	case err == nil || c.link.taken() || c.ends != inUse:
		return nil
	case errors.Is(err, io.EOF):
		c.peerLeft(io.EOF)
	case errors.Is(err, syscall.ECONNRESET), errors.Is(err, syscall.EPIPE):
		c.peerLeft(syscall.ECONNRESET)
	default:
		return err
	}
	return nil
}

// peerLeft notes that the peer has ended the connection; err is what the box
// is told, EOF or ECONNRESET. What is held back of a broken request is freed.
func (c *conn) peerLeft(err error) {
	c.peerGone = true
	c.stopIdle()
	c.in.holding = false
	if c.in.parsed == len(c.in.data) && !c.link.boxHalted() {
		c.in.free = c.in.parsed
	}
	c.in.err = err
	c.closed(ByPeer, howOf(err))
}
