package oracle

import (
	"slices"
	"strings"
	"time"

	"gauntlet/harness/judge/history"
	"gauntlet/harness/judge/requirement"
	"gauntlet/harness/judge/trace"
	"gauntlet/harness/run/workload"
)

// takesLeave holds that the client said so on the sessions that its user left
// (S51), unless the gateway had ended them before, the client could not know of them
// yet, or it had given them up, cut off for so long that they were dead; and that who
// has taken leave does not wait on, and does not come back by itself.
func takesLeave(t *trace.Trace) (f Assessment) {
	for _, s := range t.Sessions {
		judgeFarewell(&f, t, s)
	}
	asked, wanted := t.StepTime(workload.SignOut)
	if !wanted || t.EndedByHand(workload.SignOut) {
		f.Missing("the user did not sign out")
		return f
	}
	left, dead := leftAt(t, asked), givenUp(t, asked)
	for _, s := range t.Sessions {
		if s.User != t.User || len(s.Requests) == 0 || !s.KnownBy(left) {
			continue
		}
		if dead || s.ClientLeft || leaveStalled(t, s) || (s.Ended >= 0 && s.Why != "idle") || s.Refused() || replaced(t, s) || leftAsAnother(t, s) {
			f.OK()
			continue
		}
		last := s.Requests[len(s.Requests)-1]
		f.Fail([]int{last.Ordinal}, "%s session %d got no %s; its last request was %d (%s) at %s",
			s.Server, s.Number, t.Words.Leave, last.Ordinal, last.Name(), Clock(last.Began))
	}
	if out, open := comesBack(t, asked); open != nil && !wants(t, asked, workload.SignIn, workload.Free) {
		f.Fail([]int{out.Ordinal, open.Ordinal}, "the user had signed out, %s was answered at %s, and with request %d at %s the client signs in again",
			t.Words.Leave, Clock(out.Ended), open.Ordinal, Clock(open.Began))
	}
	if out, call := callsBack(t); call != nil {
		f.Fail([]int{out.Ordinal, call.Ordinal}, "the user had left the chat, %s was answered at %s, and with request %d at %s the client asks for another",
			t.Words.Leave, Clock(out.Ended), call.Ordinal, Clock(call.Began))
	}
	return f
}

// judgeFarewell holds that a client which left a session, and got the answer to that for
// certain, does not wait for more: by its last request there, or by the step that was not
// done. A gateway need not say that the session is over, and who waits for that waits for
// ever.
func judgeFarewell(f *Assessment, t *trace.Trace, s *trace.Session) {
	left := slices.IndexFunc(s.Requests, func(r *trace.Request) bool { return r.Leaves() && r.Served() && !r.Unsure() })
	if left < 0 {
		return
	}
	out, last := s.Requests[left], s.Requests[len(s.Requests)-1]
	if judge := f.farewell(last.Began - out.Ended - t.Ties); judge != nil {
		judge([]int{out.Ordinal, last.Ordinal}, "%s was answered at %s, and with request %d (%s) at %s the client still asks in the session that it left",
			t.Words.Leave, Clock(out.Ended), last.Ordinal, last.Name(), Clock(last.Began))
		return
	}
	failed := leaveFailed(t, out)
	if failed == nil {
		return
	}
	if judge := f.farewell(failed.At - out.Ended - t.Ties); judge != nil {
		judge([]int{out.Ordinal}, "%s was answered at %s, and the client still waits at %s (%s)", t.Words.Leave, Clock(out.Ended), Clock(failed.At), failed.Text)
	}
}

// farewell is how it is judged that a client took so long to be gone; nil if it is right.
func (f *Assessment) farewell(took time.Duration) func(exchanges []int, format string, args ...any) {
	switch {
	case took > requirement.FarewellMust:
		return f.Fail
	case took > requirement.FarewellShould:
		return f.Slip
	}
	return nil
}

// leaveFailed is that the step in which the client took leave was not done, although
// nothing had been in the way since the answer to that; nil if it was done.
func leaveFailed(t *trace.Trace, out *trace.Request) *history.Event {
	for i := range t.Events {
		switch ev := &t.Events[i]; {
		case ev.At < out.Ended:
		case ev.Kind == history.StepFailed:
			leaving := strings.HasPrefix(ev.Text, string(workload.Leave)+":") || strings.HasPrefix(ev.Text, string(workload.SignOut)+":")
			if leaving && untroubled(t, out.Ended, ev.At) {
				return ev
			}
			return nil
		case ev.Kind == history.StepBegan, ev.Kind == history.StepDone, ev.Kind.EndsClient():
			return nil
		}
	}
	return nil
}

// untroubled reports whether in that time each request was served, and no attempt to
// connect failed.
func untroubled(t *trace.Trace, from, to time.Duration) bool {
	within := func(at time.Duration) bool { return at >= from && at <= to }
	return !slices.ContainsFunc(t.FailedAttempts, within) &&
		!slices.ContainsFunc(t.Requests, func(r *trace.Request) bool { return !r.Served() && (within(r.Began) || within(r.Ended)) })
}

