package gateway

import (
	"net"
	"net/http"
	"time"

	"gauntlet/harness/judge/history"
	"gauntlet/harness/msn/msnhttp"
	"gauntlet/harness/msn/msnp"
)

// noCommand is what two old clients send as the body of an open when their
// poll timer fires before the first command: their language's word for nothing.
const noCommand = "None"

// admission decides which requests are processed, and takes them in.
type admission struct {
	dialect  *Dialect
	limits   *Limits
	sessions *sessions
	answers  *answering
	overlaps detector
	opens    []rule // an open passes these
	ids      []rule // the id of any other request passes these, the session untouched
	fresh    []rule // and it passes these, if it is no duplicate
}

// claim is a request that asks to be processed, and what is known of it.
type claim struct {
	*request
	now     time.Time
	session *session // nil if it is not known (any more)
	number  int      // of the session, 0 if the id was never issued
	seq     uint64   // of the answer that gave the id
	digest  digest
}

// rule is a reason to refuse a request. Where broken reports true it has done
// to the session what that entails; the first rule that is broken decides.
type rule struct {
	no     *refusal
	broken func(*admission, claim) bool
}

func newAdmission(d *Dialect, l *Limits, s *sessions, a *answering) *admission {
	return &admission{
		dialect: d, limits: l, sessions: s, answers: a, overlaps: detector{fate: d.Overlap},
		opens: []rule{
			{fatal(http.StatusServiceUnavailable, ReasonShuttingDown), func(a *admission, _ claim) bool { return a.sessions.leaving() }},
			{greedy(ReasonAddress), func(a *admission, c claim) bool { return a.sessions.visitors.tooMany(c.from) }},
			{greedy(ReasonHaste), func(a *admission, c claim) bool { return a.sessions.visitors.tooFast(c.now, c.from) }},
			{busy(ReasonMemory), func(a *admission, _ claim) bool { return a.limits.crowded() }},
			{busy(ReasonFull), (*admission).noRoom},
			{fatal(http.StatusBadRequest, ReasonPNG), func(a *admission, c claim) bool { return a.refusesPNG() && hasPNG(c.body) }},
		},
		ids: []rule{
			{bad(ReasonUnknown), func(a *admission, c claim) bool { return c.number <= a.sessions.forgotten }}, // or 0: never issued
			{bad(ReasonEnded), func(_ *admission, c claim) bool { return c.session == nil }},
			{bad(ReasonElsewhere), (*admission).elsewhere},
			{bad(ReasonStranger), (*admission).stranger},
			{bad(ReasonMachine), (*admission).astray},
			{fatal(http.StatusBadRequest, ReasonOverlap), func(a *admission, c claim) bool { return a.overlaps.late(c.lane, c.number) }},
			{bad(ReasonEnded), func(a *admission, c claim) bool { return a.stale(c) && c.session.phase == closed }},
			{bad(ReasonStale), (*admission).stale},
		},
		fresh: []rule{
			{bad(ReasonEnded), func(_ *admission, c claim) bool { return c.session.phase == closed }},
			{fatal(http.StatusBadRequest, ReasonOverlap), func(a *admission, c claim) bool { return a.overlaps.whole(c) }},
			{bad(ReasonDuplicate), func(a *admission, c claim) bool { return c.session.logged(c.digest) != nil }}, // not replayed, or it were answered
			{bad(ReasonUnreceived), func(a *admission, c claim) bool { return len(c.session.tickets) >= a.limits.Unacknowledged }},
			{busy(ReasonBacklog), (*admission).backlog},
			{fatal(http.StatusBadRequest, ReasonPNG), (*admission).unwelcome},
		},
	}
}

// first is the refusal of the first rule that is broken, nil if none is.
func (a *admission) first(rules []rule, c claim) *refusal {
	for _, r := range rules {
		if r.broken(a, c) {
			return a.sessions.reject(r.no, c.request, c.number)
		}
	}
	return nil
}

// away is the refusal while the gateway is under maintenance; nil if it is not.
func (a *admission) away(c claim) *refusal {
	left := a.sessions.shutUntil.Sub(c.now)
	if left <= 0 {
		return nil
	}
	no := busy(ReasonMaintenance)
	no.retry = left
	return a.sessions.reject(no, c.request, c.number)
}

// reserve makes room for one more session, whose messenger the caller then
// dials; open or abandon follows.
func (a *admission) reserve(now time.Time, r *request) *refusal {
	a.sessions.purge(now)
	no := a.away(claim{request: r, now: now})
	if no == nil {
		no = a.first(a.opens, claim{request: r, now: now})
	}
	if no == nil {
		a.sessions.opening++
		a.sessions.visitors.session(r.from, 1)
	}
	return no
}

// receive makes room for a guest, which needs no session opened and no messenger dialled.
func (a *admission) receive(now time.Time, r *request) *refusal {
	no := a.reserve(now, r)
	if no == nil {
		a.sessions.opening--
		a.sessions.guests++
	}
	return no
}

// abandon gives back what reserve took: the messenger was not reached.
func (a *admission) abandon(r *request) *refusal {
	a.sessions.opening--
	a.sessions.visitors.session(r.from, -1)
	a.sessions.noteEmpty()
	return a.sessions.reject(&refusal{status: http.StatusBadGateway, reason: ReasonNoMessenger}, r, 0)
}

// open begins a session with its first request, which the caller finishes.
func (a *admission) open(now time.Time, r *request) *reply {
	s := a.sessions.add(now, r)
	if string(r.body) == noCommand {
		r.body = nil
	}
	a.inspect(s, r.body)
	if a.sessions.leaving() { // it came while the messenger was being dialled
		a.sessions.farewell(s)
	}
	return a.accept(claim{request: r, now: now, session: s, digest: r.digest()}, 0)
}

