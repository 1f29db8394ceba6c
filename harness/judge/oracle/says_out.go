package oracle

import (
	"strconv"

	"gauntlet/harness/run/workload"
)

// saysOut holds that the client sent OUT on the sessions that its user left
// (S51), unless the gateway had ended them before.
func saysOut(e *Evidence) (f finding) {
	if _, left := e.stepTime(workload.SignOut); !left || e.endedByHand(workload.SignOut) {
		f.missing("the user did not sign out")
		return f
	}
	for _, s := range e.Sessions {
		if s.User != e.User || len(s.Requests) == 0 || !s.openArrived() {
			continue
		}
		if s.SaidOut || (s.Ended >= 0 && s.Why != "idle") || s.refused() {
			f.ok()
			continue
		}
		last := s.Requests[len(s.Requests)-1]
		f.fail([]int{last.Ordinal}, "%s session %d got no OUT; its last request was %d (%s) at %s",
			s.Server, s.Number, last.Ordinal, last.Name(), clock(last.Began))
	}
	return f
}

// openArrived tells whether the client can know of the session.
func (s *Session) openArrived() bool {
	for _, r := range s.Requests {
		if r.IsOpen() {
			return r.Answered
		}
	}
	return len(s.Requests) > 0
}

func itoa(n int) string { return strconv.Itoa(n) }
