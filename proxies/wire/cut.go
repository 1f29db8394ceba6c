package wire

import (
	"io"
	"syscall"
	"time"

	"gauntlet/proxies/network"
)

// How a connection ends on the wire.
const (
	FIN = "FIN"
	RST = "RST"
)

// linger is for how long, after a FIN of ours, what the peer still sends is
// read and dropped: closing at once would answer it by a reset.
const linger = time.Second

// Close ends the connection on both faces: the peer gets FIN, the box reads the
// end and cannot write.
func (s *Strike) Close() { s.both(FIN) }

// Reset ends the connection on both faces: the peer gets RST, the box
// ECONNRESET.
func (s *Strike) Reset() { s.both(RST) }

func (s *Strike) both(how string) {
	s.locked(func(c *conn) {
		if c.cut == "" && !c.over {
			s.acted()
			c.cutBox(how)
			c.cutPeer(how)
		}
	})
}

// CutPeer ends the connection for the peer alone, by FIN or RST. What the box
// writes from then on is swallowed, and nothing more reaches it.
func (s *Strike) CutPeer(how string) {
	s.locked(func(c *conn) {
		if c.cut == "" && !c.over {
			s.acted()
			c.cutPeer(how)
		}
	})
}

// CutBox ends the connection for the box alone, as if the peer had sent FIN or
// RST. The peer waits; the box's Close does not reach it.
func (s *Strike) CutBox(how string) {
	s.locked(func(c *conn) {
		if c.out.err == nil && !c.over {
			s.acted()
			c.cutBox(how)
			c.takeOver()
		}
	})
}

// Stall lets nothing more flow, either way. The connection stays open until the
// peer leaves, of which the box is told; the box's own Close does not reach the
// peer.
func (s *Strike) Stall() {
	s.locked(func(c *conn) {
		if !c.taken && !c.over {
			s.acted()
			c.in.halted, c.out.halted = true, true
			c.takeOver()
		}
	})
}

// Blackhole swallows whatever either side sends. Neither is told that the other
// leaves.
func (s *Strike) Blackhole() {
	s.locked(func(c *conn) {
		if !c.taken && !c.over {
			s.acted()
			c.in.halted, c.out.swallow, c.dark = true, true, true
			c.takeOver()
		}
	})
}

// HalfClose gives the peer FIN after what it was given. What it sends still
// reaches the box; what the box writes is swallowed. The connection ends when the
// peer leaves it.
func (s *Strike) HalfClose() {
	s.locked(func(c *conn) {
		closer, ok := c.Conn.(network.CloseWriter)
		if !ok || c.taken || c.over || c.out.swallow {
			return
		}
		s.acted()
		c.stopIdle()
		c.out.swallow = true
		_ = closer.CloseWrite() // fails only if the peer is gone
	})
}

func (c *conn) cutBox(how string) {
	c.in.halted = true
	c.in.err, c.out.err = io.EOF, syscall.EPIPE
	if how == RST {
		c.in.err, c.out.err = syscall.ECONNRESET, syscall.ECONNRESET
	}
}

// cutPeer ends the network's side. After a stall it belongs to the drainer
// already, which will see to it.
func (c *conn) cutPeer(how string) {
	c.closed(ByFault, how)
	c.cut, c.cutAt, c.out.swallow = how, time.Now(), true
	if closer, ok := c.Conn.(network.CloseWriter); ok && how == FIN {
		_ = closer.CloseWrite() // fails only if the peer is gone
	}
	if c.taken {
		_ = c.Conn.SetReadDeadline(longAgo)
	}
	c.takeOver()
}

// takeOver gives the network's side to a drainer. What the box has under way
// there is interrupted; its calls then obey the state.
func (c *conn) takeOver() {
	if c.taken {
		return
	}
	c.taken = true
	c.stopIdle()
	c.wake()
	if !c.tap.drain(c.drain) {
		_ = c.closeNetwork() // the Tap is closed: all ends
		return
	}
	_ = c.Conn.SetDeadline(longAgo) // fails only if the connection has ended
}
