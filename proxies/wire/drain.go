package wire

import (
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
	for (c.in.busy || c.out.writing) && !c.over {
		_ = c.rest(time.Time{}) // without a deadline it cannot fail
	}
	for !c.over && !c.drained() {
		c.drainOnce()
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

// drainOnce reads and drops until something happens.
func (c *conn) drainOnce() {
	var until time.Time
	if c.cut == FIN {
		until = c.cutAt.Add(linger)
	}
	_ = c.Conn.SetDeadline(until) // fails only if the connection has ended
	c.mu.Unlock()
	err := discard(c.Conn)
	c.mu.Lock()
	if errors.Is(err, os.ErrDeadlineExceeded) || c.over {
		return
	}
	c.abandoned(err)
}

// discard reads until the end or an error.
func discard(r io.Reader) error {
	var scrap [1 << 10]byte
	for {
		if _, err := r.Read(scrap[:]); err != nil {
			return err
		}
	}
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
