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

// news are what a client tells its user of a session that is gone, or of what
// went with it.
var news = []history.Kind{history.Reopened, history.Uncertain, history.Failed, history.Quit}

// hearsSince reports whether the client told its user anything of these kinds from
// then on. That a program ended is as good as that it said so.
func hearsSince(t *trace.Trace, since time.Duration, kinds ...history.Kind) bool {
	return slices.ContainsFunc(t.Events, func(ev history.Event) bool {
		return ev.At >= since && slices.Contains(kinds, ev.Kind) && (ev.From == history.AtClient || ev.Kind == history.Quit || ev.Kind == history.ClientGone)
	})
}

// cameInVain reports whether from then on the user heard that signing in had come to
// nothing: such a step is done when the client says so.
func cameInVain(t *trace.Trace, since time.Duration) bool {
	return slices.ContainsFunc(t.Events, func(ev history.Event) bool {
		return ev.At >= since && ev.Kind == history.StepDone && strings.HasPrefix(ev.Text, string(workload.Vain))
	})
}

// watched reports whether the run went on long enough after that for a client to
// have spoken to its user: no network stands between the two.
func watched(t *trace.Trace, since time.Duration) bool {
	return t.End() >= since+requirement.SlowestPoll
}

// judgeChat holds that a client whose chat the gateway has forgotten calls again
// or tells its user: what is typed into such a chat arrives nowhere.
func judgeChat(f *Assessment, t *trace.Trace, s *trace.Session) {
	refusal := s.Refusal()
	if refusal == nil || s.ClientLeft || refusal.IsOpen() || refusal.Leaves() || s.ClosedBefore(refusal) || servedIn(s, refusal.Ended) {
		return // where it was served again the gateway had refused a token, and not forgotten the chat
	}
	asked, nothing := asksAfter(s, refusal), calledInVain(t, refusal)
	switch {
	case asked > 1:
		f.Fail([]int{refusal.Ordinal}, "after request %d was answered with 400 the client sent %d more with that chat's ids", refusal.Ordinal, asked)
	case t.Speaks() && nothing != nil && watched(t, nothing.Ended) && !leavesSoon(t, nothing.Ended) && !hearsSince(t, nothing.Ended, history.Uncertain, history.Failed, history.Quit):
		f.Fail([]int{nothing.Ordinal}, "with request %d the client called again from a chat that was forgotten, it was refused, and the client did not tell its user", nothing.Ordinal)
	case opensAfter(t, refusal) > 0 || hearsSince(t, refusal.Ended, news...):
		f.OK()
	case !t.Speaks() || !watched(t, refusal.Ended) || leavesSoon(t, refusal.Ended):
	default:
		f.Fail([]int{refusal.Ordinal}, "after request %d was answered with 400 at %s the client opened no other chat, and did not tell its user",
			refusal.Ordinal, Clock(refusal.Ended))
	}
}

// calledInVain is the request by which the client went to call again for a chat that was
// forgotten, and which was refused; nil if another chat came about, or the user asked
// for one. Where it asked for a ticket the session at home is gone as well, and what the
// client says of that tells its user of the chat too, unless it had told before that
// the chat was begun anew.
func calledInVain(t *trace.Trace, refusal *trace.Request) *trace.Request {
	if wants(t, refusal.Ended, workload.OpenChat, workload.FailCall, workload.Free) {
		return nil
	}
	if opensAfter(t, refusal) > 0 {
		return cameToNothing(t, refusal)
	}
	for _, r := range t.Requests {
		if r.Began < refusal.Ended || !r.Answered || r.Status != refusedStatus || !slices.Contains(r.Commands(), t.Words.Call) {
			continue
		}
		if slices.ContainsFunc(t.Events, func(ev history.Event) bool {
			return ev.Kind == history.Reopened && ev.From == history.AtClient && ev.At >= refusal.Ended && ev.At < r.Ended
		}) {
			return r
		}
	}
	return nil
}

// leavesSoon reports whether the user left the chat, or everything, before a client
// could have told of it.
func leavesSoon(t *trace.Trace, at time.Duration) bool {
	for _, verb := range []workload.Verb{workload.Leave, workload.SignOut} {
		if asked, leaves := t.StepTime(verb); leaves && asked <= at+requirement.SlowestPoll {
			return true
		}
	}
	return false
}

