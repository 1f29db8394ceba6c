package oracle

import "time"

// shortestRest is how long an idle client must wait before it polls again.
const shortestRest = 400 * time.Millisecond

// pollNotTooOften holds that a client which was given nothing waits before it
// polls again (S12, S13). A poll that follows a command at once is none too many.
func pollNotTooOften(e *Evidence) (f finding) {
	for _, r := range e.rests() {
		if r.pause+e.Ties >= shortestRest {
			f.ok()
			continue
		}
		f.fail([]int{r.poll.Ordinal}, "request %d polls %s after the answer to the poll before, which brought nothing", r.poll.Ordinal, r.pause)
	}
	f.missing("no idle poll was seen")
	return f
}
