package gateway

import (
	"bytes"
	"slices"

	"gauntlet/proxies/http1"
)

// Overlap is what becomes of a second, different request while one is pending.
type Overlap string

// The fates of an overlap (S14, S15).
const (
	OverlapRejected Overlap = "reject" // the later gets 400, the earlier completes, the session ends
	OverlapAllowed  Overlap = "allow"  // both are processed
)

// overlapFates returns all values; the first is the documented gateway's.
func overlapFates() []Overlap { return []Overlap{OverlapRejected, OverlapAllowed} }

// detector notices overlaps, and is all that knows what one is. Two requests of
// a session overlap if the later comes while the earlier is pending and is no
// duplicate. That is seen as soon as the later cannot be a duplicate any more:
//
//   - on another connection when it is whole and its digest is not in the log;
//   - on the connection of the earlier at the first byte in which the two
//     differ, which the lane sees.
type detector struct {
	fate Overlap // what the dialect says
}

// whole reports whether a whole request, no duplicate, overlaps with one of its
// session that is pending. If so, the answer to that one will be the session's last.
func (d detector) whole(c claim) bool { return d.doom(c.session) }

// begun looks whether a further request has begun on a lane before the present
// one is answered. Whatever request its bytes begin will be the later one.
func (d detector) begun(l *lane) {
	if p := l.waits; p != nil && !p.entry.settled() && l.ahead() && d.doom(p.session) {
		l.doomed = p.session.info.Session
	}
}

// late reports whether a request on l for a session is the later one of an
// overlap that begun has seen.
func (d detector) late(l *lane, session int) bool { return l != nil && l.doomed == session }

// doom notes an overlap, where the dialect minds and a request of s is pending.
func (d detector) doom(s *session) bool {
	if d.fate == OverlapAllowed || !s.step(overlapped) {
		return false
	}
	s.stir()
	return true
}

// lane is a connection as the table knows it: the requests on it are answered
// one after the other. Of what its bytes say one goroutine is told and asks at a
// time.
type lane struct {
	at string // the address that it leads to, without its port

	requests http1.Reader
	last     duplicate   // compares the request at hand with the one before it
	arrived  []*incoming // the requests that have begun and are not answered, in order
	coming   *incoming   // the one whose bytes come

	// The gateway's lock guards these two.
	waits  *reply // what the present request waits for
	doomed int    // the session that the next request finds ended by overlap
}

// feed takes what has come in.
func (l *lane) feed(p []byte) {
	for len(p) > 0 {
		between := l.requests.State() == http1.Between
		n, part, mark := l.requests.Next(p)
		if part != http1.Blank {
			l.last.comes(p[:n])
		}
		astray := mark&http1.Astray != 0
		if mark&http1.Began != 0 || between && astray {
			l.coming = &incoming{}
			l.arrived = append(l.arrived, l.coming)
			l.last.begins()
		}
		if astray || part == http1.Foreign {
			l.last.forget()
		}
		if l.coming != nil {
			l.coming.take(p[:n], part, mark, &l.requests)
		}
		p = p[n:]
	}
}

// present is the request that is to be answered next; nil while none has begun.
func (l *lane) present() *incoming {
	if len(l.arrived) == 0 {
		return nil
	}
	return l.arrived[0]
}

// headLength is how much of a head has come that is not whole.
func (l *lane) headLength() int { return len(l.requests.Head()) }

// further reports whether a request has begun behind the present one.
func (l *lane) further() bool { return len(l.arrived) > 1 }

// ahead reports whether another request has begun than the one being answered.
func (l *lane) ahead() bool { return l.further() && l.last.differs }

// answering notes that the present request's answer is settled.
func (l *lane) answering() { l.arrived = slices.Delete(l.arrived, 0, 1) }

// duplicate compares a request with the one before it on its connection, byte
// by byte as it comes: a box that repeats a request upstream may do so before
// the first is answered, and that is a duplicate, not an overlap. Until it
// differs nobody can tell which of the two it will be.
type duplicate struct {
	before, now []byte
	differs     bool
}

// longestDuplicate bounds the request that is remembered, in bytes. A longer
// one has no duplicate.
const longestDuplicate = 64 << 10

// begins makes ready for the next request.
func (d *duplicate) begins() {
	d.before, d.now = d.now, d.before[:0]
	d.differs = len(d.before) == 0
}

// comes takes more of the request at hand.
func (d *duplicate) comes(piece []byte) {
	at := len(d.now)
	d.differs = d.differs || !bytes.HasPrefix(d.before[min(at, len(d.before)):], piece)
	if at+len(piece) > longestDuplicate {
		d.forget()
		return
	}
	d.now = append(d.now, piece...)
}

// forget gives up what cannot be followed or is too long.
func (d *duplicate) forget() { d.now, d.differs = d.now[:0], true }
