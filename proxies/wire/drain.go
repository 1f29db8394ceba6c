package wire

import (
	"bytes"
	"errors"
	"io"
	"os"
	"syscall"
	"time"
)

// drain has the network's side of a connection to itself until the peer leaves
// or the Tap is closed. It is the only goroutine that the package starts.
func (c *conn) drain() {
	c.mu.Lock()
	defer c.mu.Unlock()
	for (c.in.busy || c.out.writing || c.in.striking > 0) && c.ends != byTap {
		_ = c.rest(time.Time{}) // without a deadline it cannot fail
	}
	if c.link.how == "" && c.link.boxHalted() {
		c.noteWithheld(nil)
	}
	scrap := make([]byte, 1<<10)
	for c.ends != byTap && !c.drained() {
		c.drainOnce(scrap)
	}
}

// drained ends the network's side if it is time to, and reports that the
// drainer has nothing more to do.
func (c *conn) drained() bool {
	if c.link.how == RST {
		c.settle()
	}
	lingered := c.link.how == FIN && (c.peerGone || time.Since(c.link.cutAt) >= linger)
	if !c.netClosed && (c.link.how == RST || lingered || c.peerGone && c.ends == byBox) {
		_ = c.closeNetwork() // the peer is gone or about to be
	}
	return c.netClosed || c.peerGone
}

// settle waits until what was handed on has arrived: a reset would eat it.
func (c *conn) settle() {
	moment := c.out.handed.Add(c.tap.options.Settle)
	for c.ends != byTap && time.Now().Before(moment) {
		_ = c.rest(moment) // its passing is what was waited for
	}
}

// drainOnce reads once. What a peer sends that does not know that nobody
// listens is told and counted as ever, but nothing strikes it.
func (c *conn) drainOnce(scrap []byte) {
	var until time.Time
	if c.link.how == FIN {
		until = c.link.cutAt.Add(linger)
	}
	_ = c.Conn.SetDeadline(until) // fails only if the connection has ended
	c.mu.Unlock()
	n, err := c.Conn.Read(scrap)
	c.mu.Lock()
	if c.link.how == "" && c.link.boxHalted() {
		c.noteWithheld(scrap[:n])
	}
	if err != nil && !errors.Is(err, os.ErrDeadlineExceeded) && c.ends != byTap {
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
	if c.link.how != "" {
		return
	}
	toBox, onWrite := io.EOF, syscall.EPIPE
	if err != io.EOF {
		toBox, onWrite = syscall.ECONNRESET, syscall.ECONNRESET
	}
	c.closed(ByPeer, howOf(toBox))
	if c.link.state == silent {
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
