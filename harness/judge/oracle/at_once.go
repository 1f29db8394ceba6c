package oracle

import (
	"bytes"

	"gauntlet/harness/judge/history"
	"gauntlet/harness/judge/requirement"
	"gauntlet/harness/judge/trace"
)

// atOnce holds that of several messages which the user sends in a row none waits
// longer than for the answer to the request before it (S12, S14). When the first
// is sent nobody but the client knows: its user may take time to type.
func atOnce(t *trace.Trace) (f Assessment) {
	var before *trace.Request // that carried the message before, of the same step
	for i := range t.Events {
		switch ev := &t.Events[i]; ev.Kind {
		case history.StepBegan:
			before = nil
		case history.Submitted:
			r := firstWith(t, ev.Text)
			if before != nil && r != nil && r != before {
				judgeWait(&f, t, ev, r)
			}
			before = r
		}
	}
	f.Missing("the user sent no two messages in a row")
	return f
}

// telling is how long a text is at least that is found in no request by chance. A
// shorter one has to stand at the end, on a line of its own.
const telling = 8

// firstWith is the first request that carries a message; nil if none does, or if
// that cannot be told.
func firstWith(t *trace.Trace, text string) *trace.Request {
	if text == "" {
		return nil
	}
	said, line := []byte(text), []byte("\n"+text)
	for _, r := range t.Requests {
		if bytes.HasSuffix(r.Body, line) || len(text) >= telling && bytes.Contains(r.Body, said) {
			return r
		}
	}
	return nil
}

// delayers counts those who can delay an answer and the next request: the client, the box,
// the gateway and the recorder. Each may be as late as one of them was seen to be.
const delayers = 4

// judgeWait looks how long a message was held back while its session had nothing
// else to do. Where anything was in the way nothing is asked.
func judgeWait(f *Assessment, t *trace.Trace, said *history.Event, r *trace.Request) {
	last := requestBefore(r)
	if last == nil || !last.Served() || last.Unsure() || last.Conn != r.Conn || r.Began < last.Ended || t.Disturbed(last, r.Began) {
		return
	}
	if waited := r.Began - max(last.Ended, said.At); waited > requirement.LongestHold+t.Ties {
		f.margin = max(f.margin, (waited-requirement.LongestHold)/delayers) // the longest wait counts: one that a slow machine does not explain is enough
		f.Fail([]int{last.Ordinal, r.Ordinal}, "%q waited %s, from the answer to request %d to request %d, and no request of its session was out meanwhile",
			said.Text, waited, last.Ordinal, r.Ordinal)
		return
	}
	f.OK()
}

// requestBefore is the one before r in its session; nil if there is none.
func requestBefore(r *trace.Request) (last *trace.Request) {
	if r.Session == nil {
		return nil
	}
	for _, x := range r.Session.Requests {
		if x == r {
			return last
		}
		last = x
	}
	return nil
}
