package simnet

import (
	"net"
	"syscall"
	"time"
)

// Close ends this end at once, waking whoever is blocked on it. The peer reads
// what was written and then io.EOF; should it write, a reset comes back. The
// peer is reset instead if SetLinger(0) was called, or if data has arrived here
// that nobody read, as on Linux; only the former drops what is still on its way
// to the peer. A second Close is net.ErrClosed.
func (c *Conn) Close() error {
	wasOpen, last := c.close(time.Now())
	if !wasOpen {
		return c.failed("close", net.ErrClosed)
	}
	if last {
		c.link.net.forget(c.link)
	}
	return nil
}

// abort is SetLinger(0) and Close.
func (c *Conn) abort() {
	_ = c.SetLinger(0) // fails, as Close does, only if already closed
	_ = c.Close()
}

// CloseWrite ends this direction: the peer reads what was written and then
// io.EOF. Writes here, blocked ones too, fail with syscall.EPIPE; reading goes
// on. After a reset it is syscall.ENOTCONN.
func (c *Conn) CloseWrite() error {
	return c.whileOpen("close", func(now time.Time) error {
		if reached(c.reset, now) {
			return syscall.ENOTCONN
		}
		c.finish(now)
		return nil
	})
}

// CloseRead ends the other direction here: reads, blocked ones too, return
// io.EOF, and what arrived or still arrives is dropped. The peer does not
// notice: TCP has no word for it.
func (c *Conn) CloseRead() error {
	return c.whileOpen("close", func(time.Time) error {
		c.readShut = true
		c.in.clear()
		c.reader.wake()
		c.peer.writer.wake()
		return nil
	})
}

// SetLinger chooses how Close ends the connection: 0 seconds means by a reset
// that drops what is on its way, anything else in the ordinary way.
func (c *Conn) SetLinger(seconds int) error {
	return c.whileOpen("set", func(time.Time) error {
		c.hard = seconds == 0
		return nil
	})
}

// whileOpen runs act with the lock held unless c is closed.
func (c *Conn) whileOpen(op string, act func(now time.Time) error) error {
	c.link.mu.Lock()
	defer c.link.mu.Unlock()
	if c.closed {
		return c.failed(op, net.ErrClosed)
	}
	return c.failed(op, act(time.Now()))
}
