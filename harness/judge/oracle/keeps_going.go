package oracle

import (
	"slices"
	"time"

	"gauntlet/harness/judge/history"
	"gauntlet/harness/run/workload"
)

// longestSilence is how long a signed-in client may go without a request.
const longestSilence = 30 * time.Second

// keepsGoing holds that the client asks for queued commands as long as its
// user is signed in (S9, S12, S42), whatever the network did. Where no request
// gets through, an attempt to connect that came to nothing is as good.
func keepsGoing(e *Evidence) (f finding) {
	from, to, ok := e.signedIn()
	if !ok {
		f.missing("the user never signed in")
		return f
	}
	last := from
	for _, at := range e.signsOfLife() {
		if at < from || at > to {
			continue
		}
		f.silence(last, at)
		last = at
	}
	f.silence(last, to)
	return f
}

// signsOfLife are the times of the NS sessions' requests and of attempts to
// connect that came to nothing.
func (e *Evidence) signsOfLife() []time.Duration {
	times := e.inVain()
	for _, r := range e.Requests {
		if r.Session != nil && r.Session.Server == "NS" {
			times = append(times, r.Began)
		}
	}
	slices.Sort(times)
	return times
}

func (f *finding) silence(from, to time.Duration) {
	if to-from > longestSilence {
		f.fail(nil, "no request of the NS session between %s and %s", clock(from), clock(to))
		return
	}
	if to > from {
		f.ok()
	}
}

// signedIn is the time from the end of the sign-in to the wish to leave, or to
// the end of the run.
func (e *Evidence) signedIn() (from, to time.Duration, ok bool) {
	for i := range e.Events {
		ev := &e.Events[i]
		if ev.Kind == history.SignedIn && ev.User == e.User {
			from, ok = ev.At, true
			break
		}
	}
	to = e.end()
	if at, signsOut := e.stepTime(workload.SignOut); signsOut {
		to = at
	}
	return from, to, ok
}

// speaks tells whether the client says anything of itself.
func (e *Evidence) speaks() bool {
	for i := range e.Events {
		if e.Events[i].From == history.AtClient && e.Events[i].Kind != history.Submitted {
			return true
		}
	}
	return false
}
