package oracle

import (
	"cmp"
	"slices"
	"time"

	"gauntlet/harness/judge/history"
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
func backsOff(e *Evidence) (f finding) {
	for _, s := range e.Sessions {
		judgeTries(&f, e, requestTries(s), 1)
	}
	judgeTries(&f, e, opens(e), 1)
	judgeTries(&f, e, dialTries(e), max(1, len(e.Sessions), e.triedSessions()))
	f.missing("fewer than three errors in a row were seen")
	return f
}

// triedSessions is how many sessions the client may have tried to open, whether
// or not they came about: those that its user needs, and each that it says it
// began anew.
func (e *Evidence) triedSessions() int {
	n := e.wantedSessions("NS") + e.wantedSessions("SB")
	for i := range e.Events {
		if e.Events[i].Kind == history.Reopened {
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

func requestTries(s *Session) []try {
	var list []try
	for _, r := range s.Requests {
		list = append(list, try{r.Began, r.Ordinal, !r.Served()})
	}
	return list
}

// opens are the tries to open an NS session, of which a user has one at a time.
func opens(e *Evidence) []try {
	var list []try
	for _, r := range e.Requests {
		if r.IsOpen() && r.Query.Server == msnhttp.ServerNS {
			list = append(list, try{r.Began, r.Ordinal, !r.Served()})
		}
	}
	return list
}

// dialTries are the attempts to connect; all sessions share them.
func dialTries(e *Evidence) []try {
	var list []try
	for _, d := range e.dials() {
		list = append(list, try{at: d.at, wrong: d.failed != ""})
	}
	slices.SortStableFunc(list, func(a, b try) int { return cmp.Compare(a.at, b.at) })
	for _, at := range slices.Concat(e.turnedAway(), e.barren()) {
		markLast(list, at)
	}
	return list
}

// barren are the times at which connections were accepted that ended without an
// answer of the gateway's to anything that was said on them: no tunnel was made,
// or what was asked in it or without one went nowhere.
func (e *Evidence) barren() []time.Duration {
	served := map[int]bool{}
	for _, r := range e.Requests {
		served[r.Conn] = served[r.Conn] || r.Served()
	}
	var times []time.Duration
	for _, c := range e.Connections {
		if said := len(c.Exchanges) > 0 || len(c.Opaque) > 0; said && c.Closed >= 0 && !served[c.Number] {
			times = append(times, c.Accepted)
		}
	}
	return times
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

// turnedAway are the times at which connections were refused at hop 0. On real
// sockets a refused connection is one that was accepted and reset: the dial
// itself came about.
func (e *Evidence) turnedAway() []time.Duration {
	var times []time.Duration
	for i := range e.Events {
		if ev := &e.Events[i]; ev.From == history.AtHop && ev.Hop == 0 && ev.Kind == history.Refused {
			times = append(times, ev.At)
		}
	}
	return times
}

// judgeTries lets at most atOnce tries pass in a second once there were three
// errors in a row.
func judgeTries(f *finding, e *Evidence, tries []try, atOnce int) {
	inRow := 0
	for i, t := range tries {
		if inRow >= patienceAfter*atOnce && i >= atOnce {
			earlier := tries[i-atOnce]
			if gap := t.at - earlier.at; gap+e.Ties < slowest {
				f.fail([]int{t.ordinal}, "after %d errors in a row the client tried again at %s, %s after the try before", inRow, clock(t.at), gap)
				return
			}
			f.ok()
		}
		inRow++
		if !t.wrong {
			inRow = 0
		}
	}
}