// begin decides about a request that carries an id: a refusal, or a reply that
// is settled already, or will be when its entry is done. first tells that the
// caller has to finish the entry; otherwise somebody else will.
func (a *admission) begin(now time.Time, r *request) (p *reply, first bool, no *refusal) {
	c := claim{request: r, now: now}
	c.session, c.number, c.seq = a.sessions.find(r.id)
	if c.session != nil && a.sessions.expired(c.session, now) {
		c.session = nil
	}
	if no = a.away(c); no == nil {
		no = a.first(a.ids, c)
	}
	if no != nil {
		return nil, false, no
	}
	from := a.answers.from(c.session, c.seq)
	c.digest = r.digest()
	if e := c.session.logged(c.digest); e != nil && a.dialect.Repeat == RepeatReplays {
		return a.join(c, e, from), false, nil
	}
	if no = a.first(a.fresh, c); no != nil {
		return nil, false, no
	}
	return a.accept(c, from), true, nil
}

// join lets a duplicate have the answer of the entry that it repeats.
func (a *admission) join(c claim, e *entry, from int64) *reply {
	s := c.session
	p := &reply{session: s, entry: e, start: from}
	a.sessions.journal.taken(history.Repeated, s.info, c.request, e.seq)
	a.wait(c.lane, p)
	if s.phase != closed {
		s.touched = c.now
	}
	if !e.settled() {
		e.replies = append(e.replies, p)
		return p
	}
	p.answer = a.answers.answer(p)
	return p
}

// accept takes a request to be processed: its commands are due to the
// messenger from now on, its answer's id is drawn.
func (a *admission) accept(c claim, from int64) *reply {
	s := c.session
	if !s.step(accepted) {
		panic("gateway: a request was accepted in the wrong phase") // a bug of the table
	}
	s.running++
	s.issued++
	e := &entry{digest: c.digest, seq: s.issued, hold: a.holding(c.request), start: from, done: make(chan struct{})}
	if a.dialect.Repeat != RepeatExecutes {
		s.log = append(s.log, e)
	}
	p := &reply{session: s, entry: e, start: from}
	e.replies = append(e.replies, p)
	s.send(c.body)
	a.sessions.journal.taken(history.Processed, s.info, c.request, e.seq)
	a.wait(c.lane, p)
	return p
}

// wait remembers which reply a connection waits for. Bytes of a further request
// may be there already.
func (a *admission) wait(l *lane, p *reply) {
	if l != nil {
		l.waits = p
		a.overlaps.begun(l)
	}
}

// holding is how long an answer may wait for the messenger to say something.
func (a *admission) holding(r *request) time.Duration {
	if r.action == msnhttp.ActionOpen || len(r.body) > 0 {
		return a.dialect.Settle
	}
	if a.dialect.LongPoll == LongPollIgnored {
		return 0
	}
	return min(r.lifespan, a.limits.Hold)
}

// noRoom reports whether there are too many sessions; the oldest of those that
// have ended makes room.
func (a *admission) noRoom(claim) bool {
	return len(a.sessions.known)+a.sessions.opening+a.sessions.guests >= a.limits.Sessions && !a.sessions.evict()
}

// elsewhere reports whether a session hangs on another connection.
func (a *admission) elsewhere(c claim) bool {
	return a.dialect.Binding == Bound && c.lane != c.session.binding && c.session.phase != closed
}

// stranger reports whether a session is known to another address.
func (a *admission) stranger(c claim) bool {
	return a.dialect.Binding == ByAddress && c.from != c.session.from && c.session.phase != closed
}

// astray reports whether a request has come to another machine than its id leads
// to, or than its session was opened at. A name leads to each of them.
func (a *admission) astray(c claim) bool {
	if a.dialect.Machines == Separate {
		return c.lane != nil && c.session.binding != nil && c.lane.at != c.session.binding.at
	}
	home := net.ParseIP(a.answers.gatewayIP(c.session, c.seq))
	return a.dialect.Machines == Apart && c.lane != nil && home != nil && !home.Equal(net.ParseIP(c.lane.at))
}

// stale reports whether an id was good once.
func (a *admission) stale(c claim) bool {
	return a.dialect.Valid != ValidAny && c.session.holds(c.seq) < 0
}

// backlog reports whether the messenger has not taken what it was sent.
func (a *admission) backlog(c claim) bool {
	return c.session.queued+len(c.body) > a.limits.Queued && c.session.queued > 0
}

// unwelcome ends a session that sends PNG (S20).
func (a *admission) unwelcome(c claim) bool {
	if png := a.inspect(c.session, c.body); !png || !a.refusesPNG() {
		return false
	}
	a.sessions.cutOff(c.now, c.session, EndedByPNG)
	return true
}

func (a *admission) refusesPNG() bool { return a.dialect.PNG == PNGRefused }

// inspect notes who signs in, and reports whether PNG is in a body.
func (a *admission) inspect(s *session, body []byte) (png bool) {
	users, png := s.inspect(body)
	for _, who := range users {
		a.sessions.identify(s, who)
	}
	return png
}

// hasPNG reports whether a stream of commands contains that one.
func hasPNG(body []byte) bool {
	d := msnp.Decoder{}
	d.Feed(body)
	for {
		c, more, err := d.Next()
		if err != nil || !more {
			return false
		}
		if c.Name == "PNG" {
			return true
		}
	}
}
