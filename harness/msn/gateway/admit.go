package gateway

import (
	"crypto/sha256"
	"net/http"
	"time"

	"gauntlet/harness/judge/history"
	"gauntlet/harness/msn/msnhttp"
)

// actionCommand is the Action of events that stand for a request without one.
const actionCommand = "command"

// request is a whole request, its body read to the last byte.
type request struct {
	action   string // open, poll or command
	id       string
	server   Server
	ip       string // as the open said it
	lifespan time.Duration
	body     []byte
	conn     *conn // nil if the connection is not one of ours
}

// digest names the request among those of its session.
func (r *request) digest() digest {
	return sha256.Sum256(append([]byte(r.action+"\n"), r.body...))
}

// begin decides about a request that carries an id: a refusal, or a reply that
// is settled already, or will be when its entry is done. first tells that the
// caller has to finish the entry; otherwise somebody else will.
func (t *table) begin(now time.Time, r *request) (p *reply, first bool, no *refusal) {
	s, number, seq := t.find(r.id)
	if s != nil && t.expired(s, now) {
		s = nil
	}
	if no = t.unfit(s, number, seq, r); no != nil {
		return nil, false, t.reject(no, r, number)
	}
	from := t.arrived(s, seq)
	digest := r.digest()
	if e := s.logged(digest); e != nil && t.dialect.Repeat == RepeatReplays {
		return t.join(now, s, e, from, r), false, nil
	}
	if no = t.unacceptable(now, s, digest, r); no != nil {
		return nil, false, t.reject(no, r, number)
	}
	return t.accept(now, s, from, digest, r), true, nil
}

// unfit finds what is wrong with the id, without touching the session.
func (t *table) unfit(s *session, number int, seq uint64, r *request) *refusal {
	switch {
	case number <= t.forgotten: // or 0: never issued
		return bad(ReasonUnknown)
	case s == nil:
		return bad(ReasonEnded)
	case t.dialect.Binding == Bound && r.conn != s.binding && s.phase != closed:
		return bad(ReasonElsewhere)
	case r.conn != nil && r.conn.doomed == number:
		return fatal(http.StatusBadRequest, ReasonOverlap)
	case t.dialect.Valid == ValidAny || s.holds(seq) >= 0:
		return nil
	case s.phase == closed:
		return bad(ReasonEnded)
	}
	return bad(ReasonStale)
}

// arrived notes that the client has everything up to the id of answer seq, and
// says from which position on it wants to be answered.
func (t *table) arrived(s *session, seq uint64) int64 {
	s.acknowledge(seq)
	if t.dialect.Valid != ValidUnacknowledged {
		return s.down.given
	}
	s.down.trim(s.tickets[0].pos)
	nudge(s.room)
	return s.tickets[0].pos
}

// join lets a duplicate have the answer of the entry that it repeats.
func (t *table) join(now time.Time, s *session, e *entry, from int64, r *request) *reply {
	p := &reply{session: s, entry: e, start: from}
	t.note(history.Repeated, s, r, e.seq)
	t.watch(r.conn, p)
	if s.phase != closed {
		s.touched = now
	}
	if !e.settled() {
		e.replies = append(e.replies, p)
		return p
	}
	p.answer = t.answer(p)
	return p
}

// unacceptable finds what forbids processing a request with a valid id.
func (t *table) unacceptable(now time.Time, s *session, d digest, r *request) *refusal {
	switch {
	case s.phase == closed:
		return bad(ReasonEnded)
	case s.running > 0 && t.doom(s):
		return fatal(http.StatusBadRequest, ReasonOverlap)
	case t.dialect.Repeat == RepeatRejected && s.logged(d) != nil:
		return bad(ReasonDuplicate)
	case len(s.tickets) >= t.limits.Unacknowledged:
		return bad(ReasonUnreceived)
	case s.queued+len(r.body) > t.limits.Queued && s.queued > 0:
		return &refusal{status: http.StatusServiceUnavailable, reason: ReasonBacklog}
	case t.look(s, r.body):
		t.cutOff(now, s, EndedByPNG)
		return fatal(http.StatusBadRequest, ReasonPNG)
	}
	return nil
}

// accept takes a request to be processed: its commands are due to the
// messenger from now on, its answer's id is drawn.
func (t *table) accept(now time.Time, s *session, from int64, d digest, r *request) *reply {
	if !t.step(s, accepted) {
		panic("gateway: a request was accepted in the wrong phase") // a bug of the table
	}
	s.running++
	s.issued++
	s.touched = now
	e := &entry{digest: d, seq: s.issued, carried: r.action == msnhttp.ActionOpen || len(r.body) > 0, start: from, done: make(chan struct{})}
	e.hold = t.holding(r, e.carried)
	if t.dialect.Repeat != RepeatExecutes {
		s.log = append(s.log, e)
	}
	p := &reply{session: s, entry: e, start: from}
	e.replies = append(e.replies, p)
	s.send(r.body)
	t.note(history.Processed, s, r, e.seq)
	t.watch(r.conn, p)
	return p
}

// holding is how long an answer may wait for the messenger to say something.
func (t *table) holding(r *request, carried bool) time.Duration {
	if carried {
		return t.dialect.Settle
	}
	if t.dialect.LongPoll == LongPollIgnored {
		return 0
	}
	return min(r.lifespan, t.limits.Hold)
}

// send makes a body due to the messenger.
func (s *session) send(body []byte) {
	if len(body) == 0 || s.silent {
		return
	}
	s.up = append(s.up, body)
	s.queued += len(body)
	nudge(s.kick)
}
