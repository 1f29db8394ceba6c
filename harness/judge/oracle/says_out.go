package oracle

import (
	"slices"
	"strconv"
	"time"

	"gauntlet/harness/judge/history"
	"gauntlet/harness/msn/msnhttp"
	"gauntlet/harness/run/workload"
)

// saysOut holds that the client sent OUT on the sessions that its user left
// (S51), unless the gateway had ended them before, or the client could not know
// of them yet.
func saysOut(e *Evidence) (f finding) {
	asked, left := e.stepTime(workload.SignOut)
	if !left || e.endedByHand(workload.SignOut) {
		f.missing("the user did not sign out")
		return f
	}
	gone := e.gone(asked)
	for _, s := range e.Sessions {
		if s.User != e.User || len(s.Requests) == 0 || !s.knownBy(gone) {
			continue
		}
		if s.SaidOut || s.outStalled(e) || (s.Ended >= 0 && s.Why != "idle") || s.refused() {
			f.ok()
			continue
		}
		last := s.Requests[len(s.Requests)-1]
		f.fail([]int{last.Ordinal}, "%s session %d got no OUT; its last request was %d (%s) at %s",
			s.Server, s.Number, last.Ordinal, last.Name(), clock(last.Began))
	}
	return f
}

// gone is when the client had left: when it began its OUT to the notification
// server, or, if it said none, when its user asked it to leave.
func (e *Evidence) gone(asked time.Duration) time.Duration {
	for _, r := range e.Requests {
		if r.Began >= asked && r.Session != nil && r.Session.Server == msnhttp.ServerNS && saysOutIn(r.Body) {
			return r.Began
		}
	}
	return asked
}

// knownBy reports whether the client can have known of the session by then: the
// answer to its open had arrived.
func (s *Session) knownBy(at time.Duration) bool {
	for _, r := range s.Requests {
		if r.IsOpen() {
			return r.Answered && r.Ended <= at
		}
	}
	return len(s.Requests) > 0
}

// outStalled reports whether the client sent OUT whole and was kept waiting for
// the answer until it left: nobody told it that OUT had gone astray.
func (s *Session) outStalled(e *Evidence) bool {
	return slices.ContainsFunc(s.Requests, func(r *Request) bool {
		return r.Received && !r.Answered && saysOutIn(r.Body) && !slices.ContainsFunc(e.Connections, func(c *history.Connection) bool {
			return c.Number == r.Conn && c.Closed >= 0 && c.By != "peer"
		})
	})
}

func itoa(n int) string { return strconv.Itoa(n) }
