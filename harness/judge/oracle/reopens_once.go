package oracle

import (
	"slices"

	"gauntlet/harness/judge/history"
)

// reopensOnce holds that a client whose session the gateway has forgotten
// opens one other and tells its user (S45, S52). One try with an id that a cut
// answer had shown is borne. A session that the client was told is over, or that
// it leaves, is not forgotten: who goes on asking there does something else
// wrong.
func reopensOnce(e *Evidence) (f finding) {
	for _, s := range e.Sessions {
		if s.Server == "NS" {
			judgeForgotten(&f, e, s)
		}
	}
	f.missing("the gateway forgot no session")
	return f
}

func judgeForgotten(f *finding, e *Evidence, s *Session) {
	refusal := s.refusal()
	if refusal == nil || s.SaidOut {
		return
	}
	asked := 0
	for _, r := range s.Requests {
		if r.Began > refusal.Ended {
			asked++
		}
	}
	opens := e.opensAfter(refusal)
	over := saysOutIn(refusal.Body) || s.closedBefore(refusal)
	switch {
	case over && (opens == 0 || asked > 1):
	case asked > 1:
		f.fail([]int{refusal.Ordinal}, "after request %d was answered with 400 the client sent %d more with that session's ids", refusal.Ordinal, asked)
	case opens == 0 && e.userGone(refusal.Ended):
	case opens == 0:
		f.fail([]int{refusal.Ordinal}, "after request %d was answered with 400 at %s the client opened no new session", refusal.Ordinal, clock(refusal.Ended))
	case e.speaks() && !e.says(history.Reopened):
		f.fail([]int{refusal.Ordinal}, "the client opened a new session after the 400 to request %d and did not tell its user", refusal.Ordinal)
	default:
		f.ok()
	}
}

// closedBefore reports whether the client had been told by Session=close that the
// session was over before it began r.
func (s *Session) closedBefore(r *Request) bool {
	return slices.ContainsFunc(s.Requests, func(x *Request) bool {
		return x.Served() && !x.ByReset && x.Header.Close && slices.Contains(s.IDs, x.Header.SessionID) && x.Ended <= r.Began
	})
}

// refusal is the session's first request that was answered with 400.
func (s *Session) refusal() *Request {
	for _, r := range s.Requests {
		if r.Answered && r.Status == 400 {
			return r
		}
	}
	return nil
}

func (e *Evidence) opensAfter(r *Request) int {
	n := 0
	for _, o := range e.Requests {
		if o.IsOpen() && o.Query.Server == r.Session.Server && o.Began >= r.Ended {
			n++
		}
	}
	return n
}

// says tells whether the client reported an event of that kind.
func (e *Evidence) says(kind history.Kind) bool {
	for i := range e.Events {
		if e.Events[i].From == history.AtClient && e.Events[i].Kind == kind {
			return true
		}
	}
	return false
}
