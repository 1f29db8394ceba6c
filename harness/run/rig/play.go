package rig

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"gauntlet/harness/judge/history"
	"gauntlet/harness/run/adapter"
	"gauntlet/harness/run/protocol"
	"gauntlet/harness/run/workload"
)

// play is a case's script under way, with those who act in it.
type play struct {
	*env
	servers  *servers
	subject  *subject
	extras   *extraClients
	contact  protocol.Contact
	sent     map[string]int // messages made so far, by sender
	began    func()         // tells whoever attends that the script begins
	uncalled bool           // the chat is open as far as the user sees, and its contact has yet to be called by a message
}

// perform walks through the script and takes the clients down. A step that
// fails does not end the run, but without a sign-in nothing else makes sense.
func (p *play) perform(ctx context.Context) error {
	defer p.extras.close()
	defer p.subject.close()
	if err := p.contact.SignIn(ctx); err != nil {
		return fmt.Errorf("the contact: %w", err)
	}
	p.began()
	for i := range p.c.Workload {
		if over := p.turn(ctx, i); over {
			return nil
		}
	}
	_ = p.pause(ctx, settling) // cut short by the end of the run
	return nil
}

// turn is the turn of step i; over says that the rest makes no sense any more.
func (p *play) turn(ctx context.Context, i int) (over bool) {
	step := p.c.Workload[i]
	if p.endedByHand(step) {
		return true
	}
	if step.Verb == workload.SignOut {
		p.awaitReturn(ctx)
	}
	p.note(history.Event{Kind: history.StepBegan, Text: step.String()})
	err := p.step(ctx, step, p.c.Workload[i+1:])
	if err == nil {
		p.note(history.Event{Kind: history.StepDone, Text: step.String()})
		return ctx.Err() != nil
	}
	if p.subject.refuses(err) || p.endedByHand(step) {
		return true
	}
	p.subject.notReady(err)
	p.note(history.Event{Kind: history.StepFailed, Text: step.String() + ": " + err.Error()})
	return step.Verb == workload.SignIn || ctx.Err() != nil || p.subject.stuck != nil
}

// endedByHand reports, and notes, whether whoever attends has ended the run.
func (p *play) endedByHand(step workload.Step) bool {
	select {
	case <-p.o.Attended.done():
		p.note(history.Event{Kind: history.StepEnded, Text: step.String()})
		return true
	default:
		return false
	}
}

// step does one step and looks at the other side whether it was done; rest is
// what comes after it.
func (p *play) step(ctx context.Context, step workload.Step, rest workload.Script) error {
	budget := p.o.stepBudget(step, p.sent["alice"])
	ctx, cancel := context.WithTimeoutCause(ctx, budget, fmt.Errorf("not done after %s", budget))
	defer cancel()
	ctx, end := context.WithCancelCause(ctx)
	defer end(nil)
	p.watchSignIn(ctx, step, end)
	if done := p.o.Attended.done(); done != nil {
		p.serving.Go(func() { // until the step is over
			select {
			case <-done:
				cancel()
			case <-ctx.Done():
			}
		})
	}
	if done, err := p.atServers(ctx, step); done {
		return err
	}
	switch step.Verb {
	case workload.Stay, workload.Free:
		return p.pause(ctx, step.For)
	case workload.Suspend:
		return p.subject.suspend(func() error { return p.pause(ctx, step.For) })
	case workload.Vain:
		return p.expectFailure(ctx, step, workload.SignIn)
	case workload.FailCall, workload.Types, workload.Parts:
		return p.direct(ctx, step)
	case workload.Hear:
		return p.letHear(ctx, step)
	case workload.Said:
		return p.letSayBefore(rest, step)
	}
	return p.act(ctx, step)
}

