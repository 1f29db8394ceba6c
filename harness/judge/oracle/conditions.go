package oracle

import (
	"slices"

	"gauntlet/harness/judge/history"
	"gauntlet/harness/judge/requirement"
	"gauntlet/harness/judge/trace"
	"gauntlet/harness/run/workload"
)

// Condition is what has to have come about in a run, for this client, before it can
// be said to have kept a requirement: without it a pass would be worth nothing.
type Condition struct {
	Occurred func(*trace.Trace) bool
	Missing  string // what is said where it did not
}

// In makes a condition that one of the things that pick finds in a trace meets.
func In[T any](pick func(*trace.Trace) []T, meets func(*trace.Trace, T) bool, missing string) Condition {
	return Condition{func(t *trace.Trace) bool {
		return slices.ContainsFunc(pick(t), func(x T) bool { return meets(t, x) })
	}, missing}
}

// Requests are a client's, for In.
func Requests(t *trace.Trace) []*trace.Request { return t.Requests }

func sessionsOf(t *trace.Trace) []*trace.Session         { return t.Sessions }
func eventsOf(t *trace.Trace) []history.Event            { return t.Events }
func dialsOf(t *trace.Trace) []trace.Dial                { return t.Dials }
func connectionsOf(t *trace.Trace) []*history.Connection { return t.Connections }

// Spoke is that a client sent a command.
func Spoke() Condition {
	return In(Requests, func(_ *trace.Trace, r *trace.Request) bool { return len(r.Commands()) > 0 }, "no command was seen")
}

func rested() Condition {
	return In(rests, func(*trace.Trace, rest) bool { return true }, "no idle poll was seen")
}

func twoRequests(opens bool) Condition {
	return In(sessionsOf, func(_ *trace.Trace, s *trace.Session) bool {
		n := len(s.Requests)
		if n > 0 && !opens && s.Requests[0].IsOpen() {
			n--
		}
		return n > 1
	}, "no two requests of one session were seen")
}

// askedFor is that a user asked the client for something that was done, or was not: a
// time that passes, and what others do, is nothing to carry out.
func askedFor() Condition {
	return In(eventsOf, func(_ *trace.Trace, ev history.Event) bool {
		if ev.Kind != history.StepDone && ev.Kind != history.StepFailed {
			return false
		}
		step, err := workload.ParseStep(ev.Text)
		return err != nil || !slices.Contains([]workload.Verb{workload.Stay, workload.Kicked, workload.Forget}, step.Verb)
	}, "the user asked for nothing")
}

// struck is that a fault did anything at all.
func struck() Condition {
	return In(eventsOf, func(_ *trace.Trace, ev history.Event) bool { return ev.Kind == history.Fired }, "no fault struck")
}

// signedIn is that the user stayed for longer than any client rests.
func signedIn() Condition {
	return In(stays, func(_ *trace.Trace, s stay) bool { return s.to-s.from > requirement.QuickestPoll }, "the user was never signed in, or not for long enough to be silent")
}

func passed(who func(*trace.Trace) string, least int, missing string) Condition {
	return Condition{func(t *trace.Trace) bool { return len(relayed(t, who(t))) >= least }, missing}
}

func theUser(t *trace.Trace) string    { return t.User }
func theContact(t *trace.Trace) string { return t.Contact }

// or is that one of two came about.
func (c Condition) or(other Condition) Condition {
	return Condition{func(t *trace.Trace) bool { return c.Occurred(t) || other.Occurred(t) }, c.Missing + ", and " + other.Missing}
}

// lostCommand is that a request with a transaction was lost while its session was
// open.
func lostCommand() Condition {
	return In(Requests, func(_ *trace.Trace, r *trace.Request) bool {
		return (r.Lost() || r.Unsure()) && !r.IsOpen() && r.Session != nil && len(r.Transactions()) > 0
	}, "nothing that was asked of a server was lost on the way")
}

// aliveAtTheEnd is that a session of the user's was there to be left.
func aliveAtTheEnd() Condition {
	return In(sessionsOf, func(t *trace.Trace, s *trace.Session) bool {
		asked, wanted := t.StepTime(workload.SignOut)
		over := s.Ended >= 0 && s.Ended < asked && s.Why != "idle" && !s.ClientLeft
		return wanted && s.User == t.User && len(s.Requests) > 0 && s.KnownBy(leftAt(t, asked)) && !over && (!s.Refused() || s.ClientLeft)
	}, "no session was there to be left when the user signed out")
}

func errorsInRow(t *trace.Trace) bool {
	lists := [][]try{opens(t), dialTries(t)}
	for _, s := range t.Sessions {
		lists = append(lists, requestTries(s))
	}
	return slices.ContainsFunc(lists, func(tries []try) bool {
		inRow := 0
		return slices.ContainsFunc(tries, func(x try) bool {
			inRow++
			if !x.wrong {
				inRow = 0
			}
			return inRow >= requirement.FreeErrors
		})
	})
}

// reopened reports whether a session was opened after one had been refused.
func reopened(t *trace.Trace) bool {
	return len(opensSinceRefusal(t, t.Words.Home))+len(opensSinceRefusal(t, t.Words.Chat)) > 0
}

// toldOfAnother reports whether the client was told that somebody had signed in
// elsewhere, and was watched for long enough since.
func toldOfAnother(t *trace.Trace) bool {
	elsewhere, kicked := t.StepTime(workload.Kicked)
	told := closedSince(t, elsewhere)
	return kicked && told != nil && watched(t, told.Ended)
}
