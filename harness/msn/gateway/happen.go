package gateway

import "time"

// What happens to a session beside requests: bytes from the messenger, its
// end, time, connections that close, and the gateway's own end.

// deliver takes bytes from the messenger. It tells whether the session can
// take more; if not, room is nudged when it may.
func (t *table) deliver(s *session, p []byte) (more bool) {
	if s.phase == closed || s.silent {
		return true // nobody will ask for them, or the last word has been said
	}
	s.down.append(p)
	s.stir()
	return !t.full(s)
}

// lost notes that the messenger has closed; the client is told when it asks.
func (t *table) lost(s *session) {
	s.silent = true
	s.up, s.queued = nil, 0
	s.down.loosen()
	s.stir()
}

// unsent hands over what is due to the messenger, in order.
func (t *table) unsent(s *session) [][]byte {
	up := s.up
	s.up, s.queued = nil, 0
	return up
}

// expire ends a session that has been idle too long (S52). Otherwise it says
// when to ask again.
func (t *table) expire(now time.Time, s *session) (again time.Duration) {
	if s.running > 0 {
		return t.dialect.Idle
	}
	if left := s.touched.Add(t.dialect.Idle).Sub(now); left > 0 {
		return left
	}
	t.cutOff(now, s, EndedByIdling)
	return t.dialect.Idle
}

// cutOff ends a session without an answer that would say so.
func (t *table) cutOff(now time.Time, s *session, why string) {
	if t.step(s, cut) {
		t.end(now, s, why)
		s.stir()
	}
}

// doom notes an overlap; false means that the dialect does not mind.
func (t *table) doom(s *session) bool {
	if t.dialect.Overlap == OverlapAllowed || !t.step(s, overlapped) {
		return false
	}
	s.stir()
	return true
}

// watch remembers which reply a connection waits for, and dooms its session if
// bytes of a further request are there already.
func (t *table) watch(c *conn, p *reply) {
	if c == nil {
		return
	}
	c.waits = p
	if c.ahead() {
		t.overlapOn(c)
	}
}

// overlapOn notes that bytes of a further request came on a connection before
// the present one was answered (S14, S15). Whatever request they begin is the
// later one of an overlap.
func (t *table) overlapOn(c *conn) {
	p := c.waits
	if p == nil || p.entry.settled() || !t.doom(p.session) {
		return
	}
	c.doomed = p.session.info.Session
}

// parted ends the sessions that hang on a connection which has closed.
func (t *table) parted(now time.Time, c *conn) {
	if t.dialect.Binding != Bound {
		return
	}
	for _, s := range t.sessions {
		if s.binding == c {
			t.cutOff(now, s, EndedByConnection)
		}
	}
}

// endAll ends every session, in the order in which they began.
func (t *table) endAll(now time.Time) {
	for number := 1; number <= t.opened && len(t.sessions) > 0; number++ {
		if s := t.sessions[number]; s != nil {
			t.cutOff(now, s, EndedByGateway)
		}
	}
}
