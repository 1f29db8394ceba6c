package oracle

import "time"

// pollPace holds that an idle client's polls are 1 to 10 seconds apart (S13,
// S42).
func pollPace(e *Evidence) (f finding) {
	for _, r := range e.rests() {
		if r.pause+e.Ties >= time.Second && r.pause <= 10*time.Second+e.Ties {
			f.ok()
			continue
		}
		f.fail([]int{r.poll.Ordinal}, "request %d polls %s after an answer that brought nothing", r.poll.Ordinal, r.pause)
	}
	f.missing("no idle poll was seen")
	return f
}
