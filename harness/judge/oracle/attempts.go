package oracle

import (
	"cmp"
	"slices"
	"time"

	"gauntlet/harness/judge/history"
	"gauntlet/harness/judge/trace"
)

// patienceAfter is from the how-manieth error in a row on a client must slow
// down. Then it should try once in slowest; no source says so, and clients in use
// pause for 0.2 seconds and more. Ten tries a second are far beyond all of them:
// who tries sooner than after a storm breaks a must.
const (
	patienceAfter = 3
	slowest       = time.Second
	storm         = 100 * time.Millisecond
)

// backsOff holds that from the third error in a row on a client tries at most
// once a second, for each session that it has or tries to have (S17), and by no
// means as fast as it can.
func backsOff(t *trace.Trace) (f Assessment) {
	for _, s := range t.Sessions {
		judgeTries(&f, t, requestTries(s), 1)
	}
	judgeTries(&f, t, opens(t), 1)
	judgeTries(&f, t, dialTries(t), max(1, len(t.Sessions), triedSessions(t)))
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
	for _, r := range t.Requests {
		if r.IsOpen() && r.Asked.Server == t.Words.Home {
			list = append(list, try{r.Began, r.Ordinal, !r.Served()})
		}
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

// judgeTries lets at most atOnce tries pass in a second once there were three
// errors in a row.
func judgeTries(f *Assessment, t *trace.Trace, tries []try, atOnce int) {
	inRow := 0
	for i, now := range tries {
		if inRow >= patienceAfter*atOnce && i >= atOnce {
			earlier := tries[i-atOnce]
			const told = "after %d errors in a row the client tried again at %s, %s after the try before"
			switch gap := now.at - earlier.at; {
			case gap+t.Ties < storm:
				f.Fail([]int{now.ordinal}, told, inRow, Clock(now.at), gap)
				return
			case gap+t.Ties < slowest:
				f.Slip([]int{now.ordinal}, told, inRow, Clock(now.at), gap)
			default:
				f.OK()
			}
		}
		inRow++
		if !now.wrong {
			inRow = 0
		}
	}
}

// recovers holds that the client works again within 30 seconds of the last
// fault (S17, S50), or of the time when it had waited long enough for what that
// held back.
func recovers(t *trace.Trace) (f Assessment) {
	fault := t.LastFault()
	if fault == nil {
		f.Missing("no fault struck")
		return f
	}
	last := waitedUntil(t, fault.At)
	for _, r := range t.Requests {
		if r.Served() && r.Ended > last && r.Ended <= last+t.ComeBack {
			f.OK()
			return f
		}
	}
	switch {
	case t.UserGone(last):
		f.Missing("the user left before it could be seen")
		return f
	case t.End() < last+t.ComeBack:
		f.Missing("the run was over before it could be seen")
		return f
	}
	f.Fail(nil, "the last fault struck at %s, and no request was answered in the %s after it", Clock(fault.At), last-fault.At+t.ComeBack)
	return f
}

// longestWait is how long a client may wait for an answer, by right: browsers and
// libraries wait for as long.
const longestWait = time.Minute

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
	again := slices.ContainsFunc(r.Session.Requests, func(x *trace.Request) bool { return x.Began >= r.Ended && x != r })
	if waited := r.Ended - r.Began; again && waited <= longestWait+t.Ties {
		return waited
	}
	return 0
}
