// Package builtin puts the reference client under test: it does the steps of a
// workload with it, and reports what the client says. It owns no goroutine
// beside the client's.
package builtin

import (
	"context"
	"fmt"

	"gauntlet/harness/judge/history"
	"gauntlet/harness/msn/client"
	"gauntlet/harness/run/adapter"
	"gauntlet/harness/run/workload"
)

// New makes the reference client. Each turn may change its options: without
// one it is the documented client.
func New(turns ...func(*client.Options)) adapter.Factory {
	return func(s adapter.Setup) (adapter.Client, error) { return newBuiltIn(s, turns), nil }
}

// builtIn drives the reference client.
type builtIn struct {
	setup adapter.Setup
	user  *client.User
	chat  *client.Chat
}

func newBuiltIn(s adapter.Setup, turns []func(*client.Options)) *builtIn {
	b := &builtIn{setup: s}
	o := client.Options{
		Network: s.Network, Route: s.Route, PAC: s.PAC, Gateway: s.Gateway,
		Email: s.Email, Password: s.Password, Report: b.report,
	}
	if s.Trust != nil {
		o.Secure = client.OverTLS(s.Trust)
	}
	for _, turn := range turns {
		turn(&o)
	}
	b.user = client.NewUser(o)
	return b
}

var kinds = map[client.ReportKind]history.Kind{
	client.Received:  history.Delivered,
	client.Uncertain: history.Uncertain,
	client.Reopened:  history.Reopened,
	client.Trouble:   history.Failed,
	client.Closed:    history.Quit,
}

func (b *builtIn) report(r client.Report) {
	b.setup.Report(history.Event{Kind: kinds[r.Kind], ID: r.From, Text: r.Text})
}

// Do performs one step.
func (b *builtIn) Do(ctx context.Context, task adapter.Task) (err error) {
	switch task.Step.Verb {
	case workload.SignIn:
		if err = b.user.SignIn(ctx); err == nil {
			b.setup.Report(history.Event{Kind: history.Connected})
		}
	case workload.OpenChat:
		b.chat, err = b.user.Call(ctx, b.setup.Contact)
	case workload.Invited:
		b.chat, err = b.user.Invited(ctx)
	case workload.Send:
		return b.send(task.Texts)
	case workload.Leave:
		if b.chat != nil {
			return b.chat.Leave(ctx)
		}
	case workload.SignOut:
		return b.user.SignOut(ctx)
	}
	return err
}

func (b *builtIn) send(texts []string) error {
	if b.chat == nil {
		return fmt.Errorf("send: no chat is open")
	}
	for _, text := range texts {
		if err := b.chat.Send(text); err != nil {
			return err
		}
	}
	return nil
}

// Close ends the client.
func (b *builtIn) Close() { b.user.Close() }
