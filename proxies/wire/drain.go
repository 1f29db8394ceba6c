package wire

import (
	"bytes"
	"errors"
	"io"
	"os"
	"syscall"
	"time"

	"gauntlet/proxies/network"
)

// drain has the network's side of a connection to itself until the peer leaves
// or the Tap is closed. It is the only goroutine that the package starts.
func (c *conn) drain() {
	c.mu.Lock()
	defer c.mu.Unlock()
	for (c.in.busy || c.out.writing || c.in.striking > 0) && !c.over {
		_ = c.rest(time.Time{}) // without a deadline it cannot fail
	}
	if c.cut == "" && c.in.halted {
		c.noteWithheld(nil)
	}
	scrap := make([]byte, 1<<10)
	for !c.over && !c.drained() {
		c.drainOnce(scrap)
	}
}

// drained ends the network's side if it is time to, and reports that the
// drainer has nothing more to do.
func (c *conn) drained() bool {
	if c.cut == RST {
		c.settle()
	}
	lingered := c.cut == FIN && (c.peerGone || time.Since(c.cutAt) >= linger)
	if !c.netClosed && (c.cut == RST || lingered || c.peerGone && c.boxClosed) {
		_ = c.closeNetwork() // the peer is gone or about to be
	}
	return c.netClosed || c.peerGone
}

// settle waits until what was handed on has arrived: a reset would eat it.
func (c *conn) settle() {
	moment := c.out.handed.Add(c.tap.options.Settle)
	for !c.over && time.Now().Before(moment) {
		_ = c.rest(moment) // its passing is what was waited for
	}
}

// drainOnce reads once. What a peer sends that does not know that nobody
// listens is told and counted as ever, but nothing strikes it.
func (c *conn) drainOnce(scrap []byte) {
	var until time.Time
	if c.cut == FIN {
		until = c.cutAt.Add(linger)
	}
	_ = c.Conn.SetDeadline(until) // fails only if the connection has ended
	c.mu.Unlock()
	n, err := c.Conn.Read(scrap)
	c.mu.Lock()
	if c.cut == "" && c.in.halted {
		c.noteWithheld(scrap[:n])
	}
	if err != nil && !errors.Is(err, os.ErrDeadlineExceeded) && !c.over {
		c.abandoned(err)
	}
}

// noteWithheld follows bytes that the box will not get, those that came before
// the drainer first.
func (c *conn) noteWithheld(data []byte) {
	before := bytes.Clone(c.in.data[c.in.parsed:])
	c.in.data, c.in.parsed = c.in.data[:c.in.free], c.in.free
	c.noteRequests(before)
	c.noteRequests(data)
}

// abandoned notes that the peer has left a connection that is withheld, and
// tells the box, unless a fault has ended it on either face already.
func (c *conn) abandoned(err error) {
	c.peerGone = true
	defer c.wake()
	if c.cut != "" {
		return
	}
	toBox, onWrite := io.EOF, syscall.EPIPE
	if err != io.EOF {
		toBox, onWrite = syscall.ECONNRESET, syscall.ECONNRESET
	}
	c.closed(ByPeer, howOf(toBox))
	if c.silent {
		return
	}
	if c.in.err == nil {
		c.in.err = toBox
	}
	if c.out.err == nil {
		c.out.err = onWrite
	}
}

// howOf is the manner of ending that a box's error stands for.
func howOf(err error) string {
	if err == io.EOF {
		return FIN
	}
	return RST
}

// linger is for how long, after a FIN of ours, what the peer still sends is
// read and dropped: closing at once would answer it by a reset.
const linger = time.Second

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
