package oracle

import (
	"bytes"
	"slices"
	"strings"
	"time"

	"gauntlet/harness/judge/history"
	"gauntlet/harness/run/workload"
	"net/http"
)

// comeBack is how long a client may take after a lost connection until it
// makes its next request.
const comeBack = 30 * time.Second

// sessionSurvives holds that the client goes on with its session after a
// connection was lost (S17, S50). One further open is right where the answer
// to an open was lost, and where the gateway had ended or forgotten the
// session. Where the open was to answer a contact's call nothing is asked: its
// ticket is good once, and the client has no means to get another.
func sessionSurvives(e *Evidence) (f finding) {
	for _, server := range []string{"NS", "SB"} {
		judgeOpens(&f, e, server)
	}
	losses := e.losses()
	for _, l := range losses {
		judgeReturn(&f, e, l)
	}
	if len(losses) > 0 {
		f.missing("the run was over before it could be seen whether the client goes on")
	}
	f.missing("nothing was lost")
	return f
}

// loss is a disturbance: a request without a whole answer of the gateway's, or
// a connection that others closed while it was idle.
type loss struct {
	last *Request
	at   time.Duration
}

func (e *Evidence) losses() []loss {
	var list []loss
	for _, r := range e.Requests {
		if !r.Served() && r.Status != http.StatusBadRequest && r.Ended >= 0 && !e.answersCall(r) {
			list = append(list, loss{r, r.Ended})
		}
	}
	for _, c := range e.Connections {
		if last := e.lastOn(c); last != nil && last.Served() && e.lostIdle(c, last) {
			list = append(list, loss{last, c.Closed})
		}
	}
	return list
}

// answersCall tells whether an open is for a switchboard to which a contact has
// called the user: of calls and switchboards that were asked for, the last.
func (e *Evidence) answersCall(open *Request) (is bool) {
	if !open.IsOpen() || open.Query.Server != "SB" {
		return false
	}
	for i := range e.Events {
		if ev := &e.Events[i]; ev.At <= open.Began && ev.Kind == history.Sent && strings.EqualFold(ev.User, e.User) {
			is = grants(ev.Data, "RNG ") || is && !grants(ev.Data, "XFR ")
		}
	}
	return is
}

// grants tells whether the server gave a ticket for a switchboard by that
// command.
func grants(said []byte, command string) bool {
	return bytes.HasPrefix(said, []byte(command)) && (command == "RNG " || bytes.Contains(said, []byte(" SB ")))
}

// judgeOpens counts the opens that nothing explains.
func judgeOpens(f *finding, e *Evidence, server string) {
	wanted := e.wantedSessions(server)
	for _, r := range e.Requests {
		if !r.IsOpen() || r.Query.Server != server {
			continue
		}
		if wanted--; wanted < 0 {
			f.fail([]int{r.Ordinal}, "request %d at %s opens another %s session; %s", r.Ordinal, clock(r.Began), server, e.standing(server, r))
			return
		}
		if !r.Served() || r.ByReset { // a portal's page is no answer to an open, whatever its status
			wanted++
		}
		if s := r.Session; s != nil && s.lostByGateway() {
			wanted++
		}
	}
}

// wantedSessions is how many sessions the script itself needs. A contact whom
// nobody answers calls again, and the user may answer each call in the end.
func (e *Evidence) wantedSessions(server string) int {
	n, invited := 0, 0
	for _, step := range e.Script {
		switch {
		case server == "NS" && (step.Verb == workload.SignIn || step.Verb == workload.Vain), server == "SB" && step.Verb == workload.OpenChat:
			n++
		case server == "SB" && step.Verb == workload.Invited:
			invited++
		case step.Verb == workload.Free:
			n += e.asked(server)
		}
	}
	if invited > 0 {
		n += max(invited, e.calls())
	}
	return n
}

// calls is how often contacts called the user.
func (e *Evidence) calls() (n int) {
	for i := range e.Events {
		if ev := &e.Events[i]; ev.Kind == history.Sent && strings.EqualFold(ev.User, e.User) && grants(ev.Data, "RNG ") {
			n++
		}
	}
	return n
}

