package oracle

import (
	"cmp"
	"slices"
	"time"

	"gauntlet/harness/judge/history"
	"gauntlet/harness/judge/requirement"
	"gauntlet/harness/judge/trace"
	"gauntlet/harness/run/workload"
)

// keepsGoing holds that the client asks for queued commands as long as its
// user is signed in (S9, S12, S42), whatever the network did. Where no request
// gets through, an attempt to connect that came to nothing is as good. A client
// whose request is out is asking, for as long as the answer that it gets in the
// end is held back.
func keepsGoing(t *trace.Trace) (f Assessment) {
	alive := signsOfLife(t)
	for _, stay := range stays(t) {
		last := span{from: stay.from, to: stay.from}
		for _, sign := range alive {
			if sign.to < stay.from || sign.from > stay.to {
				continue
			}
			silence(&f, t, last, sign.from)
			sign.to = max(last.to, sign.to)
			last = sign
		}
		silence(&f, t, last, stay.to)
	}
	f.Missing("the user never signed in")
	return f
}

// span is a time in which the client was asking, with the request by which it
// did, which is evidence against one that lives on and is silent.
type span struct {
	from, to time.Duration
	said     []int
	trouble  bool // nothing came of it, or its connection did not last
}

// signsOfLife are the requests of home sessions, each until it was answered if it
// was, and attempts to connect that came to nothing; in order.
func signsOfLife(t *trace.Trace) []span {
	var list []span
	ended := endOf(t) != never
	for _, at := range t.FailedAttempts {
		list = append(list, span{from: at, to: at, trouble: true})
	}
	for _, slept := range t.Asleep {
		list = append(list, span{from: slept.From, to: slept.To, trouble: true})
	}
	lost := map[*trace.Request]bool{}
	for _, l := range t.Losses() {
		lost[l.Last] = true
	}
	for _, r := range t.Requests {
		if r.Session == nil || r.Session.Server != t.Words.Home {
			continue
		}
		sign := span{from: r.Began, to: r.Began + waitFor(t, r), trouble: lost[r] || !r.Answered || t.Disturbed(r, t.End())}
		if r.Answered {
			sign.to = r.Ended
		}
		if !ended {
			sign.said = []int{r.Ordinal}
		}
		list = append(list, sign)
	}
	slices.SortStableFunc(list, func(a, b span) int { return cmp.Compare(a.from, b.from) })
	return list
}

// silence judges the time from the last sign of life to another. Who was in trouble
// is given the time to come back.
func silence(f *Assessment, t *trace.Trace, last span, to time.Duration) {
	const told = "no request of the %s session between %s and %s"
	switch quiet := to - last.to; {
	case quiet > requirement.LongestSilence && resigned(t, last):
		f.Slip(last.said, told+": it was cut off until then, and told its user that it gave up", t.Words.Home, Clock(last.to), Clock(to))
	case quiet > requirement.LongestSilence && !last.trouble, quiet > max(requirement.BackMust, t.ComeBack):
		f.Fail(last.said, told, t.Words.Home, Clock(last.to), Clock(to))
	case quiet > requirement.LongestSilence:
		f.Slip(last.said, told, t.Words.Home, Clock(last.to), Clock(to))
	case quiet > 0:
		f.OK()
	}
}

// resigned reports whether the client had been cut off for so long that its session was
// dead, and told its user so when its last attempt failed, or ended, which tells it too.
func resigned(t *trace.Trace, last span) bool {
	served := time.Duration(0)
	for _, r := range t.Requests {
		if r.Served() && r.Ended <= last.from {
			served = max(served, r.Ended)
		}
	}
	return last.trouble && last.to-served >= requirement.BackMust && hearsSince(t, last.to-t.Ties, history.Failed, history.Quit, history.ClientGone)
}

// givenUp reports whether the client had resigned by then, and tried nothing since.
func givenUp(t *trace.Trace, by time.Duration) bool {
	alive := slices.DeleteFunc(signsOfLife(t), func(s span) bool { return s.from > by })
	return len(alive) > 0 && resigned(t, alive[len(alive)-1])
}

// stay is a time in which the user is signed in.
type stay struct{ from, to time.Duration }

// stays are the times from the end of a sign-in to the wish to leave, or to the
// end of the run. Who took leave, or was thrown out by a sign-in elsewhere, or told its
// user that the server had ended the session, is to come again when the user wants it;
// who was lost should have gone on.
func stays(t *trace.Trace) (list []stay) {
	end, in, others, over := t.End(), false, false, endedByServer(t)
	if at, signsOut := t.StepTime(workload.SignOut); signsOut {
		end = at
	}
	for i := range t.Events {
		ev := &t.Events[i]
		for len(over) > 0 && over[0] < ev.At {
			if in && over[0] < end {
				list[len(list)-1].to, in = over[0], false
			}
			over = over[1:]
		}
		switch {
		case ev.Kind == history.StepBegan:
			others = ev.Text == string(workload.Kicked) // who signs in now is not the user
		case ev.Kind == history.StepDone:
			others = false
		case ev.User != t.User || ev.At > end:
		case ev.Kind == history.SignedIn && !in && !others:
			list, in = append(list, stay{ev.At, end}), true
		case ev.Kind == history.SignedOut && in && leaves(t, ev):
			list[len(list)-1].to, in = ev.At, false
		}
	}
	return list
}

