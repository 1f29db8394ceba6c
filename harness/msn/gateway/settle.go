package gateway

import (
	"slices"
	"time"

	"gauntlet/harness/judge/history"
	"gauntlet/harness/msn/msnhttp"
)

// ready tells whether there is a reason to answer an entry now, before its
// holding time is over. If not, wake is closed when it is worth asking again.
func (t *table) ready(s *session, e *entry) (wake <-chan struct{}, now bool) {
	if s.phase != pending || s.silent || s.left || t.available(s) > e.start {
		return nil, true
	}
	if s.fresh == nil {
		s.fresh = make(chan struct{})
	}
	return s.fresh, false
}

// stir wakes everybody who waits for ready.
func (s *session) stir() {
	if s.fresh != nil {
		close(s.fresh)
		s.fresh = nil
	}
}

// finish computes an entry's answer and settles all its replies.
func (t *table) finish(now time.Time, p *reply) {
	s, e := p.session, p.entry
	s.running--
	if s.phase != closed {
		t.settle(now, s, e)
	} else {
		s.log = slices.DeleteFunc(s.log, func(other *entry) bool { return other == e })
	}
	e.replies = nil
	close(e.done)
}

func (t *table) settle(now time.Time, s *session, e *entry) {
	why := t.conclusion(s, e)
	e.close = why != ""
	if t.dialect.Valid != ValidUnacknowledged {
		e.start = s.down.given
	}
	e.end = t.cutPoint(s, e)
	e.body = s.down.slice(e.start, e.end)
	s.touched = now
	t.give(s, e)
	for _, p := range e.replies {
		p.answer = t.answer(p)
	}
	t.advance(now, s, why)
}

// conclusion is the reason for which this answer is the session's last, empty
// if it is not.
func (t *table) conclusion(s *session, e *entry) string {
	switch {
	case s.phase == doomed:
		return EndedByOverlap
	case s.left && t.dialect.Out == OutCloses:
		return EndedByOUT
	case !s.silent || t.dialect.Closing == CloseNever:
		return ""
	case t.dialect.Closing == CloseAlone && s.down.end() > max(e.start, s.down.base):
		return ""
	}
	return EndedByMessenger
}

// available is the position up to which answers may go.
func (t *table) available(s *session) int64 {
	if t.dialect.Split == SplitAnywhere || t.full(s) {
		return s.down.end()
	}
	return s.down.whole()
}

// full tells whether the messenger has to wait with what it sends.
func (t *table) full(s *session) bool { return len(s.down.kept) >= t.limits.Queued }

// cutPoint is where an answer ends. One that closes the session gives all.
func (t *table) cutPoint(s *session, e *entry) int64 {
	if e.close {
		return s.down.end()
	}
	to := max(t.available(s), e.start)
	span := uint64(to - e.start)
	if t.dialect.Split == SplitWhole || e.seq%2 == 0 || span < 2 {
		return to
	}
	return e.start + 1 + int64(mix(t.issuer.key^e.seq)%(span-1))
}

// give makes the entry's id one that a request may carry.
func (t *table) give(s *session, e *entry) {
	s.down.given = e.end
	if t.dialect.Valid != ValidUnacknowledged || t.dialect.IDChange == ChangesNever {
		s.tickets = s.tickets[:0]
	}
	s.tickets = append(s.tickets, ticket{seq: e.seq, pos: e.end})
	if t.dialect.Valid != ValidUnacknowledged {
		s.down.trim(e.end)
		nudge(s.room)
	}
}

// advance moves the session on after an answer.
func (t *table) advance(now time.Time, s *session, why string) {
	if why != "" {
		if t.step(s, concluded) {
			t.end(now, s, why)
		}
		return
	}
	if s.running == 0 {
		t.step(s, computed)
	}
}

// answer is what a reply says: the entry's id, and the bytes from the position
// that the reply's own request carried.
func (t *table) answer(p *reply) *answer {
	s, e := p.session, p.entry
	body := e.body
	if t.dialect.Valid == ValidUnacknowledged && p.start != e.start {
		body = s.down.slice(p.start, e.end)
	}
	h := msnhttp.SessionHeader{
		SessionID: t.issuer.id(s.info.Session, e.seq),
		GatewayIP: t.gatewayIP(s, e.seq),
		Close:     e.close,
	}
	return &answer{header: layout(h, t.dialect.Header, e.seq), body: body}
}

// gatewayIP is the host to send the next request to (S44).
func (t *table) gatewayIP(s *session, seq uint64) string {
	d := t.dialect
	switch {
	case d.GatewayIP == GatewayName:
		return DefaultHost
	case d.GatewayIP == GatewayEcho && s.ip != "":
		return s.ip
	case d.GatewayIP == GatewayMoving:
		return d.Addresses[(seq-1)/uint64(d.MoveEvery)%uint64(len(d.Addresses))]
	}
	return d.Addresses[0]
}

// end records that a session, moved to closed already, is over.
func (t *table) end(now time.Time, s *session, why string) {
	s.touched = now
	close(s.finished)
	t.retired = append(t.retired, s.info.Session)
	t.noteEmpty()
	t.outbox = append(t.outbox, history.Event{
		From: history.AtGateway, Kind: history.SessionEnded,
		Session: s.info.Session, Server: s.info.Server, User: s.info.User, Text: why,
	})
}
