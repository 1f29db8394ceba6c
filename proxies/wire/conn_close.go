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
	if c.out.pace.lateness() > 0 && !c.hard && c.tap.drain(c.closeLate) {
		return nil
	}
	return c.closeNow()
}

func (c *conn) closeNow() error {
	c.closed(ByBox, c.manner())
	return c.closeNetwork()
}

// closeLate is Close when the fault that has it come later lets it.
func (c *conn) closeLate() {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.endLate(); c.ends == byBox && !c.netClosed {
		_ = c.closeNow() // the box does not wait for it
	}
}

// endLate waits for as long as the end of what the box says comes later.
func (c *conn) endLate() {
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
	finish := func() error {
		c.closed(ByBox, fin)
		return closer.CloseWrite()
	}
	if c.out.pace.lateness() > 0 && c.tap.drain(func() { c.finishLate(finish) }) {
		return nil
	}
	return finish()
}

// finishLate is CloseWrite when the fault that has it come later lets it.
func (c *conn) finishLate(finish func() error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.endLate(); c.ends != byTap && !c.netClosed && !c.link.taken() {
		_ = finish() // the box does not wait for it
	}
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
