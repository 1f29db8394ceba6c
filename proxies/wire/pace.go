package wire

import "time"

// Pacer decides how fast one direction of a connection flows. It is asked with
// the connection's lock held and must not block.
type Pacer interface {
	// Admit says how many of the waiting bytes may pass now; if it says 0, again
	// is when to ask next.
	Admit(now time.Time, waiting int) (n int, again time.Time)
}

// Direction is one direction of a connection.
type Direction int

// The directions.
const (
	ToBox Direction = iota
	ToPeer
)

// Pace lets p decide, from this landmark on, how fast the direction flows, until
// the fault's time is over; nil lifts an earlier pace. A Pacer serves one
// connection and one direction.
func (s *Strike) Pace(d Direction, p Pacer) {
	s.turn(d, func(gate *turnstile) {
		gate.pacer, gate.ends = p, time.Time{}
		if until := s.hit.Fault.Often.Until; until > 0 {
			gate.ends = s.tap.options.Began.Add(until)
		}
	})
}

// Hold lets nothing pass in the direction for so long; then all goes on. What
// the box writes to a peer that has left meanwhile fails.
func (s *Strike) Hold(d Direction, t time.Duration) {
	s.turn(d, func(gate *turnstile) {
		if moment := time.Now().Add(t); moment.After(gate.held) {
			gate.held = moment
		}
		s.conn.late = true
	})
}

func (s *Strike) turn(d Direction, change func(*turnstile)) {
	s.locked(func(c *conn) {
		if c.cut != "" || c.over {
			return
		}
		gate := &c.in.pace
		if d == ToPeer {
			gate = &c.out.pace
		}
		change(gate)
		s.acted()
	})
}

// turnstile is a place where a Pacer may stand.
type turnstile struct {
	pacer Pacer
	ends  time.Time // the pacer's time is over; zero: never
	held  time.Time // until then nothing passes
}

// armed reports whether the turnstile may make anybody wait.
func (t *turnstile) armed() bool { return t.pacer != nil || !t.held.IsZero() }

// admit says how many of n bytes may pass now, else when to ask again.
func (t *turnstile) admit(n int) (int, time.Time) {
	if !t.armed() {
		return n, time.Time{}
	}
	now := time.Now()
	switch {
	case now.Before(t.held):
		return 0, t.held
	case t.pacer == nil, !t.ends.IsZero() && !now.Before(t.ends):
		return n, time.Time{}
	}
	m, again := t.pacer.Admit(now, n)
	return min(max(m, 0), n), earlier(again, t.ends)
}

// earlier is the earlier of two moments, of which zero is none.
func earlier(a, b time.Time) time.Time {
	if a.IsZero() || !b.IsZero() && b.Before(a) {
		return b
	}
	return a
}