// callsBack are the request by which the client left a chat, when the answer to it
// arrived for certain, and one after it that asks for another chat; nil if there is none,
// or if the user wanted one, or another chat was lost.
func callsBack(t *trace.Trace) (out, call *trace.Request) {
	if slices.ContainsFunc(t.Sessions, func(s *trace.Session) bool { return s.Server == t.Words.Chat && s.LostByGateway() }) {
		return nil, nil
	}
	for _, r := range t.Requests {
		switch {
		case r.Session != nil && r.Server() == t.Words.Chat && r.Leaves() && r.Served() && !r.Unsure():
			out = r
		case out != nil && r.Began > out.Ended+t.Ties && slices.Contains(r.Commands(), t.Words.Call) &&
			!wants(t, out.Began, workload.OpenChat, workload.FailCall, workload.Send, workload.Free):
			return out, r
		}
	}
	return nil, nil
}

// comesBack are the request by which the client took leave at home, when its user had
// asked it to and the answer to it arrived for certain, and the first by which it opened
// another home session after that; nil if there is none.
func comesBack(t *trace.Trace, asked time.Duration) (out, open *trace.Request) {
	for _, r := range t.Requests {
		switch at := r.Session; {
		case at == nil || at.User != t.User || at.Server != t.Words.Home || r.Began < asked:
		case out == nil && r.Leaves() && r.Served() && !r.Unsure():
			out = r
		case out != nil && r.IsOpen() && r.Began > out.Ended+t.Ties:
			return out, r
		}
	}
	return nil, nil
}

// leftAsAnother reports whether the client was given an answer that was meant for another
// session, and nothing in it said so. It told the client that this one was over; or with
// its token the client took leave once more than that session needs, or saw that one end.
func leftAsAnother(t *trace.Trace, s *trace.Session) bool {
	last := s.Requests[len(s.Requests)-1]
	if !last.Served() || last.Given.Close {
		return last.Served()
	}
	next := slices.IndexFunc(t.Requests, func(r *trace.Request) bool { return r.Began > last.Began && r.Asked.Token == last.Given.Token })
	if next < 0 || t.Requests[next].Session == nil || t.Requests[next].Session == s {
		return false
	}
	other := t.Requests[next].Session
	if other.Ended >= 0 && !other.ClientLeft {
		return true
	}
	leaves := 0
	for _, r := range other.Requests {
		if r.Answered && r.Leaves() { // the later of the two is refused, for the session has ended
			leaves++
		}
	}
	return leaves > 1
}

// replaced reports whether s is a home session that the gateway had forgotten, and the
// client has opened another in its place: there is no session left to say OUT in.
func replaced(t *trace.Trace, s *trace.Session) bool {
	return s.Server == t.Words.Home && s.Ended >= 0 && opensSince(t, s) != never
}

// leftAt is when the client had left: when it began to take leave of its home
// session, or, if it did not, when its user asked it to leave.
func leftAt(t *trace.Trace, asked time.Duration) time.Duration {
	for _, r := range t.Requests {
		if r.Began >= asked && r.Session != nil && r.Session.Server == t.Words.Home && r.Leaves() {
			return r.Began
		}
	}
	return asked
}

// leaveStalled reports whether the client took leave and was kept waiting for the
// answer until it was gone: nobody told it that this had gone astray.
func leaveStalled(t *trace.Trace, s *trace.Session) bool {
	return slices.ContainsFunc(s.Requests, func(r *trace.Request) bool {
		return r.Received && !r.Answered && r.Leaves() && !t.Connection(r.Conn).ClosedOnClient()
	})
}

// closeHonoured holds that nothing is sent of a session after
// an answer that closes it and arrived whole (S46).
func closeHonoured(t *trace.Trace) (f Assessment) {
	for _, s := range t.Sessions {
		var closing *trace.Request
		for _, r := range s.Requests {
			if closing != nil {
				f.Fail([]int{closing.Ordinal, r.Ordinal}, "request %d (%s) came after the answer to request %d had said %s",
					r.Ordinal, r.Name(), closing.Ordinal, t.Words.Closing)
				f.Within(Unaware(t, r, closing, closing))
				break
			}
			if r.Closes() {
				closing = r
				f.OK()
			}
		}
	}
	f.Missing("no answer said %s", t.Words.Closing)
	return f
}

// leavesNothing holds that a client that is closed has closed its connections.
// What else it may leave in this process, a goroutine or a timer that holds
// one, is seen where it ends: virtual time cannot end with it (Leak).
func leavesNothing(t *trace.Trace) (f Assessment) {
	for i := range t.Events {
		ev := &t.Events[i]
		switch {
		case ev.Kind == history.LeftOpen:
			f.Fail(nil, "the client was closed and left connection %d of its own, to %s, open", ev.Given, ev.ID)
		case ev.Kind == history.ClientClosed && ev.Given > 0:
			f.OK()
		case ev.Kind == history.ClientClosed && len(t.Requests) > 0:
			f.unfit = "the client is a process of its own, and what it leaves ends with that"
		}
	}
	f.Missing("no client was closed that had made connections")
	return f
}

// Leak is the verdict on a client that left a goroutine behind.
func Leak(reason string) Verdict {
	return Verdict{Requirement: "client.leaves-nothing", Level: requirement.Must, Status: Fail, Checked: 1, Reason: reason}
}
