package wire

import (
	"bytes"
	"errors"
	"net"
	"slices"
	"syscall"
	"time"

	"gauntlet/proxies/fault"
	"gauntlet/proxies/http1"
)

// outbound is the direction from the box to the peer.
type outbound struct {
	stream
	conn     *conn
	held     []byte    // beginning of an answer, too short to be told for one
	given    int       // bytes of the answer at hand that were handed on
	opaque   int       // bytes that were told and are not HTTP
	announce bool      // the answer's beginning is yet to be told
	current  *exchange // the one that the last step belonged to
	finished *exchange // completed by the last step
	handed   time.Time // when bytes were last handed on
	busy     bool      // a Write is under way
	writing  bool      // it is inside the network's Write
	firing   int
	err      error // what the box's writes come to
	deadline time.Time
	pace     turnstile
	volume   volume
}

func (out *outbound) writeEnds() {
	out.busy = false
	out.conn.wake()
}

// unheld puts what was held of an answer's beginning before p.
func (out *outbound) unheld(p []byte) []byte {
	if len(out.held) == 0 {
		return p
	}
	held := out.held
	out.held = nil
	return slices.Concat(held, p)
}

// send hands data on piece by piece, firing what is due after each. It
// returns how much of data is done with.
func (out *outbound) send(data []byte) (sent int, err error) {
	for sent < len(data) || len(out.conn.responses.ready) > 0 {
		if err := out.writable(); err != nil {
			return sent, err
		}
		if out.conn.link.swallows() {
			return len(data), nil
		}
		if out.conn.link.state == partitioned {
			return len(data), out.conn.passage.send(data[sent:])
		}
		used, short, err := out.sendPiece(data[sent:])
		if err != nil {
			return sent, err
		}
		sent += used
		if short {
			out.held = bytes.Clone(data[sent:])
			return len(data), nil
		}
	}
	return sent, nil
}

// sendPiece hands on the next piece, or waits for it. Short means that data is
// too little to tell what it is.
func (out *outbound) sendPiece(data []byte) (used int, short bool, err error) {
	ruled := out.paced()
	r, err := out.grant(len(data), ruled)
	switch {
	case err != nil || r.n == 0:
		return 0, false, out.conn.failed("write", err) // it was waited for; much may have happened
	case r.lost:
		lose(out)
		return min(r.n, len(data)), false, nil
	}
	hop, granted := out.conn.tap.hop(), r.n
	if !out.between() {
		granted = out.volume.until(hop, granted)
	}
	piece, used, due := out.next(data, granted)
	if ruled {
		out.pace.back(max(r.n-len(piece), 0))
	}
	if used == 0 && len(piece) == 0 && out.between() {
		return 0, true, nil
	}
	due = append(due, out.volume.due(hop, out.conn.tap.since(), len(piece))...)
	if err := out.handFiring(out.conn.responses.withSurplus(piece, out.current), due); err != nil {
		return 0, false, err
	}
	out.finishReady()
	if how := out.pace.spent(); how != "" {
		out.conn.link.sever(how)
	}
	return used, false, nil
}

// lose notes that what the peer gets is no more what the box has said.
func lose(out *outbound) {
	out.conn.responses.ready = nil
	if out.State() != http1.Lost {
		out.conn.becomeOpaque(ByBox, nil)
	}
}

// grant says how much of what comes next may be looked at, waiting for the pace
// if need be; 0 means that it has waited. What does not go to the peer, or is
// yet to begin, has no pace.
func (out *outbound) grant(n int, paced bool) (ruling, error) {
	if ready := len(out.conn.responses.ready); ready > 0 {
		n = ready
	}
	if !paced {
		return ruling{n: n}, nil
	}
	if how := out.pace.spent(); how != "" {
		out.conn.link.sever(how)
		return ruling{}, nil
	}
	r := out.pace.admit(n)
	if r.waits() {
		return ruling{}, out.conn.restUntil(r.again, out.deadline)
	}
	return r, nil
}

// paced reports whether the pace counts for what comes next.
func (out *outbound) paced() bool {
	return out.pace.armed() && !out.conn.responses.buffers() && !out.between()
}

// handFiring hands a piece on, then fires; what the peer may send in reply
// waits until the effects have run.
func (out *outbound) handFiring(piece []byte, due []fault.Hit) error {
	if due == nil {
		err := out.hand(piece)
		out.conn.idle.start()
		return err
	}
	ex := out.current
	out.firing++
	err := out.hand(piece)
	if err == nil {
		inject(out.conn, due, ex)
	}
	out.firing--
	out.conn.wake()
	out.conn.idle.start()
	return err
}

// hand writes a piece to the network. An interruption of ours is no error: the
// state of the connection then says how the Write goes on.
func (out *outbound) hand(piece []byte) error {
	for len(piece) > 0 {
		if err := out.writable(); err != nil || out.conn.link.swallows() {
			return err
		}
		n, err := out.writeNetwork(piece)
		piece = piece[n:]
		if err != nil && !out.conn.link.taken() {
			return out.writeFailed(err)
		}
	}
	return nil
}

func (out *outbound) writeNetwork(piece []byte) (int, error) {
	if n := min(out.conn.passage.arrived, len(piece)); n > 0 {
		out.conn.passage.arrived -= n
		return n, nil
	}
	out.writing = true
	out.conn.mu.Unlock()
	n, err := out.conn.Conn.Write(piece)
	out.conn.mu.Lock()
	out.writing, out.handed = false, time.Now()
	out.conn.wake()
	return n, err
}

// writable waits until the box may write, or says why it may not.
func (out *outbound) writable() error {
	for {
		switch {
		case out.conn.ends != inUse:
			return out.conn.failed("write", net.ErrClosed)
		case out.err != nil:
			return out.conn.failed("write", out.err)
		case !out.pace.held.IsZero() && out.conn.peerGone:
			return out.conn.failed("write", syscall.EPIPE) // it was held, and comes too late
		case !out.conn.link.peerHalted() && out.conn.in.firing == 0:
			return nil
		}
		if err := out.conn.rest(out.deadline); err != nil {
			return out.conn.failed("write", err)
		}
	}
}

// writeFailed notes what an error of the network's Write tells of the peer.
func (out *outbound) writeFailed(err error) error {
	reset := errors.Is(err, syscall.ECONNRESET) || errors.Is(err, syscall.EPIPE)
	if reset && out.conn.ends == inUse {
		out.conn.peerGone = true
		out.conn.idle.stop()
		out.conn.closed(ByPeer, rst)
	}
	return err
}
