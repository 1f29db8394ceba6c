package wire

import "time"

// dribbleEffect lets the bytes flow in small pieces.
type dribbleEffect struct{}

func (dribbleEffect) Strike(s *Strike) {
	side := s.after("to")
	if side != "client" {
		s.Pace(ToBox, &dribbling{size: s.number(0), every: s.durationAfter("every")})
	}
	if side != "box" {
		s.Pace(ToPeer, &dribbling{size: s.number(0), every: s.durationAfter("every")})
	}
}

// dribbling is the Pacer of one direction.
type dribbling struct {
	size  int
	every time.Duration
	next  time.Time
}

// Admit lets a piece pass, and the next after a while.
func (d *dribbling) Admit(now time.Time, waiting int) (int, time.Time) {
	if now.Before(d.next) {
		return 0, d.next
	}
	d.next = now.Add(d.every)
	return min(d.size, waiting), time.Time{}
}
