package oracle

import (
	"bytes"
	"net/http"
	"slices"
	"strings"
	"time"

	"gauntlet/harness/judge/history"
	"gauntlet/harness/judge/requirement"
	"gauntlet/harness/judge/trace"
	"gauntlet/harness/run/workload"
)

// carriedOut holds that each step which the user asked for was done. The rig
// records a step as failed when the client says so, when it took too long, or
// when the other side saw nothing of it.
func carriedOut(t *trace.Trace) (f Assessment) {
	if nobodyCame(t) {
		f.Missing("nobody came")
		return f
	}
	for i := range t.Events {
		ev := &t.Events[i]
		switch ev.Kind {
		case history.StepDone:
			f.OK()
		case history.StepFailed:
			judgeStep(&f, t, ev)
		case history.Crashed:
			f.failAnyhow("the client crashed: %s", firstLine(ev.Text))
		case history.ClientGone:
			told := "the client " + firstLine(ev.Text)
			switch {
			case openedInVain(t, t.Words.Home, ev.At) || givenUp(t, ev.At) || endedForgotten(t, ev.At): // its end tells its user
				f.Slip(nil, "%s", told)
			case history.CrashedSo(ev.Text):
				f.failAnyhow("%s", told)
			default:
				f.Fail(nil, "%s", told)
			}
		case history.OverBudget:
			f.Fail(nil, "%s", ev.Text)
		}
	}
	if t.EndedByHand("") && !f.failed {
		return Assessment{reason: "the run was ended by hand"}
	}
	f.Missing("the user asked for nothing")
	return f
}

// judgeStep fails a client by a step that was not done. To hear what was lost in
// an answer that was falsified on the way before is more than it can do, and to open
// a session again and again, or to come back from an outage that its session did not
// survive, or where the gateway has forgotten it twice, is more than it must. In a chat
// that the way has kept from coming about nothing can be done, and in one that the server
// has closed nothing has to be.
func judgeStep(f *Assessment, t *trace.Trace, failed *history.Event) {
	text, already := strings.TrimSpace(failed.Text), f.failed && !f.slipped
	if how, closing := strings.CutPrefix(text, history.Closing); closing && history.CrashedSo(how) {
		f.failAnyhow("%s", text)
		return
	}
	if strings.HasPrefix(text, history.Quitting) {
		f.Slip(nil, "%s", text) // it costs its user nothing
		return
	}
	begins := func(verbs ...workload.Verb) bool {
		return slices.ContainsFunc(verbs, func(v workload.Verb) bool { return strings.HasPrefix(text, string(v)) })
	}
	if begins(inChat...) && (f.excused && strings.HasPrefix(f.reason, calling) || chatClosed(t, failed.At)) {
		return
	}
	signsIn, chats := begins(workload.SignIn), begins(workload.OpenChat) || begins(inChat...)
	if signsIn && openedInVain(t, t.Words.Home, failed.At) || chats && openedInVain(t, t.Words.Chat, failed.At) {
		f.Slip(nil, "%s", text)
		return
	}
	if givenUp(t, failed.At) || endedForgotten(t, failed.At) {
		f.Slip(nil, "%s", text)
		return
	}
	f.Fail(nil, "%s", text)
	if r := t.Garbled(); !already && r != nil && r.Ended <= failed.At && strings.HasPrefix(text, string(workload.Hear)+" ") {
		f.Excuse("%s", garbled(r))
	}
	if r := givenOnce(t, failed.At); !already && r != nil && (strings.HasPrefix(text, calling) || strings.HasPrefix(text, signingIn)) {
		f.Excuse("the way spoilt the answer to request %d, and who asked for it again was refused: what it brought is given to nobody any more", r.Ordinal)
	}
}

// chatClosed reports whether the client had been told by then that the server has closed its
// chat, and has opened no other since: what its user types there it may refuse.
func chatClosed(t *trace.Trace, by time.Duration) (closed bool) {
	for _, r := range t.Requests {
		switch {
		case r.Ended < 0 || r.Ended > by || r.Server() != t.Words.Chat:
		case r.Closes():
			closed = !r.Leaves()
		case r.IsOpen() && r.Served():
			closed = false
		}
	}
	return closed
}

// calling begins what is said of a chat that did not come about, signingIn of a session,
// and inChat is what is done in a chat.
const (
	calling   = string(workload.OpenChat) + ":"
	signingIn = string(workload.SignIn) + ":"
)

var inChat = []workload.Verb{workload.Send, workload.Hear, workload.Leave}

