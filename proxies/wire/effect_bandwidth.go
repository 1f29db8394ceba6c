package wire

import "time"

// bandwidthEffect lets so many bytes a second flow, in each direction.
type bandwidthEffect struct{}

func (bandwidthEffect) Strike(s *Strike) {
	s.Pace(ToBox, &metered{rate: s.number(0)})
	s.Pace(ToPeer, &metered{rate: s.number(0)})
}

// tick is how often a metered direction lets bytes pass, at most.
const tick = 20 * time.Millisecond

// metered is the Pacer of one direction.
type metered struct {
	rate int // bytes a second
	next time.Time
}

// Admit lets a tick's bytes pass, at least one; they use up their time.
func (m *metered) Admit(now time.Time, waiting int) (int, time.Time) {
	if now.Before(m.next) {
		return 0, m.next
	}
	n := min(waiting, max(1, m.rate*int(tick)/int(time.Second)))
	m.next = now.Add(time.Duration(n) * time.Second / time.Duration(m.rate))
	return n, time.Time{}
}