// atServers does what the servers do by themselves in a step; it reports whether
// there is such a thing.
func (p *play) atServers(ctx context.Context, step workload.Step) (done bool, err error) {
	running := p.servers.running
	switch step.Verb {
	case workload.Kicked:
		return true, running.Scripted(UserEmail).SignIn(ctx)
	case workload.Forget:
		running.Forget()
	case workload.ForgetSB:
		running.ForgetChats()
	case workload.CloseSB:
		running.CloseChats()
	case workload.Maintain:
		running.Maintain(step.For)
	case workload.Restart:
		running.Restart(step.For)
	case workload.Move:
		running.Leave(protocol.GatewayHost)
		return true, p.network.lead(protocol.GatewayHost, protocol.OtherGatewayHost)
	case workload.Come, workload.Go:
		running.Crowd(step.Verb == workload.Come)
	default:
		return false, nil
	}
	return true, nil
}

// act has the clients do a step, and waits until the other side has seen it.
func (p *play) act(ctx context.Context, step workload.Step) error {
	if step.Verb == workload.Invited {
		if err := p.contact.Invite(ctx, UserEmail); err != nil {
			return err
		}
	}
	others := p.extras.do(ctx, step)
	if err := errors.Join(p.ask(ctx, step), others()); err != nil {
		return err
	}
	return p.seen(ctx, step)
}

// ask has the client under test do a step. The messages that it is to send are
// recorded as submitted. One that says of the step that it is not done has told its
// user of each of them.
func (p *play) ask(ctx context.Context, step workload.Step) error {
	task := adapter.Task{Step: step}
	if step.Verb == workload.Send {
		task.Texts = p.texts("alice", step)
	}
	for _, text := range task.Texts {
		p.recorder.Record(history.Event{From: history.AtClient, Kind: history.Submitted, User: UserEmail, Text: text})
	}
	err := p.subject.do(ctx, task)
	if err == nil || ctx.Err() != nil {
		return err
	}
	for _, text := range task.Texts { // it was refused, and is no message any more
		p.recorder.Record(history.Event{From: history.AtClient, Kind: history.Failed, User: UserEmail, Text: fmt.Sprintf("%v: %s", err, text)})
	}
	tooLong := func(text string) bool { return len(text) > p.o.Speaks.Longest }
	if slices.ContainsFunc(task.Texts, tooLong) && !p.subject.useless(err) {
		return nil // what cannot be sent is refused, and that is right
	}
	return err
}

// direct has the contact do what only one does that is scripted, and the user
// what follows from it.
func (p *play) direct(ctx context.Context, step workload.Step) error {
	contact, scripted := p.contact.(protocol.Scripted)
	switch {
	case !scripted:
		return fmt.Errorf("%q: the contact has a client of its own, which cannot be told to", step)
	case step.Verb == workload.Types:
		return contact.Type()
	case step.Verb == workload.Parts:
		contact.Leave()
		return nil
	}
	contact.SignOut()
	return p.expectFailure(ctx, step, workload.OpenChat)
}

// expectFailure has the client try what cannot succeed; it must report an error
// within step.For, by giving up or while it goes on trying.
func (p *play) expectFailure(ctx context.Context, step workload.Step, vain workload.Verb) error {
	p.subject.complaint.forget()
	over := time.Now().Add(step.For)
	ctx, cancel := context.WithTimeoutCause(ctx, step.For, adapter.ErrEnough)
	defer cancel()
	err := p.ask(ctx, workload.Step{Verb: vain})
	switch {
	case err == nil:
		return fmt.Errorf("the client says that it could %s, and it cannot have", vain)
	case p.subject.stuck != nil, errors.Is(err, adapter.ErrNotReady):
		return err // one that was not there has neither given up nor gone on
	case ctx.Err() == nil, p.subject.complaint.madeBefore(over), errors.Is(context.Cause(ctx), adapter.ErrEnded):
		return nil // that a program ends is giving up, too, and is judged by itself
	case !errors.Is(context.Cause(ctx), adapter.ErrEnough):
		return err // it had not the whole time
	}
	return fmt.Errorf("in %s the client has not told its user that it does not get on", step.For)
}

// callAgain is how long the contact waits for a user who does not come; then it
// calls once more, for the first call's ticket may be lost, and is good once.
const callAgain = 20 * time.Second

