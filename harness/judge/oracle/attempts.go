package oracle

import (
	"cmp"
	"slices"
	"time"

	"gauntlet/harness/judge/history"
	"gauntlet/harness/judge/trace"
	"gauntlet/harness/msn/msnhttp"
)

// patienceAfter is from the how-manieth error in a row on a client must slow
// down, and slowest is how often it may then try.
const (
	patienceAfter = 3
	slowest       = time.Second
)

// backsOff holds that from the third error in a row on a client tries at most
// once a second, for each session that it has or tries to have (S17).
func backsOff(t *trace.Trace) (f assessment) {
	for _, s := range t.Sessions {
		judgeTries(&f, t, requestTries(s), 1)
	}
	judgeTries(&f, t, opens(t), 1)
	judgeTries(&f, t, dialTries(t), max(1, len(t.Sessions), triedSessions(t)))
	f.missing("fewer than three errors in a row were seen")
	return f
}

// triedSessions is how many sessions the client may have tried to open, whether
// or not they came about: those that its user needs, and each that it says it
// began anew.
func triedSessions(t *trace.Trace) int {
	n := wantedSessions(t, "NS") + wantedSessions(t, "SB")
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

// opens are the tries to open an NS session, of which a user has one at a time.
func opens(t *trace.Trace) []try {
	var list []try
	for _, r := range t.Requests {
		if r.IsOpen() && r.Query.Server == msnhttp.ServerNS {
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
func judgeTries(f *assessment, t *trace.Trace, tries []try, atOnce int) {
	inRow := 0
	for i, now := range tries {
		if inRow >= patienceAfter*atOnce && i >= atOnce {
			earlier := tries[i-atOnce]
			if gap := now.at - earlier.at; gap+t.Ties < slowest {
				f.fail([]int{now.ordinal}, "after %d errors in a row the client tried again at %s, %s after the try before", inRow, clock(now.at), gap)
				return
			}
			f.ok()
		}
		inRow++
		if !now.wrong {
			inRow = 0
		}
	}
}

// recovers holds that the client works again within 30 seconds of the last
// fault (S17, S50).
func recovers(t *trace.Trace) (f assessment) {
	fault := t.LastFault()
	if fault == nil {
		f.missing("no fault struck")
		return f
	}
	last := fault.At
	for _, r := range t.Requests {
		if r.Served() && r.Ended > last && r.Ended <= last+t.ComeBack {
			f.ok()
			return f
		}
	}
	switch {
	case t.UserGone(last):
		f.missing("the user left before it could be seen")
		return f
	case t.End() < last+t.ComeBack:
		f.missing("the run was over before it could be seen")
		return f
	}
	f.fail(nil, "the last fault struck at %s, and no request was answered in the %s after it", clock(last), t.ComeBack)
	return f
}
