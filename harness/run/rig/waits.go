package rig

import (
	"bytes"
	"context"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"gauntlet/harness/judge/history"
	"gauntlet/harness/judge/requirement"
	"gauntlet/harness/judge/trace"
	"gauntlet/harness/run/adapter"
	"gauntlet/harness/run/workload"
)

// In real time somebody sits before the screen. A wait ends as soon as it is
// certain that it comes to nothing, and not when its time is over.

// awaitReturn has the user stay while a client that was disturbed is not back and
// should be: until it is, or until it is certain that it does not come in time.
func (p *play) awaitReturn(ctx context.Context) {
	for stillAway(p.recorder.Events(), p.now()) {
		if p.pause(ctx, time.Second) != nil || p.o.Attended != nil {
			return
		}
	}
}

// stillAway reports whether the last fault was so long ago by now that a client
// should have been answered since then, and may be yet.
func stillAway(events []history.Event, now time.Duration) bool {
	for i := range slices.Backward(events) {
		switch ev := &events[i]; {
		case ev.From == history.AtHop && ev.Hop == 0 && ev.Kind == history.AnswerDone && ev.Status == http.StatusOK:
			return false
		case ev.Kind == history.Fired:
			ago := now - ev.At
			return ago >= requirement.BackShould && ago <= requirement.BackMust+time.Second
		}
	}
	return false
}

// unheard is how long a client may be answered by a box, whether it was told of it or
// not, without being heard by the gateway, where nothing disturbs it. Who is patient
// waits 40 s, and who is refused does not wait.
const unheard = time.Minute

// watchSignIn ends a sign-in, in real time, of which it is certain that it comes to
// nothing.
func (p *play) watchSignIn(ctx context.Context, step workload.Step, end context.CancelCauseFunc) {
	if step.Verb != workload.SignIn || len(p.c.Chain) == 0 || !p.undisturbed() {
		return
	}
	p.watch(ctx, end, unheard/10, func() error {
		if p.servers.heard.count() > 0 || p.answeredFor() <= unheard {
			return nil
		}
		return fmt.Errorf("in %s nothing that the client says has come to the gateway, and nothing here will change", unheard)
	})
}

// watch ends a step with the error that vain returns, which it is asked for again and
// again until the step is over.
func (p *play) watch(ctx context.Context, end context.CancelCauseFunc, every time.Duration, vain func() error) {
	p.serving.Go(func() {
		tick := time.NewTicker(every)
		defer tick.Stop()
		for {
			select {
			case <-tick.C:
			case <-ctx.Done():
				return
			}
			if err := vain(); err != nil {
				end(err)
				return
			}
		}
	})
}

// undisturbed reports whether what a program meets in real time stays as it is.
func (p *play) undisturbed() bool {
	return len(p.c.Faults) == 0 && !slices.ContainsFunc(p.c.Chain, changes) && p.o.Mode != Virtual && p.o.Attended == nil
}

// answeredFor is how long ago the client first was answered, whoever did it.
func (p *play) answeredFor() time.Duration {
	for _, e := range p.recorder.Events() {
		if e.Kind == history.AnswerDone && e.Hop == 0 {
			return p.now() - e.At
		}
	}
	return 0
}

// plainlyCalled is how many requests that were served after a call leave no doubt that it was in
// an answer that the client has taken.
const plainlyCalled = 4

// ignored is the error of a client, in real time, that was called and has done
// nothing about it, though nothing disturbs it and it was answered again and again.
func (p *play) ignored(called time.Time) error {
	if !p.undisturbed() {
		return nil
	}
	answered, since := 0, called.Sub(p.recorder.Began())
	for _, e := range p.recorder.Events() {
		switch {
		case e.At < since:
		case e.Kind == history.SessionOpened:
			return nil
		case e.Kind == history.Processed: // it carries the token of the answer before
			answered++
		}
	}
	if answered < plainlyCalled {
		return nil
	}
	return fmt.Errorf("since it was called the client has made %d requests and has opened no session; if it cannot be called, its file says what it can: supports: [sign-out]", answered)
}

