package oracle

import (
	"bytes"
	"slices"
	"time"

	"gauntlet/harness/judge/history"
	"gauntlet/harness/judge/requirement"
	"gauntlet/harness/judge/trace"
)

// ending is what a client breaks that ends though nobody has asked it to.
const ending requirement.ID = "command.carried-out"

// endOf is when it ended; never if it did not.
func endOf(t *trace.Trace) time.Duration {
	for i := range t.Events {
		if ev := &t.Events[i]; ev.Kind.EndsClient() {
			return ev.At
		}
	}
	return never
}

// lostByEnd reports whether these messages of the user's did not arrive because the
// client ended: in the step that was to send them, or soon after it had them and
// before the way to the chat was seen to be open.
func lostByEnd(t *trace.Trace, texts []string) bool {
	end := endOf(t)
	return end != never && !slices.ContainsFunc(texts, func(text string) bool {
		since, underWay := lastTried(t, text)
		served := func(r *trace.Request) bool { return r.Server() == t.Words.Chat && r.Began > since && r.Served() }
		return !underWay && (end > since+t.ComeBack || slices.ContainsFunc(t.Requests, served))
	})
}

// lastTried is when the client had taken a message on, or had it last in a request; underWay
// says that it ended in the step which gave it the message, and had not come to a later one.
func lastTried(t *trace.Trace, text string) (at time.Duration, underWay bool) {
	later := map[string]bool{} // messages of the same step
	for i := range t.Events {
		switch ev := &t.Events[i]; {
		case ev.Kind.EndsClient() && underWay:
			return at, true
		case underWay && (ev.Kind == history.StepDone || ev.Kind == history.StepFailed):
			at, underWay = ev.At, false
		case underWay && ev.Kind == history.Relayed && ev.User == t.User && later[ev.Text]:
			at, underWay = ev.At, false
		case ev.Kind == history.Submitted && ev.Text == text:
			at, underWay = ev.At, true
		case ev.Kind == history.Submitted:
			later[ev.Text] = underWay
		}
	}
	for _, r := range t.Requests {
		if r.Server() == t.Words.Chat && text != "" && bytes.Contains(r.Body, []byte(text)) {
			at = max(at, r.Began)
		}
	}
	return at, false
}

// unseenByEnd reports whether these messages to the user were not shown because the
// client ended: soon, and before it asked anything more of the chat than the answer
// with them.
func unseenByEnd(t *trace.Trace, texts []string) bool {
	end := endOf(t)
	return end != never && !slices.ContainsFunc(texts, func(text string) bool {
		said := slices.IndexFunc(t.Events, func(ev history.Event) bool {
			return ev.Kind == history.Relayed && ev.User == t.Contact && ev.Text == text
		})
		from := t.Events[said].At
		return end > from+t.ComeBack || askedAfter(t, from, text)
	})
}

// askedAfter reports whether the client had an answer with that text, from then on, and
// asked something of the chat after it.
func askedAfter(t *trace.Trace, from time.Duration, text string) bool {
	brought := never
	for _, r := range t.Requests {
		switch {
		case r.Server() != t.Words.Chat:
		case brought != never && r.Began > brought:
			return true
		case r.Ended >= from && r.Served() && !r.Unsure() && bytes.Contains(r.AnswerBody, []byte(text)):
			brought = r.Ended
		}
	}
	return false
}
