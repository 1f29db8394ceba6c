package session

import (
	"fmt"
	"time"

	"gauntlet/harness/msn/msnhttp"
)

// Machine is one gateway session. It is not safe for concurrent use.
type Machine struct {
	cfg   Config
	state State

	id        string // of the newest whole answer (S45)
	authority string // of the newest whole answer (S44)
	queue     [][]byte
	out       *Request // sent or to be repeated, without a whole answer
	nextPoll  time.Time
	leaving   bool

	troubles   int       // in a row
	since      time.Time // of the first of them
	retryAt    time.Time
	shown      string // newer id in the head of a cut answer
	triedShown bool
	delivered  []byte
	end        Cause
}

// happening is an input with what came along.
type happening struct {
	now    time.Time
	answer Answer
}

// New starts a session; the first command submitted goes along with its open
// (S41).
func New(cfg Config) *Machine {
	cfg = cfg.withDefaults()
	return &Machine{cfg: cfg, state: Fresh, authority: cfg.Authority}
}

// State is where the session stands.
func (m *Machine) State() State { return m.state }

// ID is the SessionID that the next request will carry; empty before the open
// is answered.
func (m *Machine) ID() string { return m.id }

// Troubles is how many requests in a row went without an answer of the
// gateway's, up to now.
func (m *Machine) Troubles() int { return m.troubles }

// Submit queues one command. The machine keeps body; do not change it.
func (m *Machine) Submit(body []byte) { m.queue = append(m.queue, body) }

// Leave ends the session once the queue is empty and its last command is
// answered. Submit OUT before it (S51).
func (m *Machine) Leave() { m.leaving = true }

// Next says what to do at the time now.
func (m *Machine) Next(now time.Time) Step {
	if m.state == Broken && now.Sub(m.since) >= m.cfg.Patience {
		m.take(Exhausted, happening{})
	}
	if m.state == Ready && m.leaving && len(m.queue) == 0 {
		m.take(Done, happening{})
	}
	if m.state == Ended && (m.leaving || !now.Before(m.retryAt)) {
		return Step{Over: m.end}
	}
	if due := m.due(now); due.IsZero() || now.Before(due) {
		return Step{Until: due}
	}
	m.take(Due, happening{})
	return Step{Send: m.out}
}

// due is when the next request may go; zero means not before another input.
func (m *Machine) due(now time.Time) time.Time {
	switch m.state {
	case Fresh:
		return now
	case Ready:
		if len(m.queue) > 0 {
			return now
		}
		return m.nextPoll
	case Broken, Ended: // who was told to stay away does not begin anew before either
		return m.retryAt
	}
	return time.Time{}
}

// Answered takes a whole answer to the request that is out.
func (m *Machine) Answered(now time.Time, a Answer) {
	h := happening{now: now, answer: a}
	switch {
	case a.Status == 400:
		m.take(m.refusal(), h)
	case a.Status != 200 || a.Header == nil:
		m.lost(h, Loss{})
	case a.Header.Close:
		m.take(Last, h)
	default:
		m.take(Whole, h)
	}
}

// refusal distinguishes whether a 400 was for a session, may have been for the id alone, or
// was for an open that a ticket pays: there is no session that could be forgotten then.
func (m *Machine) refusal() Input {
	switch {
	case m.opensChat():
		return Hopeless
	case m.out.Action != msnhttp.ActionOpen && m.shown != "" && !m.triedShown:
		return Stale
	}
	return Refused
}

// opensChat reports whether what is out is the open of a switchboard session.
func (m *Machine) opensChat() bool {
	return m.out.Action == msnhttp.ActionOpen && m.cfg.Server == msnhttp.ServerSB
}

// Lost takes the news that the request which is out got no whole answer. The
// owner has closed the connection before it says so.
func (m *Machine) Lost(now time.Time, l Loss) {
	if l.Shown != "" && l.Shown != m.id {
		m.shown = l.Shown
	}
	m.lost(happening{now: now}, l)
}

func (m *Machine) lost(h happening, l Loss) {
	switch {
	case !l.Unsent && m.opensChat():
		m.take(Hopeless, h) // its ticket may be spent
	default:
		m.take(Trouble, h)
	}
}

// take follows the transition table.
func (m *Machine) take(in Input, h happening) {
	t, ok := transitions[m.state][in]
	if !ok {
		panic(fmt.Sprintf("session: %s in state %s cannot occur", in, m.state))
	}
	m.state = t.to
	t.do(m, h)
}

// Delivered hands over what arrived in order since the last call; the caller
// owns it.
func (m *Machine) Delivered() []byte {
	b := m.delivered
	m.delivered = nil
	return b
}

func (m *Machine) query(action string) msnhttp.Query {
	if action == msnhttp.ActionOpen {
		return msnhttp.Query{Action: action, Server: m.cfg.Server, IP: m.cfg.IP}
	}
	if action == msnhttp.ActionPoll {
		return msnhttp.Query{Action: action, SessionID: m.id}
	}
	return msnhttp.Query{SessionID: m.id}
}

// request makes the next request, with at most one command in it (S40, S41).
func (m *Machine) request(action string) *Request {
	r := &Request{Action: action, Authority: m.authority, Query: m.query(action)}
	if action != msnhttp.ActionPoll && len(m.queue) > 0 {
		r.Body, m.queue = m.queue[0], m.queue[1:]
	}
	return r
}
