package wire

import (
	"bytes"
	"errors"
	"io"
	"os"
	"syscall"
	"time"
)

// drainer has the network's side of a connection once effects have taken it from
// the box.
type drainer struct{ conn *conn }

// run has the network's side of a connection to itself until the peer leaves
// or the Tap is closed. It is the only goroutine that the package starts.
func (d drainer) run() {
	d.conn.mu.Lock()
	defer d.conn.mu.Unlock()
	for (d.conn.in.busy || d.conn.out.writing || d.conn.in.firing > 0) && d.conn.ends != byTap {
		_ = d.conn.rest(time.Time{}) // without a deadline it cannot fail
	}
	if d.conn.link.how == "" && d.conn.link.boxHalted() {
		d.noteWithheld(nil)
	}
	scrap := make([]byte, 1<<10)
	for d.conn.ends != byTap && !d.drained() {
		d.drainOnce(scrap)
	}
}

// drained ends the network's side if it is time to, and reports that the
// drainer has nothing more to do.
func (d drainer) drained() bool {
	if d.conn.link.how == rst {
		d.settle()
	}
	lingered := d.conn.link.how == fin && (d.conn.peerGone || time.Since(d.conn.link.cutAt) >= linger)
	if !d.conn.netClosed && (d.conn.link.how == rst || lingered || d.conn.peerGone && d.conn.ends == byBox) {
		_ = d.conn.closeNetwork() // the peer is gone or about to be
	}
	return d.conn.netClosed || d.conn.peerGone
}

// settle waits until what was handed on has arrived: a reset would eat it.
func (d drainer) settle() {
	moment := d.conn.out.handed.Add(d.conn.tap.options.Settle)
	for d.conn.ends != byTap && time.Now().Before(moment) {
		_ = d.conn.rest(moment) // its passing is what was waited for
	}
}

// drainOnce reads once. What a peer sends that does not know that nobody
// listens is told and counted as ever, but nothing fires on it.
func (d drainer) drainOnce(scrap []byte) {
	var until time.Time
	if d.conn.link.how == fin {
		until = d.conn.link.cutAt.Add(linger)
	}
	_ = d.conn.Conn.SetDeadline(until) // fails only if the connection has ended
	d.conn.mu.Unlock()
	n, err := d.conn.Conn.Read(scrap)
	d.conn.mu.Lock()
	if d.conn.link.how == "" && d.conn.link.boxHalted() {
		d.noteWithheld(scrap[:n])
	}
	if err != nil && !errors.Is(err, os.ErrDeadlineExceeded) && d.conn.ends != byTap {
		d.abandoned(err)
	}
}

// noteWithheld follows bytes that the box will not get, those that came before
// the drainer first.
func (d drainer) noteWithheld(data []byte) {
	before := bytes.Clone(d.conn.in.data[d.conn.in.parsed:])
	d.conn.in.data, d.conn.in.parsed = d.conn.in.data[:d.conn.in.free], d.conn.in.free
	d.conn.in.noteRequests(before)
	d.conn.in.noteRequests(data)
}

// abandoned notes that the peer has left a connection that is withheld, and
// tells the box, unless a fault has ended it on either face already.
func (d drainer) abandoned(err error) {
	d.conn.peerGone = true
	defer d.conn.wake()
	if d.conn.link.how != "" {
		return
	}
	toBox, onWrite := io.EOF, syscall.EPIPE
	if err != io.EOF {
		toBox, onWrite = syscall.ECONNRESET, syscall.ECONNRESET
	}
	d.conn.closed(ByPeer, howOf(toBox))
	if d.conn.link.state == silent {
		return
	}
	if d.conn.in.err == nil {
		d.conn.in.err = toBox
	}
	if d.conn.out.err == nil {
		d.conn.out.err = onWrite
	}
}

// howOf is the manner of ending that a box's error stands for.
func howOf(err error) string {
	if err == io.EOF {
		return fin
	}
	return rst
}

// linger is for how long, after a FIN of ours, what the peer still sends is
// read and dropped: closing at once would answer it by a reset.
const linger = time.Second