// asked is how many sessions a user who does what they like has asked for: a
// switchboard for each ticket given, and one more sign-in for each sign-out.
func (e *Evidence) asked(server string) (n int) {
	for i := range e.Events {
		ev := &e.Events[i]
		switch {
		case !strings.EqualFold(ev.User, e.User):
		case server == "NS" && ev.Kind == history.SignedOut:
			n++
		case server == "SB" && ev.Kind == history.Sent && (grants(ev.Data, "RNG ") || grants(ev.Data, "XFR ")):
			n++
		}
	}
	return n
}

// lostByGateway tells whether the gateway ended the session or answered 400 to
// its newest id, so that the client had to begin anew.
func (s *Session) lostByGateway() bool {
	return (s.Ended >= 0 && s.Why != "OUT") || s.refused()
}

// refused tells whether the client learnt that the gateway would not have its
// id.
func (s *Session) refused() bool {
	for _, r := range s.Requests {
		if r.Status == 400 {
			return true
		}
	}
	return false
}

// standing tells what the gateway still held of the user's earlier session.
func (e *Evidence) standing(server string, open *Request) string {
	for i := len(e.Sessions) - 1; i >= 0; i-- {
		s := e.Sessions[i]
		if s.Server == server && s.Opened < open.Began && s.holds(open) {
			return "session " + itoa(s.Number) + " was alive and its newest SessionID valid"
		}
	}
	return "nothing asked for it"
}

func (s *Session) holds(open *Request) bool {
	return (s.Ended < 0 || s.Ended > open.Began) && open.Session != s
}

// judgeReturn looks whether what was lost went on after it: the session, or the
// attempt to open one.
func judgeReturn(f *finding, e *Evidence, l loss) {
	if l.last.Session != nil && l.last.Session.overBy(l.at+e.comeBack()) {
		f.returned(l.last)
		return
	}
	until := e.cutOffUntil(l.at) + e.comeBack()
	for _, r := range e.Requests {
		if r != l.last && r.Began >= l.at && r.Began <= until && r.Continues(l.last) {
			f.ok()
			return
		}
	}
	if e.end() < until || e.userGone(l.at) {
		return
	}
	f.fail([]int{l.last.Ordinal}, "request %d (%s) on connection %d was disturbed, and in the %s after %s the client did not go on with it",
		l.last.Ordinal, l.last.Name(), l.last.Conn, e.comeBack(), clock(l.at))
}

// Continues reports whether r goes on with what a lost request belonged to.
func (r *Request) Continues(lost *Request) bool {
	if lost.Session == nil {
		return r.IsOpen() && lost.IsOpen() && r.Query.Server == lost.Query.Server
	}
	return r.Session == lost.Session || (lost.IsOpen() && r.IsOpen() && r.Query.Server == lost.Query.Server)
}

// overBy tells whether the session needs nothing more by then.
func (s *Session) overBy(at time.Duration) bool {
	return s.SaidOut || (s.Ended >= 0 && s.Ended <= at && s.Why != "idle")
}

// returned counts a session that came to a proper end after the loss.
func (f *finding) returned(last *Request) {
	if last.Session.SaidOut {
		f.ok()
	}
}

// lastOn is the newest request on a connection.
func (e *Evidence) lastOn(c *history.Connection) *Request {
	for i := len(e.Requests) - 1; i >= 0; i-- {
		if e.Requests[i].Conn == c.Number {
			return e.Requests[i]
		}
	}
	return nil
}

// userGone reports whether the user had signed out by then.
func (e *Evidence) userGone(at time.Duration) bool {
	t, signedOut := e.stepTime(workload.SignOut)
	return signedOut && t <= at+e.comeBack() || slices.ContainsFunc(e.Events, func(ev history.Event) bool {
		return ev.Kind == history.SignedOut && ev.User == e.User && ev.Text == "OUT" && ev.At >= at && ev.At <= at+e.comeBack()
	})
}