// watchHear ends a hear, in real time, that can no longer come: n messages were said
// to the user since it began.
func (p *play) watchHear(ctx context.Context, began time.Duration, n int, end context.CancelCauseFunc) {
	if p.o.Mode == Virtual || p.o.Attended != nil || p.o.ClientKind == adapter.BlackBox {
		return
	}
	p.watch(ctx, end, time.Second, func() error {
		now := p.now()
		if now-began < longShown {
			return nil // as nearly always: nothing is read
		}
		return neverShown(trace.New(p.recorder.Events(), facts(Run{Case: p.c, Options: p.o})), began, n, now)
	})
}

// longShown is how long a client may keep to itself what it was told.
const longShown = 15 * time.Second

// neverShown is why none of the n messages that were said to the user since then and were not
// shown yet will be; nil if one may.
func neverShown(t *trace.Trace, since time.Duration, n int, now time.Duration) error {
	var why error
	for i := range t.Events {
		said := &t.Events[i]
		if said.Kind != history.Relayed || said.At < since || !strings.EqualFold(said.ID, t.User) {
			continue
		}
		n--
		shown := func(e history.Event) bool { return e.Kind == history.Delivered && e.Text == said.Text }
		if slices.ContainsFunc(t.Events[i:], shown) {
			continue
		}
		if why = whyLost(t, said, now); why == nil {
			return nil
		}
	}
	if n > 0 {
		return nil // somebody is about to say it
	}
	return why
}

// whyLost is why a message will not be shown; nil if it may be.
func whyLost(t *trace.Trace, said *history.Event, now time.Duration) error {
	has := func(body []byte) bool { return bytes.Contains(body, []byte(said.Text)) }
	for _, r := range t.Requests {
		switch {
		case r.Began > said.At && r.Ended >= 0 && r.Served() && !r.Unsure() && has(r.AnswerBody):
			if now-r.Ended < longShown || servedSince(t, r.Ended) < plainlyCalled {
				return nil
			}
			return fmt.Errorf("%q was in the answer to request %d, and the client has asked on since then and shown nothing", said.Text, r.Ordinal)
		case has(r.Brought()):
			return nil // it was lost on the way, and may be given again
		}
	}
	where := chatsAt(t, said.At)
	if len(where) == 0 || slices.ContainsFunc(where, func(s *trace.Session) bool { return !deserted(t, s, said.At, now) }) {
		return nil
	}
	return fmt.Errorf("nobody asks any more in the session in which %q was said", said.Text)
}

// chatsAt are the sessions for chats that there were at a time.
func chatsAt(t *trace.Trace, at time.Duration) (list []*trace.Session) {
	for _, s := range t.Sessions {
		if s.Server == t.Words.Chat && s.Opened <= at && (s.Ended < 0 || s.Ended >= at) {
			list = append(list, s)
		}
	}
	return list
}

// deserted reports whether nothing more will be asked for in a session: it has ended, or
// the client, which nothing disturbed there, has been silent in it for longer than it may
// and has not elsewhere.
func deserted(t *trace.Trace, s *trace.Session, said, now time.Duration) bool {
	if len(s.Requests) == 0 {
		return false
	}
	last := s.Requests[len(s.Requests)-1]
	if last.Ended < 0 || last.Lost() {
		return false
	}
	if s.Ended >= 0 {
		return true
	}
	lost := func(l trace.Loss) bool { return l.Last.Session == s && l.At >= last.Began }
	return now-last.Ended > requirement.LongestSilence && servedSince(t, max(last.Ended, said)) >= plainlyCalled &&
		!last.Unsure() && !t.Disturbed(last, now) && !slices.ContainsFunc(t.Losses(), lost)
}

// servedSince is how many requests began and were served after that.
func servedSince(t *trace.Trace, then time.Duration) (n int) {
	for _, r := range t.Requests {
		if r.Began > then && r.Served() {
			n++
		}
	}
	return n
}
