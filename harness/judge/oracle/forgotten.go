package oracle

import (
	"cmp"
	"math"
	"slices"
	"strings"
	"time"

	"gauntlet/harness/judge/history"
	"gauntlet/harness/judge/requirement"
	"gauntlet/harness/judge/trace"
	"gauntlet/harness/run/workload"
)

// reopensOnce holds that a client whose session the gateway has forgotten
// opens one other and tells its user (S45, S52). One try with an id that a cut
// answer had shown is borne. A session that the client was told is over, or that
// it leaves, is not forgotten: who goes on asking there does something else
// wrong.
func reopensOnce(t *trace.Trace) (f Assessment) {
	a := aftermathOf(t)
	for _, s := range t.Sessions {
		if s.Server == t.Words.Home {
			a.judgeForgotten(&f, s)
		} else {
			a.judgeChat(&f, s)
		}
	}
	f.Missing("the gateway forgot no session")
	return f
}

// aftermath is what came of it that the gateway forgets sessions, read once however
// many they are. Its times are the last, or the first, at which something happened;
// never if it did not.
type aftermath struct {
	*trace.Trace
	told     time.Duration    // last: the user was told of a session that is gone, or of what went with it,
	doubt    time.Duration    // or only of the latter, or that something failed,
	trouble  time.Duration    // or that it failed for certain,
	vain     time.Duration    // or that signing in came to nothing: such a step is done when the client says so
	gone     time.Duration    // last: the client ended by itself
	missed   time.Duration    // last: something was not done that the user wanted before the sign-out; a session was needed
	refused  time.Duration    // first: a home session was
	reopened []time.Duration  // when the client said so, in order
	calls    []*trace.Request // that asked for a chat and were refused
	opened   map[string]*opened
	sound    map[*trace.Session]time.Duration // until when nothing had happened to it
}

// opened are the opens with one server, in order.
type opened struct {
	hope  time.Duration // when the last began that came about, or may have; never
	spare []spare
}

// spare is an open that came while the session was good that another had brought.
type spare struct{ had, open *trace.Request }

func aftermathOf(t *trace.Trace) *aftermath {
	a := &aftermath{
		Trace: t, told: never, doubt: never, trouble: never, vain: never, gone: never, missed: never, refused: never,
		opened: map[string]*opened{}, sound: map[*trace.Session]time.Duration{},
	}
	leaving, leaves := t.StepTime(workload.SignOut)
	for i := range t.Events {
		ev := &t.Events[i]
		switch own := ev.From == history.AtClient; {
		case own && ev.Kind == history.Reopened:
			a.told, a.reopened = max(a.told, ev.At), append(a.reopened, ev.At)
		case own && ev.Kind == history.Uncertain:
			a.told, a.doubt = max(a.told, ev.At), max(a.doubt, ev.At)
		case own && ev.Kind == history.Failed, ev.Kind == history.Quit: // that a program ended is as good as that it said so
			a.told, a.doubt, a.trouble = max(a.told, ev.At), max(a.doubt, ev.At), max(a.trouble, ev.At)
		case ev.Kind == history.ClientGone:
			a.gone = max(a.gone, ev.At)
		case ev.Kind == history.StepDone && strings.HasPrefix(ev.Text, string(workload.Vain)):
			a.vain = max(a.vain, ev.At)
		case ev.Kind == history.StepFailed && (!leaves || ev.At < leaving):
			a.missed = max(a.missed, ev.At)
		}
	}
	if refused := forgottenAt(t); len(refused) > 0 {
		a.refused = refused[0]
	}
	for _, r := range t.Requests {
		if r.Answered && r.Status == refusedStatus && slices.Contains(r.Commands(), t.Words.Call) {
			a.calls = append(a.calls, r)
		}
	}
	slices.Sort(a.reopened)
	return a
}

func (a *aftermath) judgeForgotten(f *Assessment, s *trace.Session) {
	refusal := s.Refusal()
	if refusal == nil || s.ClientLeft || s.ServedSince(refusal.Ended) {
		return // where it was served again the gateway had refused a token, and not forgotten the session
	}
	asked := asksAfter(s, refusal)
	opens := len(a.Opens(s.Server, refusal.Ended))
	nothing := a.cameToNothing(refusal)
	over := refusal.Leaves() || s.ClosedBefore(refusal)
	before := a.refused != never && a.refused < refusal.Began // who does not come back a second time only has to say so, or to end
	switch {
	case over && (opens == 0 || asked > 1):
	case asked > 1:
		f.Fail([]int{refusal.Ordinal}, "after request %d was answered with 400 the client sent %d more with that session's ids", refusal.Ordinal, asked)
	case opens == 0 && a.UserGone(refusal.Ended) && a.missed <= refusal.Ended:
	case opens == 0 && before && max(a.told, a.vain, a.gone) >= refusal.Ended:
		f.OK()
	case opens == 0:
		f.Fail([]int{refusal.Ordinal}, "after request %d was answered with 400 at %s the client opened no new session", refusal.Ordinal, Clock(refusal.Ended))
	case a.Speaks() && len(a.reopened) == 0:
		f.Fail([]int{refusal.Ordinal}, "the client opened a new session after the 400 to request %d and did not tell its user", refusal.Ordinal)
	case a.Speaks() && nothing != nil && watched(a.Trace, nothing.Ended) && a.trouble < nothing.Ended:
		f.Fail([]int{nothing.Ordinal}, "request %d was to open a session in place of the forgotten one and was refused, and the client did not tell its user", nothing.Ordinal)
	default:
		a.judgeOneOnly(f, refusal)
	}
}

