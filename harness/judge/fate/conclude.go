package fate

import (
	"bytes"
	"time"

	"gauntlet/harness/judge/history"
	"gauntlet/harness/judge/oracle"
	"gauntlet/proxies/http1"
)

// enough is the time after which a client that did nothing is silent and not
// only slow.
const enough = 30 * time.Second

// conclude says what the client did after a disturbance, and by which request
// it went on, if by any.
func conclude(e *oracle.Evidence, d disturbance, f *Fate) *oracle.Request {
	next := following(e, d)
	until := time.Duration(1<<63 - 1)
	if next != nil {
		until = next.Began
	}
	f.Concluded = said(e.Events, d.at, min(until, d.at+enough))
	switch {
	case next == nil && len(f.Concluded) > 0:
	case next == nil:
		f.Concluded = append(f.Concluded, idle(e, d))
	case d.request == nil:
		f.Concluded = append(f.Concluded, WentOn)
	case f.Stage != AnswerArrived || !next.IsOpen():
		f.Concluded = append(f.Concluded, how(d.request, next))
	default:
		f.Concluded = append(f.Concluded, OpenedAnew)
	}
	return next
}

// how one request goes on with another.
func how(r, next *oracle.Request) Conclusion {
	switch {
	case asks(next) == asks(r) && bytes.Equal(next.Body, r.Body):
		return RepeatedIt
	case next.IsOpen():
		return OpenedAnew
	}
	return WentOn
}

// asks is the first line of a request.
func asks(r *oracle.Request) string {
	return string(http1.StartLine(r.Head))
}

// following is the next request of the same session, or the next open where
// there is none; after a request that was never seen, the next of any kind.
func following(e *oracle.Evidence, d disturbance) *oracle.Request {
	var open *oracle.Request
	for _, r := range e.Requests {
		switch {
		case r == d.request || r.Began < d.at:
		case d.request == nil:
			return r
		case d.request.Session != nil && r.Session == d.request.Session:
			return r
		case open == nil && r.IsOpen() && server(r) == server(d.request):
			open = r
		}
	}
	return open
}

// server is the one that the request's session is with.
func server(r *oracle.Request) string {
	if r.Session != nil {
		return r.Session.Server
	}
	return r.Query.Server
}

// said is what the client told its user in that time.
func said(events []history.Event, from, until time.Duration) []Conclusion {
	list := []Conclusion{}
	seen := map[history.Kind]bool{}
	for i := range events {
		ev := &events[i]
		if ev.At < from || ev.At > until || seen[ev.Kind] {
			continue
		}
		switch ev.Kind {
		case history.Uncertain:
			list = append(list, ReportedUncertain)
		case history.Failed:
			list = append(list, ReportedFailure)
		}
		seen[ev.Kind] = true
	}
	return list
}

// idle says what it means that nothing followed.
func idle(e *oracle.Evidence, d disturbance) Conclusion {
	if d.request != nil && d.request.Session != nil && d.request.Session.SaidOut {
		return HadDone
	}
	for i := range e.Events {
		ev := &e.Events[i]
		if gone := ev.Kind == history.ClientGone || ev.Kind == history.Crashed; gone && ev.At <= d.at+enough {
			return WasGone
		}
		if leaves := ev.Kind == history.RunEnded || ev.Kind == history.StepBegan && ev.Text == "sign out"; leaves && ev.At <= d.at+enough {
			return HadDone
		}
	}
	return FellSilent
}
