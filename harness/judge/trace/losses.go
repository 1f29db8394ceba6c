package trace

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"gauntlet/harness/judge/history"
	"gauntlet/harness/judge/requirement"
)

// A client that is known to poll slowly notices a loss later: it may miss three
// polls, and take this long for the rest.
const missedPolls, lateness = 3, 15 * time.Second

// calibrate gives a client whose usual pause is known the time that it needs.
func (t *Trace) calibrate(pause string) {
	if pace, err := time.ParseDuration(pause); err == nil {
		t.ComeBack = max(requirement.BackShould, lateness+missedPolls*pace)
	}
}

// Loss is a disturbance: a request without a whole answer of the gateway's, or
// a connection that others closed, or a fault disturbed, while it was idle.
type Loss struct {
	Last *Request // that was lost, or the last one before
	At   time.Duration
}

// Losses are those of the run.
func (t *Trace) Losses() (list []Loss) {
	last := map[int]*Request{}
	for _, r := range t.Requests {
		last[r.Conn] = r
		if r.Lost() {
			list = append(list, Loss{r, r.Ended})
		}
	}
	for _, c := range t.Connections {
		if r := last[c.Number]; r != nil && r.Served() && t.lostIdle(c, r) {
			list = append(list, Loss{r, c.Closed})
		}
	}
	return list
}

// lostIdle reports whether others closed an idle connection, or a fault disturbed it
// so that the client gave it up by itself: it was half closed, for instance.
func (t *Trace) lostIdle(c *history.Connection, last *Request) bool {
	return c.ClosedOnClient() || c.Closed >= 0 && t.fired.within(c.Number, last.Ended+1, c.Closed)
}

// strikes are the times at which faults fired on each connection at hop 0.
type strikes map[int][]time.Duration

// strikesOf reads those of any sort, and those on the road. In a history on real
// sockets what happened earlier may stand later.
func strikesOf(events []history.Event) (all, road strikes) {
	all, road = strikes{}, strikes{}
	for i := range events {
		if ev := &events[i]; ev.Kind == history.Fired && ev.Hop == 0 {
			all[ev.Conn] = append(all[ev.Conn], ev.At)
			if onRoad(ev.Fault) {
				road[ev.Conn] = append(road[ev.Conn], ev.At)
			}
		}
	}
	for _, s := range []strikes{all, road} {
		for _, times := range s {
			slices.Sort(times)
		}
	}
	return all, road
}

// within reports whether a fault fired on a connection in that time.
func (s strikes) within(conn int, from, to time.Duration) bool {
	times := s[conn]
	i, _ := slices.BinarySearch(times, from)
	return i < len(times) && times[i] <= to
}

// Disturbed reports whether the connection of a request was disturbed before
// the next request was seen, so that what the client did meanwhile may not be
// seen: a fault fired on it while it was idle, or one on the road during or after
// the request, or the client slept. What is sent into such a road reaches no hop.
func (t *Trace) Disturbed(r *Request, next time.Duration) bool {
	return t.fired.within(r.Conn, r.Ended+1, next) || t.firedOnRoad.within(r.Conn, r.Began, next) || t.slept(r.Began, next)
}

// slept reports whether the client was suspended in that time.
func (t *Trace) slept(from, to time.Duration) bool {
	return slices.ContainsFunc(t.Asleep, func(s Span) bool { return s.From <= to && s.To >= from })
}

// onRoad reports whether a fault is one of the way between two ends: all of
// these, and no others, do something to a flow.
func onRoad(fault string) bool { return strings.Contains(fault, " flow") }

// Next is the request by which the client went on after a loss: the first that
// continues what was lost, else the first that opens another session with the
// same server. After a request that was never seen (nil) it is the next of any
// kind.
func (t *Trace) Next(lost *Request, at time.Duration) (next *Request) {
	from, _ := slices.BinarySearchFunc(t.Requests, at, func(r *Request, at time.Duration) int { return cmp.Compare(r.Began, at) })
	for _, r := range t.Requests[from:] {
		switch {
		case r == lost:
		case lost == nil || r.Continues(lost):
			return r
		case next == nil && r.IsOpen() && r.Server() == lost.Server():
			next = r
		}
	}
	return next
}
