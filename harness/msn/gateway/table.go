package gateway

// Theory of operation
//
// The table holds all sessions (sessions.go), decides which requests they
// process (admission.go) and answers them (answering.go). It does no I/O, starts
// nothing and never waits: whoever calls it says what time it is, carries its
// decisions out, and holds a lock meanwhile.
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
// What an overlap is and how it is noticed stands in overlap.go alone.
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

// table is the sessions of one gateway, what lets requests in to them, and what
// answers. Whoever uses it holds a lock.
type table struct {
	*sessions
	*admission
	*answering
	dialect *Dialect
	limits  *Limits
	journal *journal
	issuer  issuer
}

func newTable(d Dialect, l Limits, seed uint64, secret ...byte) *table {
	d, l = d.normal(), l.normal()
	t := &table{dialect: &d, limits: &l, issuer: newIssuer(seed, secret, d)}
	t.journal = &journal{issuer: t.issuer}
	t.sessions = &sessions{
		dialect: &d, limits: &l, issuer: t.issuer, journal: t.journal,
		moves: transitions(), known: map[int]*session{}, visitors: visitors{limits: &l, known: map[string]*visitor{}},
	}
	t.answering = &answering{dialect: &d, issuer: t.issuer, sessions: t.sessions}
	t.admission = newAdmission(&d, &l, t.sessions, t.answering)
	return t
}
