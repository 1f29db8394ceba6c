package gateway

import (
	"crypto/sha256"
	"slices"
	"strings"
	"time"

	"gauntlet/harness/msn/msnp"
)

// session is one client's life at the gateway, as the table knows it.
type session struct {
	dialect *Dialect
	limits  *Limits
	moves   map[phase]map[input]phase

	info    Info
	ip      string // what the open said, as it said it
	from    string // the address that opened it
	binding *lane  // the connection that opened it
	phase   phase
	running int       // requests pending
	touched time.Time // its beginning or the last answer; for a closed session, its end

	issued  uint64   // number of the newest id drawn
	tickets []ticket // ids that a request may carry, oldest first; never empty once the open is answered
	log     []*entry // requests processed since the last acknowledgement, oldest first
	down    stream   // from the messenger to the client

	up         [][]byte     // from the client to the messenger, not yet written
	queued     int          // bytes in up
	typed      msnp.Decoder // the commands of the client
	unparsable bool         // which are not MSNP, so nobody looks any longer
	left       bool         // OUT was among them
	silent     bool         // the messenger has closed

	room     chan struct{} // down may have room again
	fresh    chan struct{} // closed when somebody waits and down has grown; nil if nobody waits
	finished chan struct{} // closed when the session ends
	call     func()        // up has something to write, or the session has ended; nil before it has a link
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
	hold    time.Duration
	start   int64 // the answer's bytes, for the id that the request carried
	end     int64
	close   bool
	body    []byte
	replies []*reply
	done    chan struct{} // closed when the replies are settled
}

// settled reports whether the entry's answer is known.
func (e *entry) settled() bool {
	select {
	case <-e.done:
		return true
	default:
		return false
	}
}

func newSession(info Info, now time.Time, r *request) *session {
	return &session{
		info: info, ip: r.ip, from: r.from, binding: r.lane, touched: now, phase: idle, down: newStream(),
		room: make(chan struct{}, 1), finished: make(chan struct{}),
	}
}

// step moves s; false means that the transition table does not know the move.
func (s *session) step(in input) bool {
	next, possible := s.moves[s.phase][in]
	if possible {
		s.phase = next
	}
	return possible
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

// unlog forgets an entry that got no answer.
func (s *session) unlog(e *entry) {
	s.log = slices.DeleteFunc(s.log, func(other *entry) bool { return other == e })
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

// send makes a body due to the messenger.
func (s *session) send(body []byte) {
	if len(body) == 0 || s.silent {
		return
	}
	s.up = append(s.up, body)
	s.queued += len(body)
	s.summon()
}

// unsent hands over what is due to the messenger, in order.
func (s *session) unsent() [][]byte {
	up := s.up
	s.up, s.queued = nil, 0
	return up
}

// deliver takes bytes from the messenger. It reports whether the session can
// take more; if not, room is nudged when it may.
func (s *session) deliver(p []byte) (more bool) {
	if s.phase == closed || s.silent {
		return true // nobody will ask for them, or the last word has been said
	}
	s.down.append(p)
	s.stir()
	return !s.full()
}

// hungUp notes that the messenger has closed; the client is told when it asks.
func (s *session) hungUp() {
	s.silent = true
	s.up, s.queued = nil, 0
	s.down.loosen()
	s.stir()
}

// full reports whether the messenger has to wait with what it sends.
func (s *session) full() bool { return len(s.down.kept) >= s.limits.Queued }

// available is the position up to which answers may go.
func (s *session) available() int64 {
	if s.dialect.Split == SplitAnywhere || s.full() {
		return s.down.end()
	}
	return s.down.whole()
}

// stir wakes everybody who waits for an answer's time to come.
func (s *session) stir() {
	if s.fresh != nil {
		close(s.fresh)
		s.fresh = nil
	}
}

// summon has somebody look after the messenger's side.
func (s *session) summon() {
	if s.call != nil {
		s.call()
	}
}

// nudge makes a channel of capacity 1 ready without waiting.
func nudge(c chan struct{}) {
	select {
	case c <- struct{}{}:
	default:
	}
}

// inspect reads a body's commands to learn what the gateway has to know of
// them: who signs in, whether the client leaves, whether PNG is among them. A
// command may have begun in an earlier body. What is not MSNP is the
// messenger's affair: the gateway looks no longer.
func (s *session) inspect(body []byte) (users []string, png bool) {
	if len(body) == 0 || s.unparsable {
		return nil, false
	}
	s.typed.Feed(body)
	for {
		c, more, err := s.typed.Next()
		if err != nil {
			s.unparsable, s.typed = true, msnp.Decoder{}
		}
		if err != nil || !more {
			return users, png
		}
		switch c.Name {
		case "OUT":
			s.left = true
		case "PNG":
			png = true
		case "USR", "ANS":
			if who := whoSigns(s.info.Server, c); who != "" {
				users = append(users, who)
			}
		}
	}
}

// whoSigns is the address in a command that signs in: USR n TWN I who at a
// notification server, USR n who ticket and ANS n who ticket session at a
// switchboard. Later versions append the place to the address.
func whoSigns(server string, c msnp.Command) string {
	who := c.Arg(1)
	if server == string(NS) {
		if c.Name != "USR" || c.Arg(2) != "I" {
			return ""
		}
		who = c.Arg(3)
	}
	who, _, _ = strings.Cut(who, ";")
	return who
}
