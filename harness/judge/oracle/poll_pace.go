package oracle

import "time"

// pollPace holds that an idle client's polls are 1 to 10 seconds apart (S13,
// S42). A command between two of them asks as well, so that they are no more
// than 10 seconds apart only where nothing else is sent.
func pollPace(e *Evidence) (f finding) {
	for _, r := range e.rests() {
		switch {
		case r.pause+e.Ties < time.Second:
			f.fail([]int{r.poll.Ordinal}, "request %d polls %s after the answer to the poll before, which brought nothing", r.poll.Ordinal, r.pause)
		case r.silent > 10*time.Second+e.Ties:
			f.fail([]int{r.poll.Ordinal}, "request %d polls %s after an answer that brought nothing", r.poll.Ordinal, r.silent)
		default:
			f.ok()
		}
	}
	f.missing("no idle poll was seen")
	return f
}
