package oracle

import (
	"slices"
	"time"
)

// inVain are the times, in order, of attempts to reach the gateway that came to
// nothing before a request was answered: refused, turned away, or barren.
func (e *Evidence) inVain() []time.Duration {
	times := slices.Concat(e.turnedAway(), e.barren())
	for _, d := range e.dials() {
		if d.failed != "" {
			times = append(times, d.at)
		}
	}
	slices.Sort(times)
	return times
}

// cutOffUntil is how long a client that tried again and again after at could do
// nothing else: until the last of those attempts that follow each other soon
// enough.
func (e *Evidence) cutOffUntil(at time.Duration) time.Duration {
	for _, t := range e.inVain() {
		if t > at && t <= at+e.comeBack() {
			at = t
		}
	}
	return at
}