// endedForgotten reports whether the client had ended by itself by then, instead of
// coming back when the gateway had forgotten one home session and another.
func endedForgotten(t *trace.Trace, by time.Duration) bool {
	return slices.ContainsFunc(t.Events, func(ev history.Event) bool {
		return ev.Kind == history.ClientGone && ev.At <= by && forgottenAgain(t, ev.At)
	})
}

func forgottenAgain(t *trace.Trace, by time.Duration) bool {
	refused := slices.DeleteFunc(forgottenAt(t), func(at time.Duration) bool { return at > by })
	return len(refused) > 1 && len(t.Opens(t.Words.Home, refused[len(refused)-1])) == 0
}

// forgottenAt is when the client learned, of one home session after another, that the
// gateway had forgotten it.
func forgottenAt(t *trace.Trace) (at []time.Duration) {
	for _, s := range t.Sessions {
		if r := s.Refusal(); r != nil && s.Server == t.Words.Home {
			at = append(at, r.Ended)
		}
	}
	slices.Sort(at)
	return at
}

// asksAfter counts what was asked of a session since it was refused. Of what has no
// answer nothing is learnt, and to ask that again is no further try.
func asksAfter(s *trace.Session, refusal *trace.Request) (asked int) {
	for _, r := range s.Requests {
		if r.Began > refusal.Ended && r.Answered {
			asked++
		}
	}
	return asked
}

// cameToNothing is the first open in place of a forgotten session, if the gateway
// refused it and all after it: then no session came about. Nil if one did, or if
// nothing was refused.
func (a *aftermath) cameToNothing(refusal *trace.Request) *trace.Request {
	opens := a.Opens(refusal.Session.Server, refusal.Ended)
	if len(opens) == 0 || a.with(refusal.Session.Server).hope >= refusal.Ended {
		return nil
	}
	return opens[0]
}

// judgeOneOnly holds that no further session is opened while nothing has happened
// to the one in place of the forgotten.
func (a *aftermath) judgeOneOnly(f *Assessment, refusal *trace.Request) {
	all := a.with(refusal.Session.Server).spare
	i, _ := slices.BinarySearchFunc(all, refusal.Ended, func(s spare, at time.Duration) int { return cmp.Compare(s.had.Began, at) })
	if i < len(all) {
		o := all[i].open
		f.Fail([]int{o.Ordinal}, "request %d at %s opens one more %s session; that in place of the forgotten one was good", o.Ordinal, Clock(o.Began), o.Asked.Server)
		return
	}
	f.OK()
}

// with are the opens with a server.
func (a *aftermath) with(server string) *opened {
	if o, known := a.opened[server]; known {
		return o
	}
	o := &opened{hope: never}
	a.opened[server] = o
	var had *trace.Request
	for _, r := range a.Opens(server, 0) {
		if had != nil && had.Session != nil && r.Began <= a.soundUntil(had.Session) {
			o.spare = append(o.spare, spare{had, r})
		}
		if r.Served() && !r.ByReset {
			had = r
		}
		if r.Served() || !r.Answered {
			o.hope = r.Began
		}
	}
	return o
}

// soundUntil is when a request of the session began that had no answer, a refusal, or one
// that ended it, or with which the client took leave.
func (a *aftermath) soundUntil(s *trace.Session) time.Duration {
	until, known := a.sound[s]
	if !known {
		until = math.MaxInt64
		if i := slices.IndexFunc(s.Requests, func(r *trace.Request) bool { return !r.Served() || r.ByReset || r.Given.Close || r.Leaves() }); i >= 0 {
			until = s.Requests[i].Began
		}
		a.sound[s] = until
	}
	return until
}

// judgeChat holds that a client whose chat the gateway has forgotten calls again
// or tells its user: what is typed into such a chat arrives nowhere.
func (a *aftermath) judgeChat(f *Assessment, s *trace.Session) {
	refusal := s.Refusal()
	if refusal == nil || s.ClientLeft || refusal.IsOpen() || refusal.Leaves() || s.ClosedBefore(refusal) || s.ServedSince(refusal.Ended) {
		return // where it was served again the gateway had refused a token, and not forgotten the chat
	}
	asked, nothing := asksAfter(s, refusal), a.calledInVain(refusal)
	switch {
	case asked > 1:
		f.Fail([]int{refusal.Ordinal}, "after request %d was answered with 400 the client sent %d more with that chat's ids", refusal.Ordinal, asked)
	case a.Speaks() && nothing != nil && watched(a.Trace, nothing.Ended) && !leavesSoon(a.Trace, nothing.Ended) && a.doubt < nothing.Ended:
		f.Fail([]int{nothing.Ordinal}, "with request %d the client called again from a chat that was forgotten, it was refused, and the client did not tell its user", nothing.Ordinal)
	case len(a.Opens(s.Server, refusal.Ended)) > 0 || a.told >= refusal.Ended:
		f.OK()
	case !a.Speaks() || !watched(a.Trace, refusal.Ended) || leavesSoon(a.Trace, refusal.Ended):
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
func (a *aftermath) calledInVain(refusal *trace.Request) *trace.Request {
	if wants(a.Trace, refusal.Ended, workload.OpenChat, workload.FailCall, workload.Free) {
		return nil
	}
	if len(a.Opens(refusal.Session.Server, refusal.Ended)) > 0 {
		return a.cameToNothing(refusal)
	}
	since, _ := slices.BinarySearch(a.reopened, refusal.Ended)
	if since == len(a.reopened) {
		return nil
	}
	from, _ := slices.BinarySearchFunc(a.calls, refusal.Ended, func(r *trace.Request, at time.Duration) int { return cmp.Compare(r.Began, at) })
	if i := slices.IndexFunc(a.calls[from:], func(r *trace.Request) bool { return r.Ended > a.reopened[since] }); i >= 0 {
		return a.calls[from+i]
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
