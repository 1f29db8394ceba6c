package rig

import (
	"context"
	"fmt"
	"net"
	"strings"
	"sync"
	"time"

	"gauntlet/harness/judge/history"
	"gauntlet/harness/run/adapter"
	"gauntlet/harness/run/catalogue"
	"gauntlet/harness/run/workload"
	"gauntlet/proxies/wire"
)

const (
	extraHosts = "10.3."
	extraNames = "other-"
)

func extraHost(i int) string  { return fmt.Sprintf("%s%d.%d", extraHosts, i/200, i%200+1) }
func extraEmail(i int) string { return fmt.Sprintf("%s%d@example.com", extraNames, i+1) }

// extras is how many clients a case has beside the user's.
func extras(c catalogue.Case) int { return max(0, c.Clients-1) }

func extraEmails(c catalogue.Case) (emails []string) {
	for i := range extras(c) {
		emails = append(emails, extraEmail(i))
	}
	return emails
}

// extraClients are further clients of the kind under test, each an account and a
// host of its own, that go the user's way. They sign in and out when the user
// does, and otherwise stay.
type extraClients struct {
	*env
	clients []adapter.Client
}

// start makes the clients and shows each the user's way.
func (x *extraClients) start(p *path) error {
	for i := range extras(x.c) {
		if len(p.hops) > 1 && x.c.Chain.Explicit() == nil {
			if err := x.network.redirect(extraHost(i), p.first); err != nil {
				return err
			}
		}
		c, err := x.o.Client(adapter.Setup{
			Network: x.network.on(extraHost(i)), Route: p.route, Gateway: x.o.Speaks.Gateway, Trust: x.trust(),
			Email: extraEmail(i), Contact: ContactEmail, Report: func(history.Event) {},
		})
		if err != nil {
			return err
		}
		x.clients = append(x.clients, c)
	}
	return nil
}

// instant is when client i does what all do at once: in an instant of its own, so
// that the same seed has them come in the same order.
func instant(i int) time.Duration { return time.Duration(i + 1) }

// do has all of them do a step at once; wait says how it went.
func (x *extraClients) do(ctx context.Context, step workload.Step) (wait func() error) {
	if step.Verb != workload.SignIn && step.Verb != workload.SignOut {
		return func() error { return nil }
	}
	results := make(chan error, len(x.clients))
	for i, c := range x.clients {
		go func() {
			<-time.After(instant(i))
			results <- x.guarded(func() error { return c.Do(ctx, adapter.Task{Step: step}) })
		}()
	}
	return func() error { return x.gather(ctx, results) }
}

// gather counts who has failed.
func (x *extraClients) gather(ctx context.Context, results <-chan error) error {
	failed, first := 0, error(nil)
	for range x.clients {
		var err error
		select {
		case err = <-results:
		case <-ctx.Done():
			var returned bool
			if returned, err = soon(results, patience); !returned {
				err = context.Cause(ctx)
			}
		}
		if err != nil {
			failed++
			first = err
		}
	}
	if failed == 0 {
		return nil
	}
	return fmt.Errorf("%d of %d others that go the same way failed, one with: %w", failed, len(x.clients), first)
}

// close ends the clients, all at once.
func (x *extraClients) close() {
	closed, wait := make(chan error, len(x.clients)), patience
	for i, c := range x.clients {
		wait = max(wait, closing(c))
		go func() {
			<-time.After(instant(i))
			closed <- x.guarded(func() error { c.Close(); return nil })
		}()
	}
	for range x.clients {
		if returned, _ := soon(closed, wait); !returned { // a panic is recorded
			x.note(history.Event{Kind: history.StepFailed, Text: fmt.Sprintf("%sa client did not end within %s", history.Closing, wait)})
			return
		}
	}
}

// userTraffic decides what is recorded of a run with extra clients: the user's
// own traffic before the first box, and of others' sessions that they are
// others'. Thousands of exchanges that nobody reads would hide the ones that are
// judged.
type userTraffic struct {
	mu     sync.Mutex
	strays map[int]bool // connections before the first box that are not the user's
}

// atHop reports whether an event at a hop is recorded. What faults do is,
// anywhere.
func (u *userTraffic) atHop(e wire.Event, c catalogue.Case) bool {
	if extras(c) == 0 || e.Kind == wire.Fired {
		return true
	}
	if e.Hop > 0 {
		return false
	}
	u.mu.Lock()
	defer u.mu.Unlock()
	host, _, _ := net.SplitHostPort(e.Peer)
	if host != userHost && (e.Kind == wire.Accepted || e.Kind == wire.Refused) {
		if u.strays == nil {
			u.strays = map[int]bool{}
		}
		u.strays[e.Conn] = true
	}
	return !u.strays[e.Conn]
}

// atServer reports whether an event at the gateway or the messenger is recorded.
// Of others' sessions it has to be known whose they are.
func (u *userTraffic) atServer(e history.Event) bool {
	return !strings.HasPrefix(e.User, extraNames) || e.Kind == history.SessionIdentified
}
