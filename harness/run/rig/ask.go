package rig

import (
	"context"
	"fmt"
	"runtime/debug"
	"time"

	"gauntlet/harness/judge/history"
	"gauntlet/harness/run/adapter"
	"gauntlet/harness/run/workload"
)

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
