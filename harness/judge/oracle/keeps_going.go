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
	alive := e.signsOfLife()
	for _, stay := range e.stays() {
		last := stay.from
		for _, at := range alive {
			if at < stay.from || at > stay.to {
				continue
			}
			f.silence(last, at)
			last = at
		}
		f.silence(last, stay.to)
	}
	f.missing("the user never signed in")
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

// stay is a time in which the user is signed in.
type stay struct{ from, to time.Duration }

// stays are the times from the end of a sign-in to the wish to leave, or to the
// end of the run. Who has said OUT, or was thrown out by a sign-in elsewhere, is
// to come again when the user wants it; who was lost should have gone on.
func (e *Evidence) stays() (list []stay) {
	end, in := e.end(), false
	if at, signsOut := e.stepTime(workload.SignOut); signsOut {
		end = at
	}
	for i := range e.Events {
		ev := &e.Events[i]
		switch {
		case ev.User != e.User || ev.At > end:
		case ev.Kind == history.SignedIn && !in:
			list, in = append(list, stay{ev.At, end}), true
		case ev.Kind == history.SignedOut && in && leaves(ev):
			list[len(list)-1].to, in = ev.At, false
		}
	}
	return list
}

// leaves reports whether a sign-out ends what the client has to do.
func leaves(ev *history.Event) bool { return ev.Text == "OUT" || ev.Text == "replaced" }

// speaks tells whether the client says anything of itself.
func (e *Evidence) speaks() bool {
	for i := range e.Events {
		if e.Events[i].From == history.AtClient && e.Events[i].Kind != history.Submitted {
			return true
		}
	}
	return false
}
