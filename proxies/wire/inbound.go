package wire

import (
	"errors"
	"io"
	"net"
	"os"
	"syscall"
	"time"
)

// inbound is the direction from the peer to the box.
type inbound struct {
	stream
	conn     *conn
	data     []byte    // read from the peer and not yet given to the box; unused while no fault can fire
	parsed   int       // how much of data has been through the stream
	free     int       // how much of data may be given to the box
	count    int       // bytes of the request at hand
	opaque   int       // bytes that were told and are not HTTP
	passed   int       // request byte up to which landmarks are behind
	begun    bool      // a request has begun and is not complete
	asking   *exchange // the request at hand, once its head is complete
	raw      []byte    // its bytes, as far as they have come
	again    []byte    // what the box gets once more after it
	ahead    time.Time // until then a Read that must wait looks for more
	holding  bool      // it must be known better before a byte of it passes
	withheld bool      // the last one was kept from the box
	busy     bool      // a Read is inside the network's Read
	firing   int       // effects are being run; the other direction waits
	err      error     // what the box reads after the free bytes
	left     time.Time // when the peer ended the connection
	deadline time.Time
	pace     turnstile
}

// tryRead does one thing: give, wait, look at what has come, or fetch more.
func (in *inbound) tryRead(p []byte) (int, error) {
	switch {
	case in.conn.ends != inUse:
		return 0, in.conn.failed("read", net.ErrClosed)
	case in.conn.responses.owes() && in.conn.out.firing == 0:
		return 0, in.conn.failed("read", in.conn.responses.readOwn())
	case in.free > 0:
		return in.take(p)
	case in.conn.out.firing > 0:
		return 0, in.conn.failed("read", in.conn.rest(in.deadline))
	case in.parsed < len(in.data) && !in.conn.link.boxHalted():
		in.follow()
		return 0, nil
	case in.err != nil && in.conn.peerGone && time.Now().Before(in.left.Add(in.pace.lateness())):
		return 0, in.conn.failed("read", in.conn.restUntil(in.left.Add(in.pace.lateness()), in.deadline))
	case in.err != nil:
		return 0, in.conn.failed("read", in.err)
	case in.conn.link.boxHalted() || in.conn.link.taken() || in.busy:
		return 0, in.conn.failed("read", in.conn.rest(in.deadline))
	}
	return in.fetch(p)
}

// take gives the box bytes that are free, at their pace.
func (in *inbound) take(p []byte) (int, error) {
	if exhausted(in) {
		return 0, nil
	}
	r := in.pace.admit(min(len(p), in.free))
	if r.waits() {
		return 0, in.conn.failed("read", in.lookAhead(r.again))
	}
	copy(p, in.data[:r.n])
	in.data = append(in.data[:0], in.data[r.n:]...)
	in.free -= r.n
	in.parsed -= r.n
	if r.lost {
		return 0, nil
	}
	exhausted(in)
	return r.n, nil
}

// exhausted ends the connection if the box has got all that a fault lets it have.
func exhausted(in *inbound) bool {
	how := in.pace.spent()
	if how == "" {
		return false
	}
	in.data, in.parsed, in.free = in.data[:0], 0, 0
	in.conn.link.sever(how)
	return true
}

// lookAhead waits for a moment at which more may pass to the box, and meanwhile
// takes in what comes from the peer: above all, that it leaves.
func (in *inbound) lookAhead(moment time.Time) error {
	const enough = 64 << 10
	if in.err != nil || in.conn.link.boxHalted() || in.conn.link.taken() || in.busy || len(in.data) > enough {
		return in.conn.restUntil(moment, in.deadline)
	}
	in.busy, in.ahead = true, moment
	_ = in.conn.Conn.SetReadDeadline(earlier(moment, in.deadline)) // fails only if the connection has ended
	scrap := make([]byte, 1<<10)
	in.conn.mu.Unlock()
	n, err := in.conn.Conn.Read(scrap)
	in.conn.mu.Lock()
	in.busy = false
	in.data = append(in.data, scrap[:n]...)
	in.conn.wake()
	return in.lookedAhead(err)
}

// lookedAhead gives the network's side the box's own deadline back and sorts
// the error of a Read that may have ended at ours.
func (in *inbound) lookedAhead(err error) error {
	in.ahead = time.Time{}
	if !in.conn.link.taken() && in.conn.ends == inUse {
		_ = in.conn.Conn.SetReadDeadline(in.deadline) // fails only if the connection has ended
	}
	if errors.Is(err, os.ErrDeadlineExceeded) && (in.deadline.IsZero() || time.Now().Before(in.deadline)) {
		return nil
	}
	return in.readFailed(err)
}

// fetch reads from the peer. Where no fault can fire, the bytes go straight
// to the box.
func (in *inbound) fetch(p []byte) (int, error) {
	in.busy = true
	p, ahead := in.readAhead(p)
	in.conn.mu.Unlock()
	n, err := in.conn.Conn.Read(p)
	in.conn.mu.Lock()
	in.busy = false
	in.conn.wake()
	if !in.ahead.IsZero() {
		in.data = append(in.data, p[:n]...)
		return 0, in.lookedAhead(err)
	}
	if in.conn.tap.hop() == nil && len(in.data) == 0 && !in.conn.link.taken() && !ahead {
		in.noteRequests(p[:n])
	} else {
		in.data = append(in.data, p[:n]...)
		n = 0
	}
	return n, in.readFailed(err)
}

// readAhead gives a Read of a few bytes more room while no request has come: a
// box that reads SOCKS byte by byte leaves at the first wrong one, and what had
// come with it would be seen by nobody.
func (in *inbound) readAhead(p []byte) (room []byte, ahead bool) {
	const few, enough = 64, 16 << 10
	if in.Method != "" || len(p) > few {
		return p, false
	}
	return make([]byte, enough), true
}

// readFailed sorts an error of the network's Read: the end of the stream is
// kept for when all before it is given, an interruption of ours is none, and
// the rest is the box's.
func (in *inbound) readFailed(err error) error {
	switch {
	case err == nil || in.conn.link.taken() || in.conn.ends != inUse:
		return nil
	case errors.Is(err, io.EOF):
		in.peerLeft(io.EOF)
	case errors.Is(err, syscall.ECONNRESET), errors.Is(err, syscall.EPIPE):
		in.peerLeft(syscall.ECONNRESET)
	default:
		return err
	}
	return nil
}

// endInput has the box read the peer's end after what it was given, and nothing
// more.
func endInput(in *inbound) {
	in.conn.idle.stop()
	in.data, in.parsed, in.err = in.data[:in.free], in.free, io.EOF
	in.holding = false
	in.ahead = longAgo
	_ = in.conn.Conn.SetReadDeadline(longAgo) // a Read that waits for the peer shall look; fails only if the connection has ended
}

// lookAgain ends a wait for the peer's bytes: others may pass now.
func lookAgain(in *inbound) {
	if in.busy && !in.conn.link.taken() && in.conn.ends == inUse {
		in.ahead = longAgo
		_ = in.conn.Conn.SetReadDeadline(longAgo) // fails only if the connection has ended
	}
}

// peerLeft notes that the peer has ended the connection; err is what the box
// is told, EOF or ECONNRESET. What is held back of a broken request is freed.
func (in *inbound) peerLeft(err error) {
	in.conn.peerGone, in.left = true, time.Now()
	in.conn.idle.stop()
	in.holding = false
	if in.parsed == len(in.data) && !in.conn.link.boxHalted() {
		in.free = in.parsed
	}
	in.err = err
	in.conn.closed(ByPeer, howOf(err))
}