// givenOnce is an answer with something in it that came falsified, or was cut by a fault,
// in the step that was over by then, and that the gateway does not give again: it has
// refused the repeat. Who was served in that session all the same, and did not say there
// again what had no reply, has lost it itself.
func givenOnce(t *trace.Trace, by time.Duration) *trace.Request {
	began, struck := time.Duration(0), map[*trace.Request]bool{}
	for i := range t.Events {
		switch ev := &t.Events[i]; {
		case ev.Kind == history.StepBegan && ev.At < by:
			began = ev.At
		case ev.Kind == history.Fired:
			struck[t.FiredOn(ev)] = true
		}
	}
	for i, r := range t.Requests {
		refused := func(x *trace.Request) bool {
			return x.Asked.Token == r.Asked.Token && x.Began >= r.Ended && x.Ended <= by && x.Status == http.StatusBadRequest
		}
		spoilt := r.Unsure() && r.Falsified() != nil || r.Lost() && struck[r]
		if spoilt && r.Ended >= began && len(r.Brought()) > 0 && slices.ContainsFunc(t.Requests[i+1:], refused) && !neglected(r, by) {
			return r
		}
	}
	return nil
}

// neglected reports whether the client was served under another token by then, and had not
// sent again what r had asked for.
func neglected(r *trace.Request, by time.Duration) (served bool) {
	asked := r.Commands()
	if len(asked) == 0 || r.IsOpen() || r.Session == nil {
		return false
	}
	for _, x := range r.Session.Requests {
		switch {
		case x.Began < r.Ended || x.Began > by || x.Asked.Token == r.Asked.Token:
		case slices.ContainsFunc(x.Commands(), func(name string) bool { return slices.Contains(asked, name) }):
			return false
		case x.Served():
			served = true
		}
	}
	return served
}

func firstLine(s string) string {
	line, _, _ := strings.Cut(s, "\n")
	return line
}

// Crash is the verdict on a client that took its process down or would not
// end, where no history is left to judge.
func Crash(reason string) Verdict {
	return Verdict{Requirement: "command.carried-out", Level: requirement.Must, Status: Fail, Checked: 1, Reason: reason}
}

// onePerRequest reports whether each request carries one command (S40).
func onePerRequest(t *trace.Trace) (f Assessment) {
	for _, r := range t.Requests {
		names := r.Commands()
		switch {
		case len(names) > 1:
			f.Fail([]int{r.Ordinal}, "request %d carries %d commands: %s", r.Ordinal, len(names), Texts(names))
		case len(names) == 1:
			f.OK()
		}
	}
	f.Missing("no command was seen")
	return f
}

// nobodyCame reports whether a person was waited for, and nobody connected.
func nobodyCame(t *trace.Trace) bool { return t.Attended && len(t.Connections) == 0 }

// submitted are the messages that the client was asked to send, in order. Those
// of a step that was ended by hand nobody may have typed.
func submitted(t *trace.Trace) (list []string) {
	before := 0
	for i := range t.Events {
		switch ev := &t.Events[i]; ev.Kind {
		case history.StepBegan:
			before = len(list)
		case history.StepEnded:
			list = list[:before]
		case history.Submitted:
			list = append(list, ev.Text)
		}
	}
	return list
}

// relayed are the messages of sender that the switchboard passed on.
func relayed(t *trace.Trace, sender string) []string {
	return t.Texts(func(ev *history.Event) bool { return ev.Kind == history.Relayed && ev.User == sender })
}

// shown are the messages that the client showed to its user.
func shown(t *trace.Trace) []string {
	return t.Texts(func(ev *history.Event) bool { return ev.Kind == history.Delivered })
}

// doubted are the messages that the client called uncertain.
func doubted(t *trace.Trace) []string {
	return t.Texts(func(ev *history.Event) bool { return ev.Kind == history.Uncertain })
}

// complaints are the errors that the client showed its user.
func complaints(t *trace.Trace) []string {
	return t.Texts(func(ev *history.Event) bool { return ev.From == history.AtClient && ev.Kind == history.Failed })
}

// complainedOf reports whether one of the complaints names the message: it was
// refused, and there is no doubt.
func complainedOf(complaints []string, text string) bool {
	named := strings.TrimSpace(text)
	if named == "" {
		named = ":" // behind which it stands
	}
	return slices.ContainsFunc(complaints, func(c string) bool { return strings.HasSuffix(strings.TrimSpace(c), named) })
}

// inPieces reports whether a message arrived as several, one behind the other and
// nothing else between them: what is too long for one may be sent so.
func inPieces(text string, arrived []string) bool {
	for i := range arrived {
		rest, pieces := text, 0
		for _, piece := range arrived[i:] {
			next, begins := strings.CutPrefix(rest, piece)
			if piece == "" || !begins {
				break
			}
			rest, pieces = next, pieces+1
		}
		if rest == "" && pieces > 1 {
			return true
		}
	}
	return false
}

