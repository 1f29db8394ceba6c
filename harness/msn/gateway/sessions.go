package gateway

import (
	"maps"
	"slices"
	"time"
)

// sessions are those that a gateway has: what SessionID leads to which, when
// they end and how long they are kept after that.
type sessions struct {
	dialect   *Dialect
	limits    *Limits
	issuer    issuer
	journal   *journal
	moves     map[phase]map[input]phase
	known     map[int]*session // by number
	opened    int              // sessions ever
	shutUntil time.Time        // under maintenance
	forgotten int              // of these, the first ones that Forget has made unknown
	visitors  visitors
	opening   int           // sessions whose messenger is being dialled
	guests    int           // connections to the messenger that do not come through the gateway
	retired   []int         // closed sessions, in the order in which they ended
	infos     []Info        // of the last sessions, by number modulo limits.Remembered
	empty     chan struct{} // once the gateway shuts down: closed when no session is left
}

// serverGoesDown is what a notification server says before it goes.
const serverGoesDown = "OUT SSD\r\n"

// add begins a session; room was reserved for it.
func (t *sessions) add(now time.Time, r *request) *session {
	t.opening--
	t.opened++
	info := Info{Session: t.opened, Server: string(r.server)}
	s := newSession(info, now, r)
	s.dialect, s.limits, s.moves = t.dialect, t.limits, t.moves
	s.typed.MaxPayload = t.limits.Body
	t.known[t.opened] = s
	t.remember(info)
	t.journal.opened(info, r.body)
	return s
}

// find returns the session that an id was issued for and which answer gave it; s
// is nil if it is not known (any more), number 0 if the id was never issued.
func (t *sessions) find(id string) (s *session, number int, seq uint64) {
	number, seq, wrap, ok := t.issuer.read(id)
	if !ok || number < 1 || number > t.opened {
		return nil, 0, 0
	}
	s = t.known[number]
	if s == nil {
		return nil, number, 0
	}
	if t.dialect.IDChange == ChangesNever {
		return s, number, s.newest().seq
	}
	// The numbers of answers wrap: of those that fit, the newest is meant.
	seq = s.issued - (s.issued-seq)%wrap
	if seq == 0 || seq > s.issued {
		return nil, 0, 0
	}
	return s, number, seq
}

// lookup returns what is known of the session that an id was issued for.
func (t *sessions) lookup(id string) (Info, bool) {
	s, number, _ := t.find(id)
	if s != nil {
		return s.info, true
	}
	if number == 0 || len(t.infos) == 0 {
		return Info{}, false
	}
	info := t.infos[number%len(t.infos)]
	return info, info.Session == number
}

// remember keeps info for lookup, in the place of a session long ago.
func (t *sessions) remember(info Info) {
	if len(t.infos) < t.limits.Remembered {
		t.grow(info.Session)
	}
	if at := info.Session % len(t.infos); t.infos[at].Session <= info.Session {
		t.infos[at] = info
	}
}

// grow doubles the ring of infos; each one moves to its place in the new ring.
func (t *sessions) grow(number int) {
	if number < len(t.infos) {
		return
	}
	larger := make([]Info, min(max(64, 2*len(t.infos)), t.limits.Remembered))
	for _, info := range t.infos {
		larger[info.Session%len(larger)] = info
	}
	t.infos = larger
}

// identify notes who a session belongs to.
func (t *sessions) identify(s *session, who string) {
	if who == s.info.User {
		return
	}
	s.info.User = who
	t.remember(s.info)
	t.journal.identified(s.info)
}

// reject records a refusal; number is the session meant, 0 if none is known.
func (t *sessions) reject(no *refusal, r *request, number int) *refusal {
	info := Info{Session: number, Server: string(r.server)}
	if s := t.known[number]; s != nil {
		info = s.info
	}
	t.journal.rejected(no, r, info)
	return no
}

// expire ends a session that has been idle too long (S52). Otherwise it says
// when to ask again.
func (t *sessions) expire(now time.Time, s *session) (again time.Duration) {
	if s.running > 0 {
		return t.dialect.Idle
	}
	if left := s.touched.Add(t.dialect.Idle).Sub(now); left > 0 {
		return left
	}
	t.cutOff(now, s, EndedByIdling)
	return t.dialect.Idle
}