// endedByServer is when answers told the client for certain that its session at home was
// over, and its user heard of it; of one that says nothing of itself nobody knows that.
// Who was forgotten before and is once more need not come back if it says so or ends.
func endedByServer(t *trace.Trace) (at []time.Duration) {
	for _, r := range t.Requests {
		if r.Closes() && r.Server() == t.Words.Home && (!t.Speaks() || hearsSince(t, r.Ended-t.Ties, history.Failed, history.Quit)) {
			at = append(at, r.Ended)
		}
	}
	for i, again := range forgottenAt(t) {
		if i > 0 && hearsSince(t, again-t.Ties, history.Failed, history.Quit, history.ClientGone) {
			at = append(at, again)
		}
	}
	slices.Sort(at)
	return at
}

// leaves reports whether a sign-out ends what the client has to do.
func leaves(t *trace.Trace, ev *history.Event) bool {
	return ev.Text == t.Words.Leave || ev.Text == "replaced"
}

// pollNotTooOften holds that a client which was given nothing waits before it
// polls again (S12, S13). A poll that follows a command at once is none too many.
func pollNotTooOften(t *trace.Trace) (f Assessment) {
	early := time.Duration(0)
	for _, r := range rests(t) {
		if r.pause+t.Ties >= requirement.ShortestRest {
			f.OK()
			continue
		}
		early += requirement.ShortestRest - r.pause
		f.Fail([]int{r.poll.Ordinal}, "request %d polls %s after the answer to the poll before, which brought nothing", r.poll.Ordinal, r.pause)
	}
	f.margin = early / excusedPolls
	f.Missing("no idle poll was seen")
	return f
}

// excusedPolls is how many polls a machine that stands still may bring forward, each by
// as long as it does: a client whose polls are early all the time is not excused by that.
const excusedPolls = 20

// pollPace holds that an idle client's polls are 1 to 10 seconds apart (S13,
// S42). A command between two of them asks as well, so that they are no more
// than 10 seconds apart only where nothing else is sent.
func pollPace(t *trace.Trace) (f Assessment) {
	for _, r := range rests(t) {
		switch {
		case r.pause+t.Ties < requirement.QuickestPoll:
			f.Fail([]int{r.poll.Ordinal}, "request %d polls %s after the answer to the poll before, which brought nothing", r.poll.Ordinal, r.pause)
		case r.silent > requirement.SlowestPoll+t.Ties:
			f.Fail([]int{r.poll.Ordinal}, "request %d polls %s after an answer that brought nothing", r.poll.Ordinal, r.silent)
		default:
			f.OK()
		}
	}
	f.Missing("no idle poll was seen")
	return f
}

// rest is the pause of an idle client before one of its polls. It is measured
// from poll to poll, since the timer of many clients takes no notice of the
// commands between two polls.
type rest struct {
	poll   *trace.Request
	pause  time.Duration // since the answer to the poll before
	silent time.Duration // since the answer to the request before, of whatever kind
}

// rests lists the pauses of idle sessions, in which nothing was given to the
// client from one poll to the next. Long polls are exempt: there the gateway
// sets the pace. So is a poll after a lost request, which is a repeat, one that
// was kept from the wire, and one after a fault on the road, which may have kept
// it.
func rests(t *trace.Trace) []rest {
	var list []rest
	for _, s := range t.Sessions {
		var next *trace.Request
		for i, r := range s.Requests {
			before := next
			if next = pollUpTo(r, before); before == nil || !r.ShortPoll() {
				continue
			}
			last := s.Requests[i-1]
			kept := slices.ContainsFunc(t.FailedAttempts, func(at time.Duration) bool { return at > before.Ended && at <= r.Began })
			kept = kept || t.Disturbed(before, r.Began) || t.Disturbed(last, r.Began)
			if !kept && r.Began >= last.Ended { // else they overlap
				list = append(list, rest{r, r.Began - before.Ended, r.Began - last.Ended})
			}
		}
	}
	return list
}

// pollUpTo is the poll that the pause of the next one counts from, if from its answer
// on all requests were answered and brought nothing, r the last of them; before r it
// was before.
func pollUpTo(r, before *trace.Request) *trace.Request {
	switch {
	case !r.Served() || r.Unsure() || len(r.AnswerBody) > 0 || r.Asked.Hold != 0:
		return nil
	case r.ShortPoll():
		return r
	}
	return before
}

// Pace is the usual pause of the client before a poll, the median; 0 if none
// was seen.
func Pace(t *trace.Trace) time.Duration {
	var pauses []time.Duration
	for _, r := range rests(t) {
		pauses = append(pauses, r.pause)
	}
	if len(pauses) == 0 {
		return 0
	}
	slices.Sort(pauses)
	return pauses[len(pauses)/2]
}
