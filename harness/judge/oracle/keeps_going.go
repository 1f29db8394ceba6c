package oracle

import (
	"cmp"
	"slices"
	"time"

	"gauntlet/harness/judge/history"
	"gauntlet/harness/run/workload"
)

// longestSilence is how long a signed-in client may go without a request.
const longestSilence = 30 * time.Second

// keepsGoing holds that the client asks for queued commands as long as its
// user is signed in (S9, S12, S42), whatever the network did. Where no request
// gets through, an attempt to connect that came to nothing is as good. A client
// whose request is out is asking, for as long as the answer that it gets in the
// end is held back.
func keepsGoing(e *Evidence) (f finding) {
	alive := e.signsOfLife()
	for _, stay := range e.stays() {
		last := stay.from
		for _, sign := range alive {
			if sign.to < stay.from || sign.from > stay.to {
				continue
			}
			f.silence(last, sign.from)
			last = max(last, sign.to)
		}
		f.silence(last, stay.to)
	}
	f.missing("the user never signed in")
	return f
}

// span is a time in which the client was asking.
type span struct{ from, to time.Duration }

// signsOfLife are the NS sessions' requests, each until it was answered if it
// was, and attempts to connect that came to nothing; in order.
func (e *Evidence) signsOfLife() []span {
	var list []span
	for _, at := range e.inVain() {
		list = append(list, span{at, at})
	}
	for _, r := range e.Requests {
		switch {
		case r.Session == nil || r.Session.Server != "NS":
		case r.Answered:
			list = append(list, span{r.Began, r.Ended})
		default:
			list = append(list, span{r.Began, r.Began})
		}
	}
	slices.SortStableFunc(list, func(a, b span) int { return cmp.Compare(a.from, b.from) })
	return list
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
