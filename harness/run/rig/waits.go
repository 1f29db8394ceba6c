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

// In real time somebody waits for the run. So a step that can no longer succeed ends at
// once, not when its time is over.

// awaitReturn lets the user stay while a client that was disturbed should be back and is
// not: until it is, or until it is too late for that.
func (p *play) awaitReturn(ctx context.Context) {
	for stillAway(p.recorder.Events(), p.now()) {
		if p.pause(ctx, time.Second) != nil || p.o.Attended != nil {
			return
		}
	}
}

// stillAway reports whether the client should have been answered since the last fault, was
// not, and still has time for it.
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
// not, without being heard by the gateway, where nothing disturbs it. A patient client
// waits 40 s; one that is refused does not wait.
const unheard = time.Minute

// watchSignIn ends a sign-in, in real time, that can no longer succeed.
func (p *play) watchSignIn(ctx context.Context, step workload.Step, end context.CancelCauseFunc) {
	if step.Verb != workload.SignIn || len(p.c.Chain) == 0 || !p.undisturbed() {
		return
	}
	p.watch(ctx, end, unheard/10, func() error {
		if p.servers.heard.count() > 0 || p.answeredFor() <= unheard {
			return nil
		}
		return fmt.Errorf("for %s the client was answered, and nothing that it sent has reached the gateway; nothing here will change", unheard)
	})
}

// watch calls vain at intervals until the step is over, and ends the step with the first
// error that vain returns.
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

// undisturbed reports whether, in real time, no fault fires and no box changes.
func (p *play) undisturbed() bool {
	return len(p.c.Faults) == 0 && !slices.ContainsFunc(p.c.Chain, changes) && p.o.Mode != Virtual && p.o.Attended == nil
}

// answeredFor returns how long ago the client got its first answer, from whomever.
func (p *play) answeredFor() time.Duration {
	for _, e := range p.recorder.Events() {
		if e.Kind == history.AnswerDone && e.Hop == 0 {
			return p.now() - e.At
		}
	}
	return 0
}

// plainlyCalled is how many requests must have been served after a call for it to be certain
// that the client has read the answer with it.
const plainlyCalled = 4

// ignored returns an error if a client, in real time, was called and has done nothing about
// it, although nothing disturbs it and it was answered again and again.
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
	return fmt.Errorf("since it was called the client has made %d requests and has opened no session; if it cannot be called, say in its file what it can do: supports: [sign-out]", answered)
}

// watchHear ends a hear, in real time, when those of the n messages that were not shown yet
// never will be.
func (p *play) watchHear(ctx context.Context, began time.Duration, n int, end context.CancelCauseFunc) {
	if p.o.Mode == Virtual || p.o.Attended != nil || p.o.ClientKind == adapter.BlackBox {
		return
	}
	p.watch(ctx, end, time.Second, func() error {
		now := p.now()
		if now-began < longShown {
			return nil // nearly always: the history is not read
		}
		return neverShown(trace.New(p.recorder.Events(), facts(Run{Case: p.c, Options: p.o})), began, n, now)
	})
}

// longShown is how long a client may take to show a message that it was given.
const longShown = 15 * time.Second

// neverShown returns why those of the n messages that were said to the user since then and
// were not shown yet never will be; nil if one may be.
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
		return nil // it is still to be said
	}
	return why
}

// whyLost returns why a message will never be shown; nil if it may be.
func whyLost(t *trace.Trace, said *history.Event, now time.Duration) error {
	has := func(body []byte) bool { return bytes.Contains(body, []byte(said.Text)) }
	for _, r := range t.Requests {
		switch {
		case r.Began > said.At && r.Ended >= 0 && r.Served() && !r.Unsure() && has(r.AnswerBody):
			if now-r.Ended < longShown || servedSince(t, r.Ended) < plainlyCalled {
				return nil
			}
			return fmt.Errorf("%q was in the answer to request %d; since then the client has sent other requests, and has not shown it", said.Text, r.Ordinal)
		case has(r.Brought()):
			return nil // it was lost on the way, and may be given again
		}
	}
	where := chatsAt(t, said.At)
	if len(where) == 0 || slices.ContainsFunc(where, func(s *trace.Session) bool { return !deserted(t, s, said.At, now) }) {
		return nil
	}
	return fmt.Errorf("the client no longer polls the session in which %q was said", said.Text)
}

// chatsAt returns the chat sessions that were open at a time.
func chatsAt(t *trace.Trace, at time.Duration) (list []*trace.Session) {
	for _, s := range t.Sessions {
		if s.Server == t.Words.Chat && s.Opened <= at && (s.Ended < 0 || s.Ended >= at) {
			list = append(list, s)
		}
	}
	return list
}

// deserted reports whether no further request will come in a session: it has ended, or the
// client, which nothing disturbed there, has been silent in it for longer than it may while
// it went on in others.
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

// servedSince counts the requests that began after that time and were served.
func servedSince(t *trace.Trace, then time.Duration) (n int) {
	for _, r := range t.Requests {
		if r.Began > then && r.Served() {
			n++
		}
	}
	return n
}
