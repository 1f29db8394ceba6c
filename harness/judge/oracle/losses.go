package oracle

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"gauntlet/harness/judge/history"
	"gauntlet/harness/judge/requirement"
	"gauntlet/harness/judge/trace"
	"gauntlet/harness/run/workload"
)

// sessionSurvives holds that the client goes on with its session after a
// connection was lost (S17, S50). One further open is right where the answer
// to an open was lost, and where the gateway had ended or forgotten the
// session. Where the open was to answer a contact's call nothing is asked: its
// ticket is good once, and the client has no means to get another.
func sessionSurvives(t *trace.Trace) (f Assessment) {
	for _, server := range []string{t.Words.Home, t.Words.Chat} {
		judgeOpens(&f, t, server)
	}
	all := t.Losses()
	losses := slices.DeleteFunc(slices.Clone(all), func(l trace.Loss) bool { return l.Last.Lost() && l.Last.AnswersCall() })
	known := map[string]bool{}
	inVain := func(server string) bool {
		if _, is := known[server]; !is {
			known[server] = openedInVain(t, server, t.End())
		}
		return known[server]
	}
	for _, l := range losses {
		judgeReturn(&f, t, l, inVain)
	}
	for _, s := range t.Sessions {
		judgeShown(&f, t, s)
	}
	if len(losses) > 0 {
		f.Missing("the run was over before it could be seen whether the client goes on")
	} else if len(all) > 0 {
		f.Missing("nothing was lost but an open that answers a call: its ticket is good once, and the client cannot get another")
	}
	f.Missing("nothing was lost")
	return f
}

// judgeOpens counts the opens that nothing explains.
func judgeOpens(f *Assessment, t *trace.Trace, server string) {
	wanted := wantedSessions(t, server)
	for _, r := range t.Requests {
		if !r.IsOpen() || r.Asked.Server != server {
			continue
		}
		if wanted--; wanted < 0 {
			f.Fail([]int{r.Ordinal}, "request %d at %s opens another %s session; %s", r.Ordinal, Clock(r.Began), server, standing(t, server, r))
			return
		}
		if !r.Served() || r.Unsure() { // a portal's page is no answer to an open, whatever its status
			wanted++
		}
		if s := r.Session; s != nil && s.LostByGateway() {
			wanted++
		}
	}
}

// wantedSessions is how many sessions the script itself needs. A contact whom
// nobody answers calls again, and the user may answer each call in the end.
func wantedSessions(t *trace.Trace, server string) int {
	n, invited := 0, 0
	for _, step := range t.Script {
		switch {
		case server == t.Words.Home && (step.Verb == workload.SignIn || step.Verb == workload.Vain), server == t.Words.Chat && step.Verb == workload.OpenChat:
			n++
		case server == t.Words.Chat && (step.Verb == workload.FailCall || step.Verb == workload.Parts):
			n++ // who is left alone may call again for the next message
		case server == t.Words.Chat && step.Verb == workload.Invited:
			invited++
		case step.Verb == workload.Free:
			n += asked(t, server)
		}
	}
	if invited > 0 {
		n += max(invited, calls(t))
	}
	return n
}

// asked is how many sessions a user who does what they like has asked for: a
// chat for each ticket given, and one more sign-in for each sign-out.
func asked(t *trace.Trace, server string) (n int) {
	if server == t.Words.Chat {
		return len(t.Tickets)
	}
	for i := range t.Events {
		if ev := &t.Events[i]; ev.Kind == history.SignedOut && strings.EqualFold(ev.User, t.User) {
			n++
		}
	}
	return n
}

// calls is how often contacts called the user.
func calls(t *trace.Trace) (n int) {
	for _, ticket := range t.Tickets {
		if ticket.Called {
			n++
		}
	}
	return n
}

// standing is what the gateway still held of the user's earlier session.
func standing(t *trace.Trace, server string, open *trace.Request) string {
	for _, s := range slices.Backward(t.Sessions) {
		if s.Server == server && s.Opened < open.Began && holds(s, open) {
			return fmt.Sprintf("session %d was alive and its newest %s valid", s.Number, t.Words.Token)
		}
	}
	return "nothing asked for it"
}

func holds(s *trace.Session, open *trace.Request) bool {
	return (s.Ended < 0 || s.Ended > open.Began) && open.Session != s
}

