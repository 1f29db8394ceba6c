package wire

import (
	"errors"
	"io"
	"net"
	"os"
	"syscall"
	"time"
)

// restUntil waits for whichever comes first; only the deadline is an error.
func (c *conn) restUntil(moment, deadline time.Time) error {
	if deadline.IsZero() || moment.Before(deadline) {
		_ = c.rest(moment) // its passing is what was waited for
		return nil
	}
	return c.rest(deadline)
}

// longAgo is a deadline that interrupts at once.
var longAgo = time.Unix(1, 0)

// rest waits, without the lock, until something about the connection changes
// or the deadline passes, which is an error. c.mu is held before and after.
func (c *conn) rest(deadline time.Time) error {
	left := time.Until(deadline)
	if !deadline.IsZero() && left <= 0 {
		return os.ErrDeadlineExceeded
	}
	if c.changed == nil {
		c.changed = make(chan struct{})
	}
	changed := c.changed
	c.mu.Unlock()
	defer c.mu.Lock()
	if deadline.IsZero() {
		<-changed
		return nil
	}
	timer := time.NewTimer(left)
	defer timer.Stop()
	select {
	case <-changed:
	case <-timer.C:
	}
	return nil
}

// wake lets everybody who rests look again.
func (c *conn) wake() {
	if c.changed != nil {
		close(c.changed)
		c.changed = nil
	}
}

// SetDeadline is SetReadDeadline and SetWriteDeadline.
func (c *conn) SetDeadline(t time.Time) error {
	return errors.Join(c.SetReadDeadline(t), c.SetWriteDeadline(t))
}

// SetReadDeadline holds for a withheld Read too.
func (c *conn) SetReadDeadline(t time.Time) error {
	return c.setDeadline(&c.in.deadline, t, func(t time.Time) error {
		return c.Conn.SetReadDeadline(earlier(t, c.in.ahead))
	})
}

// SetWriteDeadline holds for a withheld Write too.
func (c *conn) SetWriteDeadline(t time.Time) error {
	return c.setDeadline(&c.out.deadline, t, c.Conn.SetWriteDeadline)
}

// setDeadline passes the deadline on to the network while that is still the box's.
func (c *conn) setDeadline(own *time.Time, t time.Time, network func(time.Time) error) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.ends != inUse {
		return c.failed("set", net.ErrClosed)
	}
	*own = t
	c.wake()
	if c.link.taken() {
		return nil
	}
	return network(t)
}

// failed gives an error the clothes that the net package gives it.
func (c *conn) failed(op string, err error) error {
	if err == nil || err == io.EOF {
		return err
	}
	var errno syscall.Errno
	if errors.As(err, &errno) {
		err = os.NewSyscallError(op, errno)
	}
	return &net.OpError{Op: op, Net: "tcp", Source: c.LocalAddr(), Addr: c.RemoteAddr(), Err: err}
}

// earlier is the earlier of two moments, of which zero is none.
func earlier(a, b time.Time) time.Time {
	if a.IsZero() || !b.IsZero() && b.Before(a) {
		return b
	}
	return a
}
