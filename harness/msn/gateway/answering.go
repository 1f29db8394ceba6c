package gateway

import (
	"slices"
	"strings"
	"time"

	"gauntlet/harness/msn/msnhttp"
)

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

// answering computes the answers of requests that were taken in.
type answering struct {
	dialect  *Dialect
	issuer   issuer
	sessions *sessions
}

// from notes that the client has everything up to the id of answer seq, and
// returns the position from which on it wants to be answered.
func (a *answering) from(s *session, seq uint64) int64 {
	s.acknowledge(seq)
	if a.dialect.Valid != ValidUnacknowledged {
		return s.down.given
	}
	s.down.trim(s.tickets[0].pos)
	nudge(s.room)
	return s.tickets[0].pos
}

// instant reports whether a reply has nothing to wait for.
func (a *answering) instant(p *reply) bool { return a.dialect.Think <= 0 && p.entry.hold <= 0 }

// ready reports whether there is a reason to answer an entry now, before its
// holding time is over. If not, wake is closed when it is worth asking again.
func (a *answering) ready(s *session, e *entry) (wake <-chan struct{}, now bool) {
	if s.phase != pending || s.silent || s.left || s.available() > e.start {
		return nil, true
	}
	if s.fresh == nil {
		s.fresh = make(chan struct{})
	}
	return s.fresh, false
}

// finish computes an entry's answer and settles all its replies.
func (a *answering) finish(now time.Time, p *reply) {
	s, e := p.session, p.entry
	s.running--
	if s.phase != closed {
		a.settle(now, s, e)
	} else {
		s.unlog(e)
	}
	e.replies = nil
	close(e.done)
}

func (a *answering) settle(now time.Time, s *session, e *entry) {
	why := a.conclusion(s, e)
	e.close = why != ""
	if a.dialect.Valid != ValidUnacknowledged {
		e.start = s.down.given
	}
	e.end = a.cutPoint(s, e)
	e.body = s.down.slice(e.start, e.end)
	s.touched = now
	a.give(s, e)
	for _, p := range e.replies {
		p.answer = a.answer(p)
	}
	a.advance(now, s, why)
}

// conclusion is the reason for which this answer is the session's last, empty
// if it is not.
func (a *answering) conclusion(s *session, e *entry) string {
	switch {
	case s.phase == doomed:
		return EndedByOverlap
	case s.left && a.dialect.Out == OutCloses:
		return EndedByOUT
	case !s.silent || a.dialect.Closing == CloseNever:
		return ""
	case a.dialect.Closing == CloseAlone && s.down.end() > max(e.start, s.down.base):
		return ""
	}
	return EndedByMessenger
}

// cutPoint is where an answer ends. One that closes the session gives all.
func (a *answering) cutPoint(s *session, e *entry) int64 {
	if e.close {
		return s.down.end()
	}
	to := max(s.available(), e.start)
	span := uint64(to - e.start)
	if a.dialect.Split == SplitWhole || e.seq%2 == 0 || span < 2 {
		return to
	}
	return e.start + 1 + int64(mix(a.issuer.key^e.seq)%(span-1))
}

// give makes the entry's id one that a request may carry.
func (a *answering) give(s *session, e *entry) {
	s.down.given = e.end
	if a.dialect.Valid != ValidUnacknowledged || a.dialect.IDChange == ChangesNever {
		s.tickets = s.tickets[:0]
	}
	s.tickets = append(s.tickets, ticket{seq: e.seq, pos: e.end})
	if a.dialect.Valid != ValidUnacknowledged {
		s.down.trim(e.end)
		nudge(s.room)
	}
}

// advance moves the session on after an answer.
func (a *answering) advance(now time.Time, s *session, why string) {
	if why != "" {
		if s.step(concluded) {
			a.sessions.end(now, s, why)
		}
		return
	}
	if s.running == 0 {
		s.step(computed)
	}
}

// answer is what a reply says: the entry's id, and the bytes from the position
// that the reply's own request carried.
func (a *answering) answer(p *reply) *answer {
	s, e := p.session, p.entry
	body := e.body
	if a.dialect.Valid == ValidUnacknowledged && p.start != e.start {
		body = s.down.slice(p.start, e.end)
	}
	h := msnhttp.SessionHeader{
		SessionID: a.issuer.id(s.info.Session, e.seq),
		GatewayIP: a.gatewayIP(s, e.seq),
		Close:     e.close,
	}
	return &answer{header: layout(h, a.dialect.Header, e.seq), body: body}
}

// gatewayIP is the host to send the next request to (S44).
func (a *answering) gatewayIP(s *session, seq uint64) string {
	d := a.dialect
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

// layout formats the header's value. Everything but the standard style is
// legal and breaks one real client or another.
func layout(h msnhttp.SessionHeader, style HeaderStyle, seq uint64) string {
	if style == HeaderVaried {
		turns := []HeaderStyle{HeaderStandard, HeaderReordered, HeaderTight, HeaderWide}
		style = turns[seq%uint64(len(turns))]
	}
	switch style {
	case HeaderBare:
		if seq > 1 {
			h.GatewayIP = ""
		}
	case HeaderReordered:
		list := elements(h, "=")
		slices.Reverse(list)
		return strings.Join(list, "; ")
	case HeaderTight:
		return strings.Join(elements(h, "="), ";")
	case HeaderWide:
		return strings.Join(elements(h, " = "), " ;  ")
	}
	return h.String()
}

func elements(h msnhttp.SessionHeader, equals string) []string {
	list := []string{"SessionID" + equals + h.SessionID, "GW-IP" + equals + h.GatewayIP}
	if h.Close {
		list = append(list, "Session"+equals+"close")
	}
	return list
}
