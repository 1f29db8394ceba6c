package fate

import (
	"bytes"
	"math"
	"time"

	"gauntlet/harness/judge/history"
	"gauntlet/harness/judge/trace"
	"gauntlet/proxies/http1"
)

// conclude says what the client did after a disturbance, and by which request
// it went on, if by any.
func conclude(t *trace.Trace, d *disturbance, f *Fate) *trace.Request {
	next := t.Next(d.request, d.at)
	until := time.Duration(math.MaxInt64)
	if next != nil {
		until = next.Began
	}
	f.Concluded = said(t.Events, d.at, min(until, d.at+t.ComeBack))
	switch {
	case next == nil && len(f.Concluded) > 0:
	case next == nil:
		f.Concluded = append(f.Concluded, idle(t, d))
	case d.request == nil:
		f.Concluded = append(f.Concluded, WentOn)
	case f.Stage != trace.AnswerArrived || !next.IsOpen():
		f.Concluded = append(f.Concluded, how(d.request, next))
	default:
		f.Concluded = append(f.Concluded, OpenedAnew)
	}
	return next
}

// how one request goes on with another.
func how(r, next *trace.Request) Conclusion {
	switch {
	case asks(next) == asks(r) && bytes.Equal(next.Body, r.Body):
		return RepeatedIt
	case next.IsOpen():
		return OpenedAnew
	}
	return WentOn
}

// asks is the first line of a request.
func asks(r *trace.Request) string {
	return string(http1.StartLine(r.Head))
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
func idle(t *trace.Trace, d *disturbance) Conclusion {
	if d.request != nil && d.request.Session != nil && d.request.Session.ClientLeft {
		return HadDone
	}
	for i := range t.Events {
		ev := &t.Events[i]
		if ev.Kind.EndsClient() && ev.At <= d.at+t.ComeBack {
			return WasGone
		}
		if leaves := ev.Kind == history.RunEnded || ev.Kind == history.StepBegan && ev.Text == "sign out"; leaves && ev.At <= d.at+t.ComeBack {
			return HadDone
		}
	}
	return FellSilent
}
