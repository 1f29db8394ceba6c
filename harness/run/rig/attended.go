package rig

import (
	"context"
	"log/slog"
	"net"
	"time"

	"gauntlet/harness/judge/history"
	"gauntlet/proxies"
	"gauntlet/proxies/fault"
)

// Attended is what a run needs whose client somebody starts and uses by hand:
// addresses that can be typed into a dialog, the services that a real client
// signs in with, and a look at the run while it goes on.
type Attended struct {
	Front  []Entrance          // where the client connects to; the first is the case's own first box
	Watch  func(history.Event) // hears of each event, numbered; not always in order; it must not block
	Began  func(Live)          // everything stands, and the script begins
	Done   <-chan struct{}     // closed: pauses and waiting are over
	Echo   bool                // the contact says back what it hears
	Secret []byte              // 32 bytes from which ids, tickets and challenges are drawn; nil: from the seed
	Logger *slog.Logger        // hears what clients do wrong, and what to do about it; nil is silent
}

// Entrance is a box that clients are set to, and where it listens.
type Entrance struct {
	Spec     proxies.Spec // not heeded in the first one
	Listener net.Listener // the run takes it over
}

// Live is a run under way. Its methods are safe for concurrent use; when the
// run is over they do nothing.
type Live struct{ b *testbed }

// Arm adds a fault that counts from now on. The error says what is wrong with
// its line.
func (l Live) Arm(line string) error {
	v := l.b.o.Speaks.Vocabulary.Faults
	v.Hops, v.Streams = len(l.b.path.hops), l.b.path.c.Chain.Streams()
	f, err := fault.Parse(line, v)
	if err != nil {
		return err
	}
	l.b.path.rearm(func(now *fault.Schedule) *fault.Schedule { return now.With(f) })
	return nil
}

// Clear takes a fault away; "" takes all.
func (l Live) Clear(line string) {
	l.b.path.rearm(func(now *fault.Schedule) *fault.Schedule {
		for _, f := range now.Faults() {
			if text := f.String(); line == "" || text == line {
				now = now.Without(text)
			}
		}
		return now
	})
}

// Faults are those that are armed, and on which connections each has fired.
func (l Live) Faults() []FaultReport { return l.b.path.faults() }

// Judge is what could be said if the run ended now.
func (l Live) Judge() Result {
	return Judge(Run{Case: l.b.c, Options: l.b.o, Events: l.b.recorder.Events(), Faults: l.Faults()}, time.Since(l.b.recorder.Began()))
}

// Events are those so far.
func (l Live) Events() []history.Event { return l.b.recorder.Events() }

// Say has the contact say something in the chat.
func (l Live) Say(text string) error { return l.b.contact.Send(text) }

// Call has the contact call the user into a chat.
func (l Live) Call() error {
	return l.b.servers.running.Scripted(ContactEmail).Invite(context.Background(), UserEmail)
}

// begin tells whoever attends that the script begins.
func (a *Attended) begin(b *testbed) {
	if a == nil {
		return
	}
	if a.Echo {
		b.servers.running.Scripted(ContactEmail).Echo()
	}
	if a.Began != nil {
		a.Began(Live{b})
	}
}

// done is closed when whoever attends wants a pause, or the run, to end.
func (a *Attended) done() <-chan struct{} {
	if a == nil {
		return nil
	}
	return a.Done
}

// logger is where whoever attends hears of what goes wrong.
func (a *Attended) logger() *slog.Logger {
	if a == nil || a.Logger == nil {
		return slog.New(slog.DiscardHandler)
	}
	return a.Logger
}

// secret is nil where the seed is to decide.
func (a *Attended) secret() []byte {
	if a == nil {
		return nil
	}
	return a.Secret
}
