package wire

import (
	"errors"
	"net"
	"syscall"
	"time"

	"gauntlet/proxies/network"
)

// Close ends the connection, unless an effect has taken the network's side from
// the box: then the peer does not notice.
func (c *conn) Close() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.ends == inUse {
		c.out.finishAnswer()
	}
	if c.ends != inUse {
		return c.failed("close", net.ErrClosed)
	}
	c.ends = byBox
	c.idle.stop()
	c.wake()
	if c.link.taken() {
		if c.peerGone && !c.netClosed {
			_ = c.closeNetwork() // the peer has left already
		}
		c.forgetIfDone()
		return nil
	}
	if c.out.pace.lateness() > 0 && !c.hard && c.tap.drain(tardy{c}.close) {
		return nil
	}
	c.closed(ByBox, c.manner())
	return c.closeNetwork()
}

// tardy ends what the box says later, where a fault wants that.
type tardy struct{ *conn }

// close is the box's Close at the time.
func (c tardy) close() {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.wait(); c.ends == byBox && !c.netClosed {
		c.closed(ByBox, c.manner())
		_ = c.closeNetwork() // the box does not wait for it
	}
}

// finish is the box's CloseWrite at the time.
func (c tardy) finish(closer network.CloseWriter) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.wait(); c.ends != byTap && !c.netClosed && !c.link.taken() {
		c.closed(ByBox, fin)
		_ = closer.CloseWrite() // the box does not wait for it
	}
}

// wait waits for as long as the end comes later.
func (c tardy) wait() {
	began := time.Now()
	for c.ends != byTap && !c.netClosed {
		moment := began.Add(c.out.pace.lateness())
		if !time.Now().Before(moment) {
			return
		}
		_ = c.rest(moment) // its passing is what was waited for
	}
}

// manner is how the box's Close ends the connection.
func (c *conn) manner() string {
	if c.hard {
		return rst
	}
	return fin
}

// closeNetwork closes the network's side for good, by a reset if a fault or the
// box wants that.
func (c *conn) closeNetwork() error {
	c.netClosed = true
	c.forgetIfDone()
	if c.link.how == rst {
		return network.Reset(c.Conn)
	}
	return c.Conn.Close()
}

// forgetIfDone lets the Tap forget a connection that both sides are done with.
func (c *conn) forgetIfDone() {
	if c.ends != inUse && c.netClosed {
		c.tap.forget(c)
	}
}

// end ends everything: the Tap is being closed.
func (c *conn) end() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.ends = byTap
	c.idle.stop()
	c.wake()
	c.closed(c.link.keeper(), fin)
	if !c.netClosed {
		_ = c.closeNetwork() // the run is over, whatever it says
	}
}

// CloseWrite ends the box's direction and keeps reading.
func (c *conn) CloseWrite() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.out.finishAnswer()
	if c.link.taken() {
		return nil
	}
	closer, ok := c.Conn.(network.CloseWriter)
	if !ok {
		return c.failed("close", errors.ErrUnsupported)
	}
	c.idle.stop()
	if c.out.pace.lateness() > 0 && c.tap.drain(func() { tardy{c}.finish(closer) }) {
		return nil
	}
	c.closed(ByBox, fin)
	return closer.CloseWrite()
}

// CloseRead refuses what the peer still sends.
func (c *conn) CloseRead() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.link.taken() {
		return nil
	}
	if closer, ok := c.Conn.(network.CloseReader); ok {
		return closer.CloseRead()
	}
	return c.failed("close", errors.ErrUnsupported)
}

// SetLinger chooses how the box's Close ends the connection.
func (c *conn) SetLinger(seconds int) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.link.taken() {
		return nil
	}
	if l, ok := c.Conn.(network.Lingerer); ok {
		c.hard = seconds == 0
		return l.SetLinger(seconds)
	}
	return c.failed("set", errors.ErrUnsupported)
}

// SyscallConn is that of the network's side. What is done through it is not
// observed.
func (c *conn) SyscallConn() (syscall.RawConn, error) {
	if s, ok := c.Conn.(syscall.Conn); ok {
		return s.SyscallConn()
	}
	return nil, c.failed("raw-read", errors.ErrUnsupported)
}
