package rig

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"time"

	"gauntlet/harness/judge/history"
	"gauntlet/harness/run/adapter"
	"gauntlet/harness/run/workload"
)

// userPassword is what the user signs in with. Any ticket would do: Passport is
// no part of this.
const userPassword = "secret"

// putClient makes the client under test, with all that it is told.
func (s *stage) putClient() error {
	if err := s.putDecoy(); err != nil {
		return err
	}
	s.noteRoute()
	if s.o.Pace > 0 {
		s.note(history.Event{Kind: history.Calibrated, Text: s.o.Pace.String()})
	}
	s.ledger = newLedger(s.ground.on(userHost))
	var err error
	s.client, err = s.o.Client(adapter.Setup{
		Network: s.ledger, Route: s.route, Gateway: gatewayName, GatewayAddress: s.gatewayAt,
		ProxyOff: s.decoy, Email: UserEmail, Password: userPassword, Contact: ContactEmail,
		Case: s.c.ID, Script: s.script(), Report: s.hear, Gone: s.gone,
		CA: s.o.CA, Start: s.ground.start(userHost), Left: s.left, Log: s.keepLog,
	})
	return err
}

// keepLog takes what the client's process printed.
func (s *stage) keepLog(text []byte) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.log = text
}

// printed is that log.
func (s *stage) printed() []byte {
	if s == nil {
		return nil
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.log
}

// hear takes what the client says of itself.
func (s *stage) hear(e history.Event) {
	e.From, e.User = history.AtClient, UserEmail
	s.recorder.Record(e)
	switch e.Kind {
	case history.Delivered:
		s.shown.add()
	case history.Failed:
		s.complaint.made()
	}
}

// watch takes what the messenger does, and looks for what steps wait for.
func (s *stage) watch(e history.Event) {
	s.recordBehind(e)
	if e.Kind == history.Sent && e.User == UserEmail && bytes.HasPrefix(e.Data, []byte("CHG ")) {
		s.visible.add()
	}
}

// gone ends a run whose client is of no use any more. One whose session is over
// may end, with whatever status.
func (s *stage) gone(why error) {
	switch {
	case errors.Is(why, adapter.ErrEnded) && s.sessionOver():
		s.note(history.Event{Kind: history.Quit, User: UserEmail, Text: why.Error()})
		return
	case !s.refuses(why):
		s.note(history.Event{Kind: history.ClientGone, Text: why.Error()})
	}
	s.end(fmt.Errorf("%w: it %w", errGone, why))
}

// left notes what the client would not do when it was closed.
func (s *stage) left(what error) {
	s.note(history.Event{Kind: history.StepFailed, Text: "close: " + what.Error()})
}

// sessionOver reports whether the user has signed out or was thrown out, and has
// not signed in again.
func (s *stage) sessionOver() (over bool) {
	for _, e := range s.recorder.Events() {
		if e.Kind != history.StepBegan {
			continue
		}
		switch e.Text {
		case string(workload.Kicked), string(workload.SignOut):
			over = true
		case string(workload.SignIn):
			over = false
		}
	}
	return over
}

// refuses keeps the client's word that it does not support the case, if err is
// that.
func (s *stage) refuses(err error) bool {
	if !errors.Is(err, adapter.ErrUnsupported) {
		return false
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.refused == nil {
		s.refused = err
	}
	return true
}

// notReady keeps that the client never came so far as to be asked, if err is that.
func (s *stage) notReady(err error) {
	if errors.Is(err, adapter.ErrNotReady) {
		s.mu.Lock()
		defer s.mu.Unlock()
		s.unready = err
	}
}

// unasked is why the case was not put to the client: its word that it does not
// support it, or that it never was ready.
func (s *stage) unasked() (refused, unready error) {
	if s == nil {
		return nil, nil
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.refused, s.unready
}

// probeEvery is how often a client is challenged that says nothing of itself: it
// answers by itself, and so shows that it is reached.
const probeEvery = 5 * time.Second

func (s *stage) probing() time.Duration {
	if s.o.ClientKind == adapter.BlackBox {
		return probeEvery
	}
	return 0
}

// patience is how long, by the run's own clock, a client may take to give up a
// step whose time is over, and to end when it is closed.
const patience = 30 * time.Second

// ask has the client do a step, in a goroutine of its own: one that never
// returns must not hold up the run. What still has not returned is s.stuck.
func (s *stage) ask(ctx context.Context, step workload.Step) error {
	task := s.task(step)
	done := make(chan error, 1)
	go func() { done <- s.guarded(func() error { return s.client.Do(ctx, task) }) }()
	select {
	case err := <-done:
		return err
	case <-ctx.Done():
	}
	returned, err := soon(done)
	if !returned {
		s.stuck = done
		return fmt.Errorf("%w, and it does not return", context.Cause(ctx))
	}
	return err
}

// task is the step with its messages, which are recorded as submitted.
func (s *stage) task(step workload.Step) adapter.Task {
	task := adapter.Task{Step: step}
	if step.Verb == workload.Send {
		task.Texts = s.number("alice", step.Count)
	}
	for _, text := range task.Texts {
		s.recorder.Record(history.Event{From: history.AtClient, Kind: history.Submitted, User: UserEmail, Text: text})
	}
	return task
}

// guarded runs code of the client's; a panic is its own failure.
func (s *stage) guarded(code func() error) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("the client panicked: %v", p)
			s.note(history.Event{Kind: history.Crashed, Text: fmt.Sprintf("%v\n%s", p, debug.Stack())})
		}
	}()
	return code()
}

// soon waits for code that was told to end.
func soon(done <-chan error) (returned bool, err error) {
	timer := time.NewTimer(patience)
	defer timer.Stop()
	select {
	case err := <-done:
		return true, err
	case <-timer.C:
		return false, nil
	}
}

// closeClient ends the client under test, whatever it does. What does not end
// is left behind; in virtual time the bubble then speaks of it.
func (s *stage) closeClient() {
	closed := make(chan error, 1)
	go func() { closed <- s.guarded(func() error { s.client.Close(); return nil }) }()
	returned, err := soon(closed)
	switch {
	case !returned:
		err = fmt.Errorf("the client did not end within %s", patience)
	case err == nil && s.stuck != nil:
		if ended, _ := soon(s.stuck); !ended {
			err = fmt.Errorf("the client is closed, and the step still does not return")
		}
	}
	if err != nil {
		s.note(history.Event{Kind: history.StepFailed, Text: "close: " + err.Error()})
		return
	}
	s.ledger.settle(s.recorder.Record)
}

var errEnough = errors.New("the user has waited long enough")

// vain has the client sign in where nothing can come of it. It has to say so,
// by giving up or while it goes on trying.
func (s *stage) vain(ctx context.Context, step workload.Step) error {
	s.complaint.forget()
	over := time.Now().Add(step.For)
	ctx, cancel := context.WithTimeoutCause(ctx, step.For, errEnough)
	defer cancel()
	err := s.ask(ctx, workload.Step{Verb: workload.SignIn})
	switch {
	case err == nil:
		return errors.New("the client says that it has signed in, and it cannot have")
	case s.stuck != nil:
		return err
	case ctx.Err() == nil, s.complaint.madeBefore(over):
		return nil
	}
	return fmt.Errorf("in %s the client has not told its user that it does not get on", step.For)
}
