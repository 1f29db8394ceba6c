package oracle

import (
	"slices"
	"time"

	"gauntlet/harness/judge/history"
)

// Pace is the usual pause of the client before a poll, the median; 0 if none
// was seen.
func Pace(e *Evidence) time.Duration {
	var pauses []time.Duration
	for _, r := range e.rests() {
		pauses = append(pauses, r.pause)
	}
	if len(pauses) == 0 {
		return 0
	}
	slices.Sort(pauses)
	return pauses[len(pauses)/2]
}

// comeBack is what a client has after a loss: one that is known to be slow
// notices it later.
func (e *Evidence) comeBack() time.Duration {
	for i := range e.Events {
		if ev := &e.Events[i]; ev.Kind == history.Calibrated {
			if pace, err := time.ParseDuration(ev.Text); err == nil {
				return max(comeBack, 15*time.Second+3*pace)
			}
		}
	}
	return comeBack
}
