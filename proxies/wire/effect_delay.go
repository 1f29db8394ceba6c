package wire

import "time"

// delayEffect makes whatever is sent, either way, take longer.
type delayEffect struct{}

func (delayEffect) Strike(s *Strike) {
	for _, d := range []Direction{ToBox, ToPeer} {
		s.Pace(d, &delayed{strike: s, time: s.duration(0), jitter: s.durationAfter("jitter"), draws: int(d)})
	}
}

// burst is the pause up to which bytes belong to those before them.
const burst = time.Millisecond

// delayed is the Pacer of one direction.
type delayed struct {
	strike       *Strike
	time, jitter time.Duration
	draws        int
	due          time.Time // when what waits may pass; zero if nothing does
	passed       time.Time // when bytes passed last
}

// Admit lets bytes pass once they have waited, and those that follow at once
// with them.
func (d *delayed) Admit(now time.Time, waiting int) (int, time.Time) {
	if d.due.IsZero() && now.Sub(d.passed) > burst {
		d.due = now.Add(d.next())
	}
	if now.Before(d.due) {
		return 0, d.due
	}
	d.due, d.passed = time.Time{}, now
	return waiting, time.Time{}
}

// next is how long the next bytes take: each direction has draws of its own.
func (d *delayed) next() time.Duration {
	d.draws += 2
	return d.time + time.Duration(float64(d.jitter)*d.strike.hit.Draw(d.draws))
}