// forgottenBefore reports whether another of the user's home sessions had been
// forgotten before: a client that does not come back a second time only has to say
// so.
func forgottenBefore(t *trace.Trace, refusal *trace.Request) bool {
	return slices.ContainsFunc(t.Sessions, func(s *trace.Session) bool {
		first := s.Refusal()
		return s.Server == t.Words.Home && first != nil && first.Ended < refusal.Began
	})
}

// cameToNothing is the first open in place of a forgotten session, if the gateway
// refused it and all after it: then no session came about. Nil if one did, or if
// nothing was refused.
func cameToNothing(t *trace.Trace, refusal *trace.Request) (first *trace.Request) {
	for _, o := range t.Requests {
		if !o.IsOpen() || o.Asked.Server != refusal.Session.Server || o.Began < refusal.Ended {
			continue
		}
		if o.Served() || !o.Answered {
			return nil
		}
		if first == nil {
			first = o
		}
	}
	return first
}

// reopeningBounded holds that a client whose new sessions are refused like the old
// one does not open one after the other as fast as it can.
func reopeningBounded(t *trace.Trace) (f Assessment) {
	for _, server := range []string{t.Words.Home, t.Words.Chat} {
		judgeOpensInARow(&f, opensSinceRefusal(t, server))
	}
	f.Missing("no session was opened after the gateway had forgotten one")
	return f
}

// opensSinceRefusal are the opens since the gateway first refused a session with
// that server, or the open of one.
func opensSinceRefusal(t *trace.Trace, server string) (list []*trace.Request) {
	since := time.Duration(-1)
	for _, r := range t.Requests {
		switch {
		case r.Server() != server:
		case since >= 0 && r.IsOpen() && r.Began >= since:
			list = append(list, r)
		case since < 0 && r.Answered && r.Status == refusedStatus:
			since = r.Ended
		}
	}
	return list
}

const refusedStatus = 400

func judgeOpensInARow(f *Assessment, list []*trace.Request) {
	for i, r := range list {
		if i < requirement.FreeOpens {
			f.OK()
			continue
		}
		first := list[i-requirement.FreeOpens]
		if took := r.Began - first.Began; took < requirement.OpensFor {
			f.Fail([]int{first.Ordinal, r.Ordinal}, "the gateway had refused a session, and within %s the client opened %d others, the last at %s",
				took, requirement.FreeOpens+1, Clock(r.Began))
			return
		}
		f.OK()
	}
}

// staysAway holds that a client which the server has ended for a sign-in elsewhere
// (S46) tells its user, and signs in again only when the user wants it.
func staysAway(t *trace.Trace) (f Assessment) {
	elsewhere, kicked := t.StepTime(workload.Kicked)
	told := closedSince(t, elsewhere)
	if !kicked || told == nil {
		f.Missing("nobody signed in elsewhere, or no answer told the client that its session was over")
		return f
	}
	for _, r := range t.Requests {
		if r.IsOpen() && r.Asked.Server == t.Words.Home && r.Began >= told.Ended && !wants(t, elsewhere, workload.SignIn, workload.Free) {
			f.Fail([]int{told.Ordinal, r.Ordinal}, "somebody had signed in elsewhere, as the client was told by the answer to request %d, and with request %d at %s it signs in again",
				told.Ordinal, r.Ordinal, Clock(r.Began))
			return f
		}
	}
	switch {
	case !watched(t, told.Ended):
		f.Missing("the run was over before it could be seen whether the client stays away")
	case t.Speaks() && !hearsSince(t, elsewhere, history.Quit, history.Failed):
		f.Fail([]int{told.Ordinal}, "the answer to request %d said that the session was over, and the client did not tell its user", told.Ordinal)
	default:
		f.OK()
	}
	return f
}

// closedSince is the request of a home session whose answer told the client for
// certain, from then on, that the session was over: an answer closed it, or carried
// the server's OUT.
func closedSince(t *trace.Trace, since time.Duration) *trace.Request {
	for _, r := range t.Requests {
		farewell := r.Served() && !r.Unsure() && slices.Contains(t.Reader.Commands(r.AnswerBody), t.Words.Leave)
		if (r.Closes() || farewell) && r.Ended >= since && r.Server() == t.Words.Home {
			return r
		}
	}
	return nil
}

// wants reports whether the user asked for one of these after that.
func wants(t *trace.Trace, since time.Duration, verbs ...workload.Verb) bool {
	return slices.ContainsFunc(verbs, func(verb workload.Verb) bool {
		at, asked := t.StepTime(verb)
		return asked && at > since
	})
}
