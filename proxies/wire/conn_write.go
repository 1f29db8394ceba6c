package wire

import (
	"bytes"
	"errors"
	"net"
	"slices"
	"syscall"
	"time"

	"gauntlet/proxies/fault"
)

// Write hands on to the peer what the box answers, in one piece unless a
// landmark lies within.
func (c *conn) Write(p []byte) (int, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for c.out.busy {
		if err := c.rest(c.out.deadline); err != nil {
			return 0, c.failed("write", err)
		}
	}
	c.out.busy = true
	defer c.writeEnds()
	before := len(c.out.held)
	sent, err := c.send(c.unheld(p))
	c.giveOwn()
	return max(sent-before, 0), err
}

func (c *conn) writeEnds() {
	c.out.busy = false
	c.wake()
}

// unheld puts what was held of an answer's beginning before p.
func (c *conn) unheld(p []byte) []byte {
	if len(c.out.held) == 0 {
		return p
	}
	held := c.out.held
	c.out.held = nil
	return slices.Concat(held, p)
}

// send hands data on piece by piece, striking what is due after each. It
// returns how much of data is done with.
func (c *conn) send(data []byte) (sent int, err error) {
	for sent < len(data) || len(c.out.ready) > 0 {
		if err := c.writable(); err != nil {
			return sent, err
		}
		if c.link.swallows() {
			return len(data), nil
		}
		if c.link.state == partitioned {
			return len(data), c.sendUnheard(data[sent:])
		}
		used, short, err := c.sendPiece(data[sent:])
		if err != nil {
			return sent, err
		}
		sent += used
		if short {
			c.out.held = bytes.Clone(data[sent:])
			return len(data), nil
		}
	}
	return sent, nil
}

// sendPiece hands on the next piece, or waits for it. Short means that data is
// too little to tell what it is.
func (c *conn) sendPiece(data []byte) (used int, short bool, err error) {
	granted, err := c.grant(len(data))
	if err != nil || granted == 0 {
		return 0, false, c.failed("write", err) // it was waited for; much may have happened
	}
	piece, used, due := c.next(data, granted)
	if used == 0 && len(piece) == 0 && due == nil && c.out.between() {
		return 0, true, nil
	}
	if err := c.handStriking(piece, due); err != nil {
		return 0, false, err
	}
	c.finishReady()
	return used, false, nil
}

// grant says how much of what comes next may be looked at, waiting for the pace
// if need be; 0 means that it has waited. What does not go to the peer, or is
// yet to begin, has no pace.
func (c *conn) grant(n int) (int, error) {
	if len(c.out.ready) > 0 {
		n = len(c.out.ready)
	} else if c.diverts() {
		return n, nil
	}
	if !c.out.pace.armed() || c.out.between() {
		return n, nil
	}
	m, again := c.out.pace.admit(n)
	if m == 0 && !again.IsZero() {
		return 0, c.restUntil(again, c.out.deadline)
	}
	return m, nil
}

// handStriking hands a piece on, then strikes; what the peer may send in reply
// waits until the effects have run.
func (c *conn) handStriking(piece []byte, due []fault.Hit) error {
	if due == nil {
		err := c.hand(piece)
		c.startIdle()
		return err
	}
	ex := c.out.struck
	c.out.striking++
	err := c.hand(piece)
	if err == nil {
		c.inject(due, ex)
	}
	c.out.striking--
	c.wake()
	c.startIdle()
	return err
}

// hand writes a piece to the network. An interruption of ours is no error: the
// state of the connection then says how the Write goes on.
func (c *conn) hand(piece []byte) error {
	for len(piece) > 0 {
		if err := c.writable(); err != nil || c.link.swallows() {
			return err
		}
		n, err := c.writeNetwork(piece)
		piece = piece[n:]
		if err != nil && !c.link.taken() {
			return c.writeFailed(err)
		}
	}
	return nil
}

func (c *conn) writeNetwork(piece []byte) (int, error) {
	if n := min(c.out.arrived, len(piece)); n > 0 {
		c.out.arrived -= n
		return n, nil
	}
	c.out.writing = true
	c.mu.Unlock()
	n, err := c.Conn.Write(piece)
	c.mu.Lock()
	c.out.writing, c.out.handed = false, time.Now()
	c.wake()
	return n, err
}

// writable waits until the box may write, or says why it may not.
func (c *conn) writable() error {
	for {
		switch {
		case c.ends != inUse:
			return c.failed("write", net.ErrClosed)
		case c.out.err != nil:
			return c.failed("write", c.out.err)
		case c.delayed() && c.peerGone:
			return c.failed("write", syscall.EPIPE) // it comes too late
		case !c.link.peerHalted() && c.in.striking == 0:
			return nil
		}
		if err := c.rest(c.out.deadline); err != nil {
			return c.failed("write", err)
		}
	}
}

// writeFailed notes what an error of the network's Write tells of the peer.
func (c *conn) writeFailed(err error) error {
	reset := errors.Is(err, syscall.ECONNRESET) || errors.Is(err, syscall.EPIPE)
	if reset && c.ends == inUse {
		c.peerGone = true
		c.stopIdle()
		c.closed(ByPeer, RST)
	}
	return err
}
