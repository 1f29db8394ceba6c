package oracle

import (
	"time"

	"gauntlet/harness/judge/history"
)

// recovers holds that the client works again within 30 seconds of the last
// fault (S17, S50).
func recovers(e *Evidence) (f finding) {
	last := time.Duration(-1)
	for i := range e.Events {
		if e.Events[i].Kind == history.Fired {
			last = e.Events[i].At
		}
	}
	if last < 0 {
		f.missing("no fault struck")
		return f
	}
	for _, r := range e.Requests {
		if r.Served() && r.Ended > last && r.Ended <= last+e.comeBack() {
			f.ok()
			return f
		}
	}
	switch {
	case e.userGone(last):
		f.missing("the user left before it could be seen")
		return f
	case e.end() < last+e.comeBack():
		f.missing("the run was over before it could be seen")
		return f
	}
	f.fail(nil, "the last fault struck at %s, and no request was answered in the %s after it", clock(last), e.comeBack())
	return f
}
