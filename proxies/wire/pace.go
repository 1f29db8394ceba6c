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

// Pace lets p decide, from this landmark on, how fast the direction flows; nil
// lifts an earlier pace. A Pacer serves one connection and one direction.
func (s *Strike) Pace(d Direction, p Pacer) {
	s.locked(func(c *conn) {
		if c.cut != "" || c.over {
			return
		}
		gate := &c.in.pace
		if d == ToPeer {
			gate = &c.out.pace
		}
		gate.pacer = p
		s.acted()
	})
}

// turnstile is a place where a Pacer may stand.
type turnstile struct{ pacer Pacer }

// admit says how many of n bytes may pass now, else when to ask again.
func (t turnstile) admit(n int) (int, time.Time) {
	if t.pacer == nil {
		return n, time.Time{}
	}
	m, again := t.pacer.Admit(time.Now(), n)
	return min(max(m, 0), n), again
}
