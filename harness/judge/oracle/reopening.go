package oracle

import (
	"slices"
	"time"

	"gauntlet/harness/judge/history"
	"gauntlet/harness/judge/requirement"
	"gauntlet/harness/judge/trace"
	"gauntlet/harness/run/workload"
)

// hearsSince reports whether the client told its user anything of these kinds from
// then on. That a program ended is as good as that it said so.
func hearsSince(t *trace.Trace, since time.Duration, kinds ...history.Kind) bool {
	return slices.ContainsFunc(t.Events, func(ev history.Event) bool {
		return ev.At >= since && slices.Contains(kinds, ev.Kind) && (ev.From == history.AtClient || ev.Kind == history.Quit || ev.Kind == history.ClientGone)
	})
}

// watched reports whether the run went on long enough after that for a client to
// have spoken to its user: no network stands between the two.
func watched(t *trace.Trace, since time.Duration) bool {
	return t.End() >= since+requirement.SlowestPoll
}

// reopeningBounded holds that a client whose new sessions are refused like the old
// one does not open one after the other as fast as it can, and not on and on.
func reopeningBounded(t *trace.Trace) (f Assessment) {
	home := opensSinceRefusal(t, t.Words.Home)
	judgeOpensInARow(&f, home)
	judgeOpensInARow(&f, opensSinceRefusal(t, t.Words.Chat))
	judgeOpensInVain(&f, home) // while a user waits for a chat it may be tried again and again
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

// judgeOpensInVain looks how many opens in a minute came to nothing: they were refused, or
// the session that came of them was.
func judgeOpensInVain(f *Assessment, list []*trace.Request) {
	list = slices.DeleteFunc(slices.Clone(list), func(r *trace.Request) bool { return !cameToNothing(r) })
	for i, r := range list[min(len(list), requirement.ManyOpens):] {
		if first := list[i]; r.Began-first.Began < time.Minute {
			f.Slip([]int{first.Ordinal, r.Ordinal}, "within a minute the client opened %d sessions, and the gateway refused all of them; the last at %s", requirement.ManyOpens+1, Clock(r.Began))
			return
		}
	}
}

func cameToNothing(open *trace.Request) bool {
	if open.Session == nil {
		return open.Answered && open.Status == refusedStatus
	}
	return open.Session.Refusal() != nil
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
	if again := t.Opens(t.Words.Home, told.Ended); len(again) > 0 && !wants(t, elsewhere, workload.SignIn, workload.Free) {
		f.Fail([]int{told.Ordinal, again[0].Ordinal}, "somebody had signed in elsewhere, as the client was told by the answer to request %d, and with request %d at %s it signs in again",
			told.Ordinal, again[0].Ordinal, Clock(again[0].Began))
		return f
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
		if r.Ended < since || r.Server() != t.Words.Home {
			continue
		}
		farewell := func() bool {
			return r.Served() && !r.Unsure() && slices.Contains(t.Reader.Commands(r.AnswerBody), t.Words.Leave)
		}
		if r.Closes() || farewell() {
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
