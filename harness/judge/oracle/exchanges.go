package oracle

import (
	"bytes"
	"time"

	"gauntlet/harness/judge/history"
	"gauntlet/harness/judge/requirement"
	"gauntlet/harness/judge/trace"
)

// oneInFlight holds that no request of a session begins while another of the
// same session is out (S14). A request is out from its first byte until the
// last byte of its answer is handed on, or until its connection ends: as the
// client's own socket says, where it was asked. One that crossed the end of its connection may be read long after it was sent, and is
// left out.
func oneInFlight(t *trace.Trace) (f Assessment) {
	last := map[*trace.Session]*trace.Request{}
	for _, r := range t.Requests {
		if r.Session == nil || r.IsOpen() || r.Crossed {
			continue
		}
		before := last[r.Session]
		last[r.Session] = r
		if before == nil {
			continue
		}
		if over(before, r, t.Ties) {
			f.OK()
			continue
		}
		f.Fail([]int{before.Ordinal, r.Ordinal},
			"request %d (%s, connection %d) began at %s while request %d (%s, connection %d) of the same session was out since %s",
			r.Ordinal, r.Name(), r.Conn, Clock(r.Began), before.Ordinal, before.Name(), before.Conn, Clock(before.Began))
	}
	f.Missing("fewer than two requests of one session were seen")
	return f
}

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

// firstWith is the first request that carries a message; nil if none does.
func firstWith(t *trace.Trace, text string) *trace.Request {
	for _, r := range t.Requests {
		if bytes.Contains(r.Body, []byte(text)) {
			return r
		}
	}
	return nil
}

// judgeWait looks how long a message was held back while its session had nothing
// else to do. Where anything was in the way nothing is asked.
func judgeWait(f *Assessment, t *trace.Trace, said *history.Event, r *trace.Request) {
	last := requestBefore(r)
	if last == nil || !last.Served() || last.Unsure() || last.Conn != r.Conn || r.Began < last.Ended || t.Disturbed(last, r.Began) {
		return
	}
	if waited := r.Began - max(last.Ended, said.At); waited > requirement.LongestHold+t.Ties {
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

// over reports whether a request was out no more when the next began. The client's
// own socket knows best. Nobody hears an answer before it is handed on, unless it
// went to a connection that was gone. The end of a connection is noticed later than
// it was made, as a rule up to ties later.
func over(before, next *trace.Request, ties time.Duration) bool {
	if before.Ended >= 0 && before.Ended <= next.Began {
		return true
	}
	for _, w := range before.Beside {
		if w.Conn == next.Conn && w.At >= next.Began {
			return !w.Open
		}
	}
	if before.Answered && !before.ByReset {
		return false
	}
	return before.Ended >= 0 && next.Began+ties >= before.Ended
}
