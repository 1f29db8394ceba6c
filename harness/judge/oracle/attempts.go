package oracle

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	"gauntlet/harness/judge/history"
	"gauntlet/harness/judge/requirement"
	"gauntlet/harness/judge/trace"
	"gauntlet/harness/run/workload"
)

// backsOff holds that after the third error in a row a client tries at most once
// a second, for each session that it has or tries to have (S17), and by no means
// as fast as it can.
func backsOff(t *trace.Trace) (f Assessment) {
	for _, s := range t.Sessions {
		judgeTries(&f, t, requestTries(s), 1)
	}
	judgeTries(&f, t, opens(t), 1)
	judgeTries(&f, t, dialTries(t), max(1, len(t.Sessions), triedSessions(t)))
	for _, b := range comebacks(t) {
		if b.rested(t) {
			f.OK()
		}
	}
	f.Missing("fewer than three errors in a row were seen")
	return f
}

// triedSessions is how many sessions the client may have tried to open, whether
// or not they came about: those that its user needs, and each that it says it
// began anew.
func triedSessions(t *trace.Trace) int {
	n := wantedSessions(t, t.Words.Home) + wantedSessions(t, t.Words.Chat)
	for i := range t.Events {
		if t.Events[i].Kind == history.Reopened {
			n++
		}
	}
	return n
}

// try is one attempt of the client's, and whether it went wrong.
type try struct {
	at      time.Duration
	ordinal int
	wrong   bool
}

func requestTries(s *trace.Session) []try {
	var list []try
	for _, r := range s.Requests {
		list = append(list, try{r.Began, r.Ordinal, !r.Served()})
	}
	return list
}

// opens are the tries to open a home session, of which a user has one at a time.
func opens(t *trace.Trace) []try {
	var list []try
	for _, r := range t.Opens(t.Words.Home, 0) {
		list = append(list, try{r.Began, r.Ordinal, !r.Served()})
	}
	return list
}

// dialTries are the attempts to connect; all sessions share them.
func dialTries(t *trace.Trace) []try {
	var list []try
	for _, d := range t.Dials {
		list = append(list, try{at: d.At, wrong: d.Failed != ""})
	}
	slices.SortStableFunc(list, func(a, b try) int { return cmp.Compare(a.at, b.at) })
	for _, at := range t.Fruitless() {
		markLast(list, at)
	}
	return list
}

// markLast notes that the last try before at went wrong.
func markLast(tries []try, at time.Duration) {
	for i := range slices.Backward(tries) {
		if tries[i].at <= at {
			tries[i].wrong = true
			return
		}
	}
}

// judgeTries lets atOnce parties try once a second each, once they have had three
// errors in a row, and sees to it that they do not storm.
func judgeTries(f *Assessment, t *trace.Trace, tries []try, atOnce int) {
	inRow, few, many := 0, requirement.FreeErrors*atOnce, requirement.StormTries*atOnce
	for i, now := range tries {
		if inRow >= many && now.at-tries[i-many].at+t.Ties < requirement.StormFor {
			f.Fail([]int{now.ordinal}, "in %s the client tried %d times, and each time in vain; the last was at %s", (now.at - tries[i-many].at).Round(time.Millisecond), many+1, Clock(now.at))
			f.margin = requirement.StormFor - (now.at - tries[i-many].at) // a late machine makes a storm no worse than that
			return
		}
		switch gap := now.at - tries[max(0, i-atOnce)].at; {
		case inRow < few:
		case inRow >= few+atOnce && gap+t.Ties < requirement.OncePer: // the pause right after the third error is a client's own
			f.Slip([]int{now.ordinal}, "after %d errors in a row the client tried again at %s, %s after the try before", inRow, Clock(now.at), gap.Round(time.Millisecond))
		default:
			f.OK()
		}
		inRow++
		if !now.wrong {
			inRow = 0
		}
	}
}

// recovers holds that the client works again soon after the last fault (S17,
// S50), or after the time when it had waited long enough for what that held back.
func recovers(t *trace.Trace) (f Assessment) {
	fault := t.LastFault()
	if fault == nil {
		f.Missing("no fault fired")
		return f
	}
	last := waitedUntil(t, fault.At)
	for _, r := range t.Requests {
		if r.Served() && r.Ended > last {
			back(&f, t, last, last, r.Ended, nil, "the last fault fired at %s", Clock(fault.At))
			return f
		}
	}
	back(&f, t, last, last, never, nil, "the last fault fired at %s", Clock(fault.At))
	if t.UserGone(last) {
		f.Missing("the user left before it could be seen")
	}
	f.Missing("the run was over before it could be seen")
	return f
}

// never is the time of what did not happen.
const never = time.Duration(-1)

// back judges when a client was back that was in trouble until then: it should be
// soon after the one time and must be after the other. Who left meanwhile, or was
// not watched for so long, is judged by what was seen.
func back(f *Assessment, t *trace.Trace, should, must, at time.Duration, exchanges []int, format string, args ...any) {
	late, tooLate := should+t.ComeBack, must+max(requirement.BackMust, t.ComeBack)
	if at != never && at <= late {
		f.OK()
		return
	}
	seen := at
	if at == never {
		seen = watchedUntil(t, should)
	}
	what := fmt.Sprintf(format, args...)
	switch {
	case seen > tooLate:
		f.Fail(exchanges, "%s, and the client was not back by %s", what, Clock(tooLate))
	case seen > late:
		f.Slip(exchanges, "%s, and the client was not back by %s", what, Clock(late))
	}
}

// watchedUntil is until when a client whose user had not left by then can be seen
// to be silent.
func watchedUntil(t *trace.Trace, from time.Duration) time.Duration {
	until := t.End()
	if asked, leaves := t.StepTime(workload.SignOut); leaves {
		until = min(until, asked)
	}
	if left, leaves := t.Leaves(from); leaves {
		until = min(until, left)
	}
	return until
}

// waitedUntil is when a client stopped to wait for what was out at that time, if it
// went on to ask again, or the time itself.
func waitedUntil(t *trace.Trace, at time.Duration) time.Duration {
	last := at
	for _, r := range t.Requests {
		if waited := waitFor(t, r); r.Began <= at && r.Began+waited > last {
			last = r.Began + waited
		}
	}
	return last
}

// waitFor is how long the client waited in vain for the answer to a request before
// it asked again in that session; 0 if it did not wait or ask again.
func waitFor(t *trace.Trace, r *trace.Request) time.Duration {
	if !r.Lost() || r.Session == nil {
		return 0
	}
	all := r.Session.Requests
	if all[len(all)-1] == r {
		all = all[:len(all)-1]
	}
	again := len(all) > 0 && all[len(all)-1].Began >= r.Ended
	if waited := r.Ended - r.Began; again && waited <= requirement.LongestWait+t.Ties {
		return waited
	}
	return 0
}
