package gateway

import (
	"crypto/sha256"
	"time"

	"gauntlet/harness/msn/msnp"
)

// session is one client's life at the gateway, as the table knows it.
type session struct {
	info    Info
	ip      string // what the open said, as it said it
	binding *conn  // the connection that opened it
	phase   phase
	running int       // requests pending
	touched time.Time // the last request or the last answer; for a closed session, its end

	issued  uint64   // number of the newest id drawn
	tickets []ticket // ids that a request may carry, oldest first; never empty once the open is answered
	log     []*entry // requests processed since the last acknowledgement, oldest first
	down    stream   // from the messenger to the client

	up      [][]byte     // from the client to the messenger, not yet written
	queued  int          // bytes in up
	typed   msnp.Decoder // the commands of the client
	muddled bool         // which are not MSNP, so nobody looks any longer
	left    bool         // OUT was among them
	silent  bool         // the messenger has closed

	kick     chan struct{} // up has something to write
	room     chan struct{} // down may have room again
	fresh    chan struct{} // closed when somebody waits and down has grown; nil if nobody waits
	finished chan struct{} // closed when the session ends
}

// ticket is an id given in an answer, and where that answer ended.
type ticket struct {
	seq uint64
	pos int64
}

// digest tells requests apart by action and body.
type digest [sha256.Size]byte

// entry is a request that was processed and the answer that it got.
type entry struct {
	digest  digest
	seq     uint64 // of the id that the answer gives
	carried bool   // the request carried commands, or opened
	hold    time.Duration
	start   int64 // the answer's bytes, for the id that the request carried
	end     int64
	close   bool
	body    []byte
	replies []*reply
	done    chan struct{} // closed when the replies are settled
}

// reply is what one request waits for: the one that is processed, or one of
// its duplicates.
type reply struct {
	session *session
	entry   *entry
	start   int64   // position of the id that it carried
	answer  *answer // valid when the entry is done; nil if the session was cut
}

// answer is an HTTP answer's substance.
type answer struct {
	header string
	body   []byte
}

func newSession(info Info, ip string, binding *conn, now time.Time) *session {
	return &session{
		info: info, ip: ip, binding: binding, touched: now, phase: idle, down: newStream(),
		kick: make(chan struct{}, 1), room: make(chan struct{}, 1), finished: make(chan struct{}),
	}
}

// newest is the latest id given, the zero ticket before the first.
func (s *session) newest() ticket {
	if len(s.tickets) == 0 {
		return ticket{}
	}
	return s.tickets[len(s.tickets)-1]
}

// holds finds the place of an id among those that are still valid.
func (s *session) holds(seq uint64) int {
	for i := len(s.tickets) - 1; i >= 0; i-- {
		if s.tickets[i].seq == seq {
			return i
		}
	}
	return -1
}

// logged finds the entry of a request that was processed before.
func (s *session) logged(d digest) *entry {
	for _, e := range s.log {
		if e.digest == d {
			return e
		}
	}
	return nil
}

// acknowledge forgets what the id of answer seq says has arrived.
func (s *session) acknowledge(seq uint64) {
	if i := s.holds(seq); i > 0 {
		s.tickets = s.tickets[i:]
	}
	for len(s.log) > 0 && s.log[0].seq <= seq && s.log[0].settled() {
		s.log = s.log[1:]
	}
}

// settled tells whether the entry's answer is known.
func (e *entry) settled() bool {
	select {
	case <-e.done:
		return true
	default:
		return false
	}
}

// nudge makes a channel of capacity 1 ready without waiting.
func nudge(c chan struct{}) {
	select {
	case c <- struct{}{}:
	default:
	}
}