// disconnected ends the sessions that hang on a connection which has closed.
func (t *sessions) disconnected(now time.Time, l *lane) {
	if t.dialect.Binding != Bound {
		return
	}
	for _, s := range t.known {
		if s.binding == l {
			t.cutOff(now, s, EndedByConnection)
		}
	}
}

// cutOff ends a session without an answer that would say so.
func (t *sessions) cutOff(now time.Time, s *session, why string) {
	if s.step(cut) {
		t.end(now, s, why)
		s.stir()
	}
}

// endAll ends every session, in the order in which they began.
func (t *sessions) endAll(now time.Time, why string) {
	for _, number := range slices.Sorted(maps.Keys(t.known)) {
		t.cutOff(now, t.known[number], why)
	}
}

// forget ends every session and keeps nothing of them, the last answers of
// closed ones included.
func (t *sessions) forget(now time.Time) {
	t.endAll(now, EndedByForgetting)
	clear(t.known)
	t.retired, t.forgotten = nil, t.opened
}

// shut refuses everything until then. No session is idle meanwhile.
func (t *sessions) shut(until time.Time) {
	t.shutUntil = until
	for _, s := range t.known {
		s.touched = until
	}
}

// forgetServer does the same to the sessions with that server, in the order in
// which they began.
func (t *sessions) forgetServer(now time.Time, server Server) {
	of := func(number int) bool { return t.known[number].info.Server == string(server) }
	for _, number := range slices.Sorted(maps.Keys(t.known)) {
		if of(number) {
			t.cutOff(now, t.known[number], EndedByForgetting)
		}
	}
	t.retired = slices.DeleteFunc(t.retired, of)
	maps.DeleteFunc(t.known, func(number int, _ *session) bool { return of(number) })
}

// end records that a session, moved to closed already, is over.
func (t *sessions) end(now time.Time, s *session, why string) {
	s.touched = now
	close(s.finished)
	s.summon()
	t.retired = append(t.retired, s.info.Session)
	t.visitors.session(s.from, -1)
	t.noteEmpty()
	t.journal.ended(s.info, why)
}

// live is the number of sessions that have not ended.
func (t *sessions) live() int { return len(t.known) - len(t.retired) }

// expired reports whether a closed session has been kept long enough.
func (t *sessions) expired(s *session, now time.Time) bool {
	return s.phase == closed && now.Sub(s.touched) >= t.dialect.Idle
}

// purge forgets closed sessions that were kept long enough.
func (t *sessions) purge(now time.Time) {
	for len(t.retired) > 0 && t.expired(t.known[t.retired[0]], now) {
		t.evict()
	}
}

// evict forgets the session that has been closed longest.
func (t *sessions) evict() bool {
	if len(t.retired) == 0 {
		return false
	}
	delete(t.known, t.retired[0])
	t.retired = t.retired[1:]
	return true
}

// leave says goodbye to every session. The channel is closed once all have
// heard it.
func (t *sessions) leave() <-chan struct{} {
	if t.empty == nil {
		t.empty = make(chan struct{})
		for _, s := range t.known {
			t.farewell(s)
		}
		t.noteEmpty()
	}
	return t.empty
}

// farewell queues the last words behind whole commands only: behind half a one
// they would be taken for its rest.
func (t *sessions) farewell(s *session) {
	if s.phase == closed || s.silent {
		return
	}
	if s.info.Server == string(NS) && s.down.whole() == s.down.end() {
		s.down.append([]byte(serverGoesDown))
	}
	s.hungUp()
}

// noteEmpty tells whoever shuts down that nobody is left.
func (t *sessions) noteEmpty() {
	if t.empty == nil || t.live()+t.opening > 0 {
		return
	}
	select {
	case <-t.empty:
	default:
		close(t.empty)
	}
}

// leaving reports whether new sessions are refused for good.
func (t *sessions) leaving() bool { return t.empty != nil }
