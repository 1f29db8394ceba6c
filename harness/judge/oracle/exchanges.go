package oracle

import (
	"slices"
	"time"

	"gauntlet/harness/judge/trace"
)

// oneInFlight holds that no request of a session begins while another of the
// same session is out (S14). A request is out from its first byte until the
// last byte of its answer is handed on, or until its connection ends: as the
// client's own socket says, where it was asked. Left out are one that crossed the end
// of its connection, which may be read long after it was sent, and one whose token came
// in another session's answer, too: the client could not know whose it was.
func oneInFlight(t *trace.Trace) (f Assessment) {
	last := map[*trace.Session]*trace.Request{}
	given := map[string][]*trace.Session{} // whose answers brought a token
	for _, r := range t.Requests {
		astray := func(to *trace.Session) bool { return to != r.Session }
		misled := slices.ContainsFunc(given[r.Asked.Token], astray)
		if r.Served() {
			given[r.Given.Token] = append(given[r.Given.Token], meant(r))
		}
		if r.Session == nil || r.IsOpen() || r.Crossed || misled {
			continue
		}
		before := last[r.Session]
		last[r.Session] = r
		if before == nil {
			continue
		}
		over, margin := over(t, before, r)
		if over {
			f.OK()
			continue
		}
		f.Fail([]int{before.Ordinal, r.Ordinal},
			"request %d (%s, connection %d) began at %s while request %d (%s, connection %d) of the same session was out since %s",
			r.Ordinal, r.Name(), r.Conn, Clock(r.Began), before.Ordinal, before.Name(), before.Conn, Clock(before.Began))
		f.Within(margin)
	}
	f.Missing("fewer than two requests of one session were seen")
	return f
}

// meant is the session for which the client takes an answer: none that is known for an
// open that was answered with the token of a session which was there before.
func meant(r *trace.Request) *trace.Session {
	if r.IsOpen() && r.Session != nil && r.Session.Requests[0] != r {
		return nil
	}
	return r.Session
}

// anyDelay is more than any machine is late.
const anyDelay = time.Hour

// over reports whether a request was out no more when the next began, and how late
// the machine may have been for that to be so; 0: what is usual. The client's own
// socket knows best. Nobody hears an answer before it is handed on, unless it went to
// a connection that was gone. The end of a connection is noticed later than it was
// made, as a rule up to ties later; and of what came over a road that was closed
// for a while nobody but the client knows when it came.
func over(t *trace.Trace, before, next *trace.Request) (over bool, margin time.Duration) {
	soon := before.Ended >= 0 && next.Began+t.Ties >= before.Ended
	switch {
	case before.Ended >= 0 && before.Ended <= next.Began:
		return true, anyDelay
	case t.Disturbed(before, next.Began):
		return soon, 0
	}
	for _, w := range before.Beside {
		if w.Conn == next.Conn && w.At >= next.Began {
			return !w.Open, anyDelay
		}
	}
	if before.Answered && !before.ByReset {
		return false, Unaware(t, next, before, before)
	}
	return soon, 0
}

// heard is how late the machine may have been for it to be certain that the client has
// heard the answer to r: one that left the connection may have done so before.
func heard(t *trace.Trace, r *trace.Request) time.Duration {
	if after, left := r.LeftAfter(); left {
		return max(after, t.Ties)
	}
	return anyDelay
}

// Unaware is how late the machine may have been for it to be certain that the client knew
// of the answer to newest when it sent r, which it should not have sent after that to since:
// on another connection r may have lain unread.
func Unaware(t *trace.Trace, r, newest, since *trace.Request) time.Duration {
	margin := heard(t, newest)
	if by, possible := r.LaterThan(since); possible {
		margin = min(margin, max(by, t.Ties))
	}
	return margin
}