// judgeReturn looks whether what was lost went on after it: the session, or the
// attempt to open one.
func judgeReturn(f *Assessment, t *trace.Trace, l trace.Loss, inVain func(server string) bool) {
	if l.Last.Session != nil && l.Last.Session.OverBy(l.At+t.ComeBack) {
		f.returned(l.Last)
		return
	}
	at := never
	if next := t.Next(l.Last, l.At); next != nil && next.Continues(l.Last) {
		at = next.Began
	}
	if s, way := l.Last.Session, t.CutOffUntil(l.At, t.ComeBack); at == never && s != nil && s.Ended >= 0 && s.Ended <= way {
		at = opensSince(t, s) // the gateway had forgotten it before the way was open again
	}
	must := t.CutOffUntil(l.At, requirement.BackMust)
	if l.Last.IsOpen() && inVain(l.Last.Asked.Server) {
		must = t.End() // and no failure: only a should
	}
	back(f, t, t.CutOffUntil(l.At, t.ComeBack), must, at, []int{l.Last.Ordinal},
		"request %d (%s) on connection %d was disturbed at %s, and the client did not go on with it", l.Last.Ordinal, l.Last.Name(), l.Last.Conn, Clock(l.At))
}

// opensSince returns when the client first asked for a session in place of s, which the
// gateway had ended; never if it did not.
func opensSince(t *trace.Trace, s *trace.Session) time.Duration {
	if since := t.Opens(s.Server, s.Ended); len(since) > 0 {
		return since[0].Began
	}
	return never
}

// openedInVain reports whether the client had lost as many opens in a row by then as
// are enough, and its user heard of it: nothing was begun that could be gone on with,
// and to try on and on or to ask the user are both in use. What never left the client
// is none, nor is an open that met a page.
func openedInVain(t *trace.Trace, server string, by time.Duration) bool {
	lost, since := 0, never
	for _, r := range t.Opens(server, 0) {
		switch {
		case r.Ended < 0 || r.Ended > by:
		case r.Answered && !r.Unsure():
			lost = 0
		default:
			lost, since = lost+1, r.Ended
		}
	}
	return lost >= requirement.EnoughOpens && (!t.Speaks() || hearsSince(t, since, history.Failed, history.Quit))
}

// judgeShown holds that a client whose repeat is refused tries the token that the
// cut answer had shown, before it opens another session: a gateway that takes only
// its newest token has the session still. Few clients do, so that it is a should.
func judgeShown(f *Assessment, t *trace.Trace, s *trace.Session) {
	refusal := s.Refusal()
	if refusal == nil || refusal.Leaves() || s.EndedBy(refusal.Ended) {
		return
	}
	tried := map[string]bool{}
	for _, r := range s.Requests {
		tried[r.Asked.Token] = tried[r.Asked.Token] || r.Began > refusal.Began
	}
	opens := len(t.Opens(s.Server, refusal.Ended)) > 0
	for _, r := range s.Requests {
		if !r.Lost() || r.IsOpen() || r.Given == nil || r.Began >= refusal.Began || r.Asked.Token != refusal.Asked.Token {
			continue
		}
		switch shown := r.Given.Token; {
		case shown == r.Asked.Token:
		case tried[shown]:
			f.OK()
		case opens:
			f.Slip([]int{r.Ordinal, refusal.Ordinal}, "the answer to request %d was cut behind its %s, and when request %d was refused the client opened another session without trying that",
				r.Ordinal, t.Words.Token, refusal.Ordinal)
		}
	}
}

// returned counts a session that came to a proper end after the loss.
func (f *Assessment) returned(last *trace.Request) {
	if last.Session.ClientLeft {
		f.OK()
	}
}

// connectionKept holds that a session stays on its connection as long as
// nothing disturbs it (S16, S49).
func connectionKept(t *trace.Trace) (f Assessment) {
	for _, s := range t.Sessions {
		for i := 1; i < len(s.Requests); i++ {
			before, r := s.Requests[i-1], s.Requests[i]
			switch {
			case before.Conn == r.Conn:
				f.OK()
			case excused(before, t.Connection(before.Conn)), t.Disturbed(before, r.Began):
				f.Missing("each connection had ended, was disturbed or had to be left before the session's next request")
			default:
				f.Fail([]int{before.Ordinal, r.Ordinal}, "request %d left connection %d, which nothing had disturbed, for connection %d",
					r.Ordinal, before.Conn, r.Conn)
			}
		}
	}
	f.Missing("no two requests of one session were seen")
	return f
}

// excused reports whether a client had to leave the connection after r: it was
// closed by others, or its end was announced, or bytes came behind the answer, or
// the gateway moved.
func excused(r *trace.Request, c *history.Connection) bool {
	moved := r.Given != nil && trace.Bare(r.Given.Gateway) != r.Authority
	return !r.Served() || r.Falsified() != nil || r.AnnouncedClose() || r.Surplus || moved || c.ClosedOnClient()
}
