// Package adapter is the door between the rig and a client under test,
// whatever the client is written in. It knows what a client is asked to do and
// what it may say of itself; it knows nothing of networks, faults or verdicts.
package adapter

import (
	"context"
	"fmt"
	"os/exec"

	"gauntlet/harness/client"
	"gauntlet/harness/history"
	"gauntlet/harness/workload"
	"gauntlet/proxies/network"
)

// Client is a client under test for the length of one case. The rig calls Do
// for one step at a time and Close once, in the end.
type Client interface {
	// Do performs one step of the user's and returns when it is done as far as
	// the client can tell. An error is the client's own word that it failed.
	Do(ctx context.Context, task Task) error
	// Close ends everything that the client has started. It must return.
	Close()
}

// Task is one step with what it needs.
type Task struct {
	Step  workload.Step
	Texts []string // the messages of a Send, in order
}

// Setup is what a client is told before a case.
type Setup struct {
	Network         network.Network // all that it may dial through
	Route           client.Route
	ProxyOff        string // a proxy that is given too, but switched off
	Gateway         string // the gateway's host, a protocol address
	Email, Password string
	Contact         string
	// Start starts a program where the client's host lives; nil: plainly, by its
	// own Start.
	Start func(*exec.Cmd) error
	// Report takes what the client says of itself: the history's client kinds.
	// It must not be called after Close has returned.
	Report func(history.Event)
}

// Factory makes one client for one case.
type Factory func(Setup) (Client, error)

// BuiltIn makes the reference client with the given deviations; the zero value
// makes the documented one.
func BuiltIn(habits client.Habits) Factory {
	return func(s Setup) (Client, error) { return newBuiltIn(s, habits), nil }
}

// builtIn drives the reference client.
type builtIn struct {
	setup Setup
	user  *client.User
	chat  *client.Chat
}

func newBuiltIn(s Setup, habits client.Habits) *builtIn {
	b := &builtIn{setup: s}
	b.user = client.NewUser(client.Options{
		Network: s.Network, Route: s.Route, Gateway: s.Gateway,
		Email: s.Email, Password: s.Password, Habits: habits, Report: b.report,
	})
	return b
}

var kinds = map[client.ReportKind]history.Kind{
	client.Connected: history.Connected,
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
func (b *builtIn) Do(ctx context.Context, task Task) (err error) {
	switch task.Step.Verb {
	case workload.SignIn:
		return b.user.SignIn(ctx)
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
