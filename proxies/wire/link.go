package wire

import (
	"io"
	"syscall"
	"time"

	"gauntlet/proxies/network"
)

// # Theory of operation
//
// A connection has two faces: the peer's, which is the network's side, and the
// box's, which are the calls of net.Conn. What effects have done to it is one
// state of the link between the two; the calls obey it.
//
//	                 ┌► half-closed ┐
//	open ────────────┼► stalled ────┼──► peer cut ──┐
//	  ▲ │            ├► silent ─────┤               ├──► cut
//	  │ └► partitioned ─────────────┴──► box cut ───┘
//	  └──── healed ┘
//
// From stalled on the network's side is taken from the box: a drainer reads
// there until the peer leaves. Once the peer is cut, nothing brings it back.
// What the two ends do by themselves (the box closes, the peer leaves) changes
// no state: they may do so in each, and what the other then notices is what the
// states are about.

// linkState is what effects have done to a connection.
type linkState uint8

const (
	linked      linkState = iota // all flows
	halfClosed                   // the peer has got FIN; what it sends still flows
	partitioned                  // the path keeps what is sent from arriving
	stalled                      // nothing flows; the box learns that the peer leaves
	silent                       // nothing flows; nobody learns anything
	boxCut                       // the box has been told of an end; the peer waits
	peerCut                      // the peer has; the box writes to nobody
	severed                      // both have
	linkStates
)

// linkEvent is what an effect does to it.
type linkEvent uint8

const (
	halfClose linkEvent = iota
	partition
	heal
	stall
	silence
	cutBox
	cutPeer
	linkEvents
)

// linkTable says where each event leads from each state. An event that means
// nothing in a state leaves it as it is.
var linkTable = [linkEvents][linkStates]linkState{
	halfClose: {halfClosed, halfClosed, partitioned, stalled, silent, boxCut, peerCut, severed},
	partition: {partitioned, halfClosed, partitioned, stalled, silent, boxCut, peerCut, severed},
	heal:      {linked, halfClosed, linked, stalled, silent, boxCut, peerCut, severed},
	stall:     {stalled, stalled, stalled, stalled, silent, boxCut, peerCut, severed},
	silence:   {silent, silent, silent, stalled, silent, boxCut, peerCut, severed},
	cutBox:    {boxCut, boxCut, boxCut, boxCut, boxCut, boxCut, severed, severed},
	cutPeer:   {peerCut, peerCut, peerCut, peerCut, peerCut, severed, peerCut, severed},
}

// link is the state, and what belongs to a cut.
type link struct {
	conn  *conn
	state linkState
	how   string // FIN or RST once a fault has given it to the peer, else ""
	cutAt time.Time
}

// can reports whether the event would change the state.
func (l *link) can(e linkEvent) bool { return linkTable[e][l.state] != l.state }

// meet changes the state, and reports whether the network's side is the box's no
// more since now.
func (l *link) meet(e linkEvent) (taken bool) {
	was := l.taken()
	l.state = linkTable[e][l.state]
	return !was && l.taken()
}

// taken reports whether the network's side belongs to the drainer.
func (l *link) taken() bool { return l.state >= stalled }

// boxHalted reports whether nothing more passes to the box.
func (l *link) boxHalted() bool { return l.taken() && l.state != peerCut }

// peerHalted reports whether what the box writes has to wait.
func (l *link) peerHalted() bool { return l.state == stalled }

// swallows reports whether the box writes to nobody.
func (l *link) swallows() bool {
	return l.state == halfClosed || l.state == silent || l.state >= peerCut
}

// disturbed reports whether it is a fault's doing that the connection lasts.
func (l *link) disturbed() bool { return l.taken() || l.state == partitioned }

// keeper is who has kept the connection open until the Tap's end.
func (l *link) keeper() string {
	if l.disturbed() {
		return ByFault
	}
	return ByBox
}

// endBox gives the box an end.
func (l *link) endBox(how string) (taken bool) {
	l.conn.in.err, l.conn.out.err = io.EOF, syscall.EPIPE
	if how == rst {
		l.conn.in.err, l.conn.out.err = syscall.ECONNRESET, syscall.ECONNRESET
	}
	return l.meet(cutBox)
}

// endPeer ends the network's side. Where it belongs to a drainer already, that
// will see to it.
func (l *link) endPeer(how string) {
	l.conn.closed(ByFault, how)
	l.how, l.cutAt = how, time.Now()
	taken := l.meet(cutPeer)
	if closer, ok := l.conn.Conn.(network.CloseWriter); ok && how == fin {
		_ = closer.CloseWrite() // fails only if the peer is gone
	}
	if taken {
		l.takeOver()
		return
	}
	_ = l.conn.Conn.SetReadDeadline(longAgo) // the drainer shall look
}

// sever ends both faces.
func (l *link) sever(how string) {
	taken := l.endBox(how)
	l.endPeer(how)
	if taken {
		l.takeOver()
	}
}

// takeOver gives the network's side to a drainer. What the box has under way
// there is interrupted; its calls then obey the state.
func (l *link) takeOver() {
	l.conn.idle.stop()
	l.conn.wake()
	if !l.conn.tap.drain(drainer{l.conn}.run) {
		_ = l.conn.closeNetwork() // the Tap is closed: all ends
		return
	}
	_ = l.conn.Conn.SetDeadline(longAgo) // fails only if the connection has ended
}
