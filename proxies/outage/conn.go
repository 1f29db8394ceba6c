package outage

import (
	"context"
	"net"
	"os"
	"sync"
	"syscall"
	"time"

	"gauntlet/proxies/network"
)

// conn is a connection of a client's at the end of the cable.
type conn struct {
	network.Conn
	outage *Outage
	turn   int           // among all that the outage was on, from 1
	old    bool          // it was there before the outage
	closed chan struct{} // closed by Close

	mu    sync.Mutex
	ended bool
	abort chan struct{} // closed while reading is broken off, by a deadline that is past
	held  []byte        // what came while the cable was out, and was not given
	err   error         // what came behind it
}

// Read gives what arrives, once the cable is in.
func (c *conn) Read(p []byte) (int, error) {
	if err := c.pass(true); err != nil {
		return 0, err
	}
	n, err := c.next(p)
	if stop := c.pass(true); stop != nil {
		c.keep(p[:n], err)
		return 0, stop
	}
	if c.lost() {
		return 0, c.die("read")
	}
	return n, err
}

// next gives what was kept, or reads.
func (c *conn) next(p []byte) (int, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.held) == 0 && c.err == nil {
		c.mu.Unlock()
		n, err := c.Conn.Read(p)
		c.mu.Lock()
		return n, err
	}
	n := copy(p, c.held)
	if c.held = c.held[n:]; len(c.held) > 0 {
		return n, nil
	}
	err := c.err
	c.err = nil
	return n, err
}

// keep has p and err be what is read next. A deadline is nobody's news later.
func (c *conn) keep(p []byte, err error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.held = append(append([]byte{}, p...), c.held...)
	if err != nil && !network.IsTimeout(err) {
		c.err = err
	}
}

// Write sends, once the cable is in.
func (c *conn) Write(p []byte) (int, error) {
	if err := c.pass(false); err != nil {
		return 0, err
	}
	if c.lost() {
		return 0, c.die("write")
	}
	return c.Conn.Write(p)
}

// pass waits while the cable is out. A deadline ends the wait of whoever reads if it
// is past already; others are noticed when the cable is in.
func (c *conn) pass(reads bool) error {
	if c.outage.now() != out {
		return nil
	}
	var abort chan struct{}
	if reads {
		c.mu.Lock()
		abort = c.abort
		c.mu.Unlock()
	}
	select {
	case <-c.outage.over:
		pause(context.Background(), time.Duration(c.turn)) // nanoseconds: whoever has waited goes on in the same order in each run
		return nil
	case <-c.closed:
		return net.ErrClosed
	case <-abort:
		return os.ErrDeadlineExceeded
	}
}

// lost reports whether the connection has not outlived the outage.
func (c *conn) lost() bool { return c.old && c.outage.Dead && c.outage.now() == after }

// die answers the client by a reset.
func (c *conn) die(op string) error {
	_ = network.Reset(c.Conn) // the client may be gone
	return &net.OpError{Op: op, Net: "tcp", Addr: c.RemoteAddr(), Err: os.NewSyscallError(op, syscall.ECONNRESET)}
}

// SetDeadline is that of both directions.
func (c *conn) SetDeadline(t time.Time) error {
	c.setAbort(t)
	return c.Conn.SetDeadline(t)
}

// SetReadDeadline may break off a wait for the cable.
func (c *conn) SetReadDeadline(t time.Time) error {
	c.setAbort(t)
	return c.Conn.SetReadDeadline(t)
}

func (c *conn) setAbort(t time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	past := !t.IsZero() && !t.After(time.Now())
	select {
	case <-c.abort:
		if !past {
			c.abort = make(chan struct{})
		}
	default:
		if past {
			close(c.abort)
		}
	}
}

// Close ends the connection; the client hears of it when the cable is in.
func (c *conn) Close() error {
	c.mu.Lock()
	again := c.ended
	c.ended = true
	c.mu.Unlock()
	if again {
		return net.ErrClosed
	}
	close(c.closed)
	if c.outage.postpone(func() { _ = c.Conn.Close() }) { // nobody waits for its error any more
		return c.Conn.SetReadDeadline(time.Unix(1, 0)) // whoever reads has to hear of it
	}
	return c.Conn.Close()
}

// CloseWrite sends FIN, which arrives when the cable is in.
func (c *conn) CloseWrite() error {
	if c.outage.postpone(func() { _ = c.Conn.CloseWrite() }) { // as for Close
		return nil
	}
	return c.Conn.CloseWrite()
}
