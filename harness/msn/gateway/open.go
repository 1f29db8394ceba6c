package gateway

import (
	"net/http"
	"time"

	"gauntlet/harness/judge/history"
	"gauntlet/harness/msn/msnp"
)

// noCommand is what two old clients send as the body of an open when their
// poll timer fires before the first command: their language's word for nothing.
const noCommand = "None"

// reserve makes room for one more session, whose messenger the caller then
// dials; open or abandon follows.
func (t *table) reserve(now time.Time, r *request) *refusal {
	t.purge(now)
	if t.leaving() {
		return t.reject(fatal(http.StatusServiceUnavailable, ReasonShuttingDown), r, 0)
	}
	if t.limits.crowded() {
		return t.reject(&refusal{status: http.StatusServiceUnavailable, reason: ReasonMemory}, r, 0)
	}
	if len(t.sessions)+t.opening >= t.limits.Sessions && !t.evict() {
		return t.reject(&refusal{status: http.StatusServiceUnavailable, reason: ReasonFull}, r, 0)
	}
	if t.dialect.PNG == PNGRefused && hasPNG(r.body) {
		return t.reject(fatal(http.StatusBadRequest, ReasonPNG), r, 0)
	}
	t.opening++
	return nil
}

// abandon gives back what reserve took: the messenger was not reached.
func (t *table) abandon(r *request) *refusal {
	t.opening--
	t.noteEmpty()
	return t.reject(&refusal{status: http.StatusBadGateway, reason: ReasonNoMessenger}, r, 0)
}

// open begins a session with its first request, which the caller finishes.
func (t *table) open(now time.Time, r *request) *reply {
	t.opening--
	t.opened++
	s := newSession(Info{Session: t.opened, Server: string(r.server)}, r.ip, r.conn, now)
	s.typed.MaxPayload = t.limits.Body
	t.sessions[t.opened] = s
	t.remember(s.info)
	t.outbox = append(t.outbox, history.Event{
		From: history.AtGateway, Kind: history.SessionOpened, Session: s.info.Session,
		Server: s.info.Server, NewID: t.issuer.id(s.info.Session, 1), Data: r.body,
	})
	if string(r.body) == noCommand {
		r.body = nil
	}
	t.look(s, r.body)
	if t.leaving() { // it came while the messenger was being dialled
		t.farewell(s)
	}
	return t.accept(now, s, 0, r.digest(), r)
}

// purge forgets closed sessions that were kept long enough.
func (t *table) purge(now time.Time) {
	for len(t.retired) > 0 && t.expired(t.sessions[t.retired[0]], now) {
		t.evict()
	}
}

// evict forgets the session that has been closed longest.
func (t *table) evict() bool {
	if len(t.retired) == 0 {
		return false
	}
	delete(t.sessions, t.retired[0])
	t.retired = t.retired[1:]
	return true
}

// hasPNG tells whether a stream of commands contains that one.
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
