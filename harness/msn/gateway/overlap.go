package gateway

import (
	"bytes"
	"sync"

	"gauntlet/proxies/http1"
)

// Overlap is what becomes of a second, different request while one is pending.
type Overlap string

// The fates of an overlap (S14, S15).
const (
	OverlapRejected Overlap = "reject" // the later gets 400, the earlier completes, the session ends
	OverlapAllowed  Overlap = "allow"  // both are processed
)

// detector notices overlaps, and is all that knows what one is. Two requests of
// a session overlap if the later comes while the earlier is pending and is no
// duplicate. That is seen as soon as the later cannot be a duplicate any more:
//
//   - on another connection when it is whole and its digest is not in the log;
//   - on the connection of the earlier at the first byte in which the two
//     differ. net/http reads no request before the one ahead of it is answered,
//     so the lane sees the bytes first.
type detector struct {
	fate Overlap // what the dialect says
}

// whole reports whether a whole request, no duplicate, overlaps with one of s
// that is pending. If so, the answer to that one will be the session's last.
func (d detector) whole(s *session) bool { return d.doom(s) }

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
// one after the other. Its lock guards what the bytes say.
type lane struct {
	at string // the address that it leads to, without its port

	mu       sync.Mutex
	requests http1.Reader
	last     duplicate // compares the request at hand with the one before it
	begun    int       // requests whose first byte was seen
	answered int       // requests whose answer is settled

	// The gateway's lock guards these two.
	waits  *reply // what the present request waits for
	doomed int    // the session that the next request finds ended by overlap
}

// filter follows the requests in p, and takes out what stands between them; the
// first kept bytes of p are what remains. What is no HTTP passes: net/http
// refuses it.
func (l *lane) filter(p []byte) (kept int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for rest := p; len(rest) > 0; {
		between := l.requests.State() == http1.Between
		n, part, mark := l.requests.Next(rest)
		if part != http1.Blank {
			l.last.comes(rest[:n]) // before they move
			kept += copy(p[kept:], rest[:n])
		}
		astray := mark&http1.Astray != 0
		if mark&http1.Began != 0 || between && astray {
			l.begun++
			l.last.begins()
		}
		if astray || part == http1.Foreign {
			l.last.forget()
		}
		rest = rest[n:]
	}
	return kept
}

// ahead reports whether another request has begun than the one being answered.
func (l *lane) ahead() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.begun > l.answered+1 && l.last.differs
}

// answering notes that the present request's answer is settled.
func (l *lane) answering() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.answered++
}

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
