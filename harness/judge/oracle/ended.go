package oracle

import (
	"bytes"
	"slices"
	"time"

	"gauntlet/harness/judge/history"
	"gauntlet/harness/judge/trace"
)

// endedByItself reports whether the client ended though nobody had asked it to. That
// it did is judged by itself, and its user sees it: what is lost with it is no other defect.
func endedByItself(t *trace.Trace) bool {
	return slices.ContainsFunc(t.Events, func(ev history.Event) bool { return ev.Kind.EndsClient() })
}

// lostWithClient reports whether a message of the user's was lost because the client ended:
// in the step that was to send it, or before the client was served in the chat after
// what it had sent of it last.
func lostWithClient(t *trace.Trace, text string) bool {
	if !endedByItself(t) {
		return false
	}
	var (
		since    time.Duration
		underWay bool // the step that was to send it
	)
	for i := range t.Events {
		switch ev := &t.Events[i]; {
		case ev.Kind.EndsClient() && underWay:
			return true
		case ev.Kind == history.StepDone || ev.Kind == history.StepFailed:
			underWay = false
		case ev.Kind == history.Submitted && ev.Text == text:
			since, underWay = ev.At, true
		}
	}
	for _, r := range t.Requests {
		if bytes.Contains(r.Body, []byte(text)) {
			since = max(since, r.Began)
		}
	}
	return !slices.ContainsFunc(t.Requests, func(r *trace.Request) bool {
		return r.Server() == t.Words.Chat && r.Began > since && r.Served()
	})
}

// unseenWithClient reports whether a message to the user was not shown because the client
// ended: before it had the answer with that, or asked anything of the chat after it.
func unseenWithClient(t *trace.Trace, text string) bool {
	if !endedByItself(t) {
		return false
	}
	brought := false
	for _, r := range t.Requests {
		switch {
		case r.Server() != t.Words.Chat:
		case brought:
			return false
		default:
			brought = bytes.Contains(r.AnswerBody, []byte(text))
		}
	}
	return true
}
