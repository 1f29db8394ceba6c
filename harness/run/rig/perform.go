package rig

import (
	"context"
	"errors"
	"fmt"
	"time"

	"gauntlet/harness/judge/history"
	"gauntlet/harness/run/adapter"
	"gauntlet/harness/run/workload"
)

// perform walks through the script and takes the client down. A step that
// fails does not end the run, but without a sign-in nothing else makes sense.
func (s *stage) perform(ctx context.Context) error {
	defer s.closeCrowd()
	defer s.closeClient()
	if err := s.peer.signIn(ctx); err != nil {
		return fmt.Errorf("the contact: %w", err)
	}
	s.begun()
	script := s.script()
	for i, step := range script {
		if s.endedByHand() {
			s.note(history.Event{Kind: history.StepEnded, Text: step.String()})
			return nil
		}
		s.note(history.Event{Kind: history.StepBegan, Text: step.String()})
		err := s.step(ctx, step, script[i+1:])
		if err == nil {
			s.note(history.Event{Kind: history.StepDone, Text: step.String()})
			continue
		}
		if s.refuses(err) {
			return nil
		}
		if s.endedByHand() {
			s.note(history.Event{Kind: history.StepEnded, Text: step.String()})
			return nil
		}
		s.notReady(err)
		s.note(history.Event{Kind: history.StepFailed, Text: step.String() + ": " + err.Error()})
		if step.Verb == workload.SignIn || ctx.Err() != nil || s.stuck != nil {
			return nil
		}
	}
	_ = s.pause(ctx, settling) // cut short by the end of the run
	return nil
}

// step does one step and looks at the other side whether it was done; rest is
// what comes after it.
func (s *stage) step(ctx context.Context, step workload.Step, rest workload.Script) error {
	budget := s.o.stepBudget(step, s.sent["alice"])
	ctx, cancel := context.WithTimeoutCause(ctx, budget, fmt.Errorf("not done after %s", budget))
	defer cancel()
	if done := s.done(); done != nil {
		s.serving.Go(func() { // until the step is over
			select {
			case <-done:
				cancel()
			case <-ctx.Done():
			}
		})
	}
	switch step.Verb {
	case workload.Stay, workload.Free:
		return s.pause(ctx, step.For)
	case workload.Kicked:
		s.messenger.Contact(UserEmail).SignIn()
		return nil
	case workload.Forget:
		s.gateway.Forget()
		return nil
	case workload.Vain:
		return s.vain(ctx, step)
	case workload.Hear:
		return s.letHear(ctx, step.Count)
	case workload.Said:
		return s.letSayBefore(rest, step.Count)
	case workload.Invited:
		if err := s.peer.invite(ctx, UserEmail); err != nil {
			return err
		}
	}
	others := s.together(ctx, step)
	if err := errors.Join(s.ask(ctx, step), others()); err != nil {
		return err
	}
	return s.seen(ctx, step)
}

// callAgain is how long the contact waits for a user who does not come; then it
// calls once more, for the first call's ticket may be lost, and is good once.
const callAgain = 20 * time.Second

// joined waits until the user is in the chat.
func (s *stage) joined(ctx context.Context, step workload.Step) error {
	for step.Verb == workload.Invited && s.o.ClientKind == adapter.BlackBox {
		within, cancel := context.WithTimeout(ctx, callAgain)
		err := s.peer.waitJoined(within, UserEmail)
		cancel()
		if err == nil || ctx.Err() != nil {
			return err
		}
		if err := s.peer.invite(ctx, UserEmail); err != nil {
			return err
		}
	}
	return s.peer.waitJoined(ctx, UserEmail)
}

// seen waits until the other side has seen a step that it can see.
func (s *stage) seen(ctx context.Context, step workload.Step) error {
	switch step.Verb {
	case workload.SignIn:
		if err := s.visible.wait(ctx, 1); err != nil {
			return fmt.Errorf("the contacts do not see the user: %w", err)
		}
	case workload.OpenChat:
		if s.uncalled = s.callsByText(); s.uncalled {
			return nil
		}
		return s.come(ctx, step)
	case workload.Send:
		if !s.uncalled {
			return nil
		}
		s.uncalled = false
		return s.come(ctx, step)
	case workload.Invited:
		return s.come(ctx, step)
	}
	return nil
}

// callsByText reports whether the client calls a contact only by a message.
func (s *stage) callsByText() bool {
	c, says := s.client.(adapter.ByText)
	return says && c.CallsByText()
}

// come waits until the contact has seen the user come.
func (s *stage) come(ctx context.Context, step workload.Step) error {
	if err := s.joined(ctx, step); err != nil {
		return fmt.Errorf("the contact saw nobody come: %w", err)
	}
	return nil
}

// pause waits; the clock is virtual in a bubble.
func (s *stage) pause(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-s.done():
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

// number makes the next n messages of a sender, numbered over the run.
func (s *stage) number(sender string, n int) []string {
	texts := make([]string, n)
	for i := range texts {
		s.sent[sender]++
		texts[i] = fmt.Sprintf("message %d from %s", s.sent[sender], sender)
	}
	return texts
}

// letHear has the contact say something and waits until the client has shown
// it.
func (s *stage) letHear(ctx context.Context, n int) error {
	target := s.shown.count() + n
	if err := s.letSay(n); err != nil {
		return err
	}
	if err := s.shown.wait(ctx, target); err != nil {
		return fmt.Errorf("of %d messages the user was shown %d: %w", n, s.shown.count()-target+n, err)
	}
	return nil
}

// letSayBefore has the contact say something before the rest of the script. While
// the user leaves the chat a scripted contact speaks in the moment in which OUT
// arrives: however soon a client polls, it can hear of this only in the answer
// with Session=close.
func (s *stage) letSayBefore(rest workload.Script, n int) error {
	contact, ok := s.peer.(scripted)
	if ok && len(rest) > 0 && rest[0].Verb == workload.Leave {
		contact.LastWords(s.number("bob", n)...)
		return nil
	}
	return s.letSay(n)
}

// letSay has the contact say something.
func (s *stage) letSay(n int) error {
	for _, text := range s.number("bob", n) {
		if err := s.peer.send(text); err != nil {
			return fmt.Errorf("the contact could not send: %w", err)
		}
	}
	return nil
}
