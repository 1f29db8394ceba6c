package gateway

import (
	"time"

	"gauntlet/harness/judge/history"
)

// Theory of operation
//
// The table holds all sessions. It does no I/O, starts nothing and never
// waits: whoever calls it says what time it is, carries its decisions out, and
// holds a lock meanwhile.
//
// A session is a byte stream from the messenger to the client. Each SessionID
// names the position where its answer ended. A request that carries id x says
// that everything up to x has arrived: what lies before x is forgotten, ids
// older than x become stale, x and the later ones stay valid. So a client that
// lost an answer, or two in a row, asks again with the id that it has and gets
// the bytes from there on.
//
// The log holds one entry for each request processed since the last
// acknowledgement: the digest of its action and body, and where its answer
// ended. A request whose digest is in the log is a duplicate, sent by a client
// that repeats or by a box that retries: it is not processed, and gets the
// bytes from its own id's position to the end of that entry, with the id of
// then. Duplicates of an entry that is still being computed wait for it; all
// get their answers at once. A duplicate is never an overlap, not even while
// another request is pending: it may be a late copy that a box has kept.
//
// A request is pending from its last byte until its answer is computed. If
// another one that is no duplicate comes meanwhile, the client has broken the
// rule of one request at a time (S14): the later gets 400 (S15), the session is
// doomed, the earlier completes with Session=close, and that ends the session.
// Flag and new id are settled before the first byte of an answer is written,
// so a client whose answer was cut cannot know more than the table.
//
// A session that has ended stays for the idle time-out, closed, so that the
// request that carried the last answer can be repeated. An open carries no id
// and can be no duplicate: each one opens.
//
// The other dialects turn knobs of the same machine: which ids are valid, what
// becomes of a duplicate, whether an overlap is minded.

// phase is where a session is in its life.
type phase int

const (
	idle    phase = iota // nothing is pending
	pending              // a request is being answered
	doomed               // likewise, and an overlap was seen: this answer is the last
	closed               // it has ended; its last answers are kept for a while
)

// input is what moves a session from phase to phase.
type input int

const (
	accepted   input = iota // a request was taken to be processed
	computed                // the answer of the only pending request is settled
	concluded               // likewise, and it says Session=close
	overlapped              // another request came while one was pending
	cut                     // idle too long, PNG, connection or gateway gone: no answer tells
)

// transitions is what may happen when. What is not here cannot happen: the
// table asks before it acts, and step panics to show a bug.
func transitions() map[phase]map[input]phase {
	return map[phase]map[input]phase{
		idle:    {accepted: pending, cut: closed},
		pending: {accepted: pending, computed: idle, concluded: closed, overlapped: doomed, cut: closed},
		doomed:  {overlapped: doomed, concluded: closed, cut: closed},
		closed:  {},
	}
}

// table is all sessions of one gateway. Whoever uses it holds a lock.
type table struct {
	dialect   Dialect
	limits    Limits
	issuer    issuer
	moves     map[phase]map[input]phase
	sessions  map[int]*session
	opened    int             // sessions ever
	forgotten int             // of these, the first ones that Forget has made unknown
	opening   int             // sessions whose messenger is being dialled
	retired   []int           // closed sessions, in the order in which they ended
	infos     []Info          // of the last sessions, by number modulo limits.Remembered
	outbox    []history.Event // not yet observed
	empty     chan struct{}   // once the gateway shuts down: closed when no session is left
}

func newTable(d Dialect, l Limits, seed uint64) *table {
	d = d.normal()
	return &table{
		dialect: d, limits: l.normal(), issuer: newIssuer(seed, d),
		moves: transitions(), sessions: map[int]*session{},
	}
}

// step moves s; false means that the transition table does not know the move.
func (t *table) step(s *session, in input) bool {
	next, possible := t.moves[s.phase][in]
	if possible {
		s.phase = next
	}
	return possible
}

// collect hands over the events since the last call.
func (t *table) collect() []history.Event {
	events := t.outbox
	t.outbox = nil
	return events
}

// find says which session an id was issued for and which answer gave it; s is
// nil if it is not known (any more), number 0 if the id was never issued.
func (t *table) find(id string) (s *session, number int, seq uint64) {
	number, seq, wrap, ok := t.issuer.read(id)
	if !ok || number < 1 || number > t.opened {
		return nil, 0, 0
	}
	s = t.sessions[number]
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

// lookup tells about the session that an id was issued for.
func (t *table) lookup(id string) (Info, bool) {
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
func (t *table) remember(info Info) {
	if len(t.infos) < t.limits.Remembered {
		t.grow(info.Session)
	}
	if at := info.Session % len(t.infos); t.infos[at].Session <= info.Session {
		t.infos[at] = info
	}
}

// grow doubles the ring of infos; each one moves to its place in the new ring.
func (t *table) grow(number int) {
	if number < len(t.infos) {
		return
	}
	larger := make([]Info, min(max(64, 2*len(t.infos)), t.limits.Remembered))
	for _, info := range t.infos {
		larger[info.Session%len(larger)] = info
	}
	t.infos = larger
}

// expired tells whether a closed session has been kept long enough.
func (t *table) expired(s *session, now time.Time) bool {
	return s.phase == closed && now.Sub(s.touched) >= t.dialect.Idle
}