// lostFrom are the messages of sent that are not in arrived.
func lostFrom(sent, arrived []string) []string {
	there := map[string]bool{}
	for _, t := range arrived {
		there[t] = true
	}
	return slices.DeleteFunc(slices.Clone(sent), func(t string) bool { return there[t] })
}

// carrying are the requests with a message in their bodies, by their ordinals.
func carrying(t *trace.Trace, text string) (ordinals []int) {
	for _, r := range t.Requests {
		if bytes.Contains(r.Body, []byte(text)) {
			ordinals = append(ordinals, r.Ordinal)
		}
	}
	return ordinals
}

// doubled are the messages that are in the list more than once.
func doubled(list []string) []string {
	var twice []string
	times := map[string]int{}
	for _, t := range list {
		if times[t]++; times[t] == 2 {
			twice = append(twice, t)
		}
	}
	return twice
}

// swapped finds the first two neighbours of arrived that were sent in the
// other order; messages sent once only.
func swapped(sent, arrived []string) (earlier, later string, found bool) {
	last, place := -1, map[string]int{}
	for i, t := range slices.Backward(sent) {
		place[t] = i // the first
	}
	for _, t := range arrived {
		at, waits := place[t]
		if !waits {
			continue
		}
		if delete(place, t); at < last {
			return t, sent[last], true
		}
		last = at
	}
	return "", "", false
}

// notLost holds that what the user sent arrived at the switchboard, or that
// the user was told of the doubt (S10, S17). Of one that the way changed nothing is
// asked: its sender was answered.
func notLost(t *trace.Trace) (f Assessment) {
	sent := submitted(t)
	lost := lostFrom(lostFrom(sent, relayed(t, t.User)), doubted(t))
	complaints, arrived := complaints(t), relayed(t, t.User)
	lost = slices.DeleteFunc(lost, func(text string) bool { return complainedOf(complaints, text) || inPieces(text, arrived) })
	missing := len(lost)
	if missing > 0 {
		changes := changedOnTheWay(t)
		changed := bodiesOf(changes)
		lost = slices.DeleteFunc(lost, func(text string) bool { return len(changes) > 0 && (text == "" || changed.contain(text)) })
	}
	changed := missing - len(lost)
	f.checked = len(sent) - changed
	if len(lost) > 0 {
		f.Fail(nil, "%d of %d messages never arrived and the user was not told: %s", len(lost), len(sent), Texts(lost))
		f.because(ending, lostByEnd(t, lost))
	}
	judgeLost(&f, t)
	if changed > 0 {
		f.Missing("what the user sent was changed on the way, and nothing that was asked of a server was lost there")
	}
	f.Missing("the user sent no message, and nothing that was asked of a server was lost on the way")
	return f
}

// changedOnTheWay are the requests that left the client, and in place of which the
// gateway took other bytes, never sent under that token, and answered.
func changedOnTheWay(t *trace.Trace) (list []*trace.Request) {
	type said struct{ token, body string }
	type step struct{ from, to string }
	sent, strange := map[said]bool{}, map[step]bool{} // to the gateway, and taken by it without
	for _, r := range t.Requests {
		sent[said{r.Asked.Token, string(r.Body)}] = true
	}
	for i := range t.Events {
		if ev := &t.Events[i]; ev.Kind == history.Processed && !sent[said{ev.ID, string(ev.Data)}] {
			strange[step{ev.ID, ev.NewID}] = true
		}
	}
	for _, r := range t.Requests {
		if r.Served() && r.Asked.Token != "" && strange[step{r.Asked.Token, r.Given.Token}] {
			list = append(list, r)
		}
	}
	return list
}

// notDoubled holds that what the user sent arrived once. A user who types what
// they like may say the same thing twice.
func notDoubled(t *trace.Trace) (f Assessment) {
	if slices.ContainsFunc(t.Script, func(s workload.Step) bool { return s.Verb == workload.Free }) {
		f.Missing("what was sent twice cannot be told from what was typed twice")
		return f
	}
	arrived := relayed(t, t.User)
	twice := doubled(arrived)
	f.checked = len(arrived)
	if len(twice) > 0 {
		f.Fail(carrying(t, twice[0]), "arrived more than once: %s", Texts(twice))
	}
	judgeDoubled(&f, t)
	f.Missing("no message of the user's arrived, and nothing that was asked of a server was sent again")
	return f
}

// inOrder holds that messages arrived in the order in which the user sent
// them.
func inOrder(t *trace.Trace) (f Assessment) {
	arrived := relayed(t, t.User)
	earlier, later, wrong := swapped(submitted(t), arrived)
	f.checked = len(arrived)
	if wrong {
		f.Fail(nil, "%q arrived after %q, but was sent before it", earlier, later)
	}
	f.Missing("no message of the user's arrived")
	return f
}
