package oracle

import (
	"time"

	"gauntlet/harness/history"
	"gauntlet/harness/workload"
)

// longestSilence is how long a signed-in client may go without a request.
const longestSilence = 30 * time.Second

// keepsGoing holds that the client asks for queued commands as long as its
// user is signed in (S9, S12, S42), whatever the network did.
func keepsGoing(e *Evidence) (f finding) {
	from, to, ok := e.signedIn()
	if !ok {
		f.missing("the user never signed in")
		return f
	}
	last := from
	for _, r := range e.Requests {
		if r.Began < from || r.Began > to || r.Session == nil || r.Session.Server != "NS" {
			continue
		}
		f.silence(last, r.Began)
		last = r.Began
	}
	f.silence(last, to)
	return f
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