// joined waits until the user is in the chat.
func (p *play) joined(ctx context.Context, step workload.Step) error {
	called := time.Now()
	for step.Verb == workload.Invited && p.o.ClientKind == adapter.BlackBox {
		within, cancel := context.WithTimeout(ctx, callAgain)
		err := p.contact.WaitJoined(within, UserEmail)
		cancel()
		if err == nil || ctx.Err() != nil {
			return err
		}
		if err := p.ignored(called); err != nil {
			return err
		}
		if err := p.contact.Invite(ctx, UserEmail); err != nil {
			return err
		}
	}
	return p.contact.WaitJoined(ctx, UserEmail)
}

// seen waits until the other side has seen a step that it can see.
func (p *play) seen(ctx context.Context, step workload.Step) error {
	switch step.Verb {
	case workload.SignIn:
		if err := p.servers.visible.wait(ctx, 1); err != nil {
			return fmt.Errorf("the contacts do not see the user: %w", err)
		}
	case workload.OpenChat:
		if p.uncalled = p.callsByText(); p.uncalled {
			return nil
		}
		return p.come(ctx, step)
	case workload.Send:
		if !p.uncalled {
			return nil
		}
		p.uncalled = false
		return p.come(ctx, step)
	case workload.Invited:
		return p.come(ctx, step)
	}
	return nil
}

// callsByText reports whether the client calls a contact only by a message.
func (p *play) callsByText() bool {
	c, says := p.subject.client.(adapter.ByText)
	return says && c.CallsByText()
}

// come waits until the contact has seen the user come.
func (p *play) come(ctx context.Context, step workload.Step) error {
	if err := p.joined(ctx, step); err != nil {
		return fmt.Errorf("the contact saw nobody come: %w", err)
	}
	return nil
}

// pause waits; the clock is virtual in a bubble.
func (p *play) pause(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-p.o.Attended.done():
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

// texts makes what a sender says in a step: messages that are numbered over the
// run, and drawn out to the size that is wanted, if it is no text of the case's.
func (p *play) texts(sender string, step workload.Step) []string {
	texts := make([]string, step.Count)
	for i := range texts {
		p.sent[sender]++
		texts[i] = fmt.Sprintf("message %d from %s", p.sent[sender], sender)
		switch short := step.Size - len(texts[i]); {
		case step.Literal:
			texts[i] = step.Text
		case short > 0:
			texts[i] += " " + strings.Repeat(filling, short/len(filling)+1)[:short-1]
		}
	}
	return texts
}

// filling is what a message is drawn out with.
const filling = "and so on, "

// letHear has the contact say something and waits until the client has shown
// it.
func (p *play) letHear(ctx context.Context, step workload.Step) error {
	n := step.Count
	target, began := p.subject.shown.count()+n, p.now()
	if err := p.letSay(step); err != nil {
		return err
	}
	ctx, end := context.WithCancelCause(ctx)
	defer end(nil)
	p.watchHear(ctx, began, n, end)
	if err := p.subject.shown.wait(ctx, target); err != nil {
		return fmt.Errorf("of %d messages the user was shown %d: %w", n, p.subject.shown.count()-target+n, err)
	}
	return nil
}

// letSayBefore has the contact say something before the rest of the script. While
// the user leaves the chat a scripted contact speaks in the moment in which it
// hears of that: however soon a client polls, it can hear of this only in the
// answer that closes the session.
func (p *play) letSayBefore(rest workload.Script, step workload.Step) error {
	contact, ok := p.contact.(protocol.Scripted)
	if ok && len(rest) > 0 && rest[0].Verb == workload.Leave {
		contact.LastWords(p.texts("bob", step)...)
		return nil
	}
	return p.letSay(step)
}

// letSay has the contact say something.
func (p *play) letSay(step workload.Step) error {
	for _, text := range p.texts("bob", step) {
		if err := p.contact.Send(text); err != nil {
			return fmt.Errorf("the contact could not send: %w", err)
		}
	}
	return nil
}
