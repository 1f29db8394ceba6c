package rig

import (
	"context"
	"fmt"
	"net"
	"strings"
	"sync"

	"gauntlet/harness/judge/history"
	"gauntlet/harness/msn/messenger"
	"gauntlet/harness/run/adapter"
	"gauntlet/harness/run/workload"
	"gauntlet/proxies/wire"
)

// crowd are further clients of the kind under test, each an account and a host
// of its own, that go the user's way. They sign in and out when the user does,
// and otherwise stay. A run with them records the user's own traffic before the
// first box, and what it says of sessions that are not the user's is that they
// are others': thousands of exchanges that nobody reads would hide the ones that
// are judged.
type crowd struct {
	clients []adapter.Client

	mu     sync.Mutex
	strays map[int]bool // connections before the first box that are not the user's
}

const (
	crowdHosts = "10.3."
	crowdNames = "other-"
)

func crowdHost(i int) string  { return fmt.Sprintf("%s%d.%d", crowdHosts, i/200, i%200+1) }
func crowdEmail(i int) string { return fmt.Sprintf("%s%d@example.com", crowdNames, i+1) }

// others is how many there are beside the user.
func (s *stage) others() int { return max(0, s.c.Clients-1) }

func (s *stage) crowdAccounts() []messenger.Account {
	var accounts []messenger.Account
	for i := range s.others() {
		accounts = append(accounts, messenger.Account{Email: crowdEmail(i)})
	}
	return accounts
}

// putCrowd makes the clients and shows each the user's way.
func (s *stage) putCrowd() error {
	for i := range s.others() {
		if len(s.taps) > 1 && s.c.Chain.Explicit() == nil {
			if err := s.ground.redirect(crowdHost(i), s.first); err != nil {
				return err
			}
		}
		c, err := s.o.Client(adapter.Setup{
			Network: s.ground.on(crowdHost(i)), Route: s.route, Gateway: gatewayName,
			Email: crowdEmail(i), Contact: ContactEmail, Report: func(history.Event) {},
		})
		if err != nil {
			return err
		}
		s.crowd.clients = append(s.crowd.clients, c)
	}
	return nil
}

// together has the crowd do a step, all at once; wait says how it went.
func (s *stage) together(ctx context.Context, step workload.Step) (wait func() error) {
	if step.Verb != workload.SignIn && step.Verb != workload.SignOut {
		return func() error { return nil }
	}
	results := make(chan error, len(s.crowd.clients))
	for _, c := range s.crowd.clients {
		go func() {
			results <- s.guarded(func() error { return c.Do(ctx, adapter.Task{Step: step}) })
		}()
	}
	return func() error { return s.gather(ctx, results) }
}

// gather counts who has failed.
func (s *stage) gather(ctx context.Context, results <-chan error) error {
	failed, first := 0, error(nil)
	for range s.crowd.clients {
		var err error
		select {
		case err = <-results:
		case <-ctx.Done():
			var returned bool
			if returned, err = soon(results); !returned {
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
	return fmt.Errorf("%d of %d others that go the same way failed, one with: %w", failed, len(s.crowd.clients), first)
}

// closeCrowd ends the clients, all at once.
func (s *stage) closeCrowd() {
	closed := make(chan error, len(s.crowd.clients))
	for _, c := range s.crowd.clients {
		go func() { closed <- s.guarded(func() error { c.Close(); return nil }) }()
	}
	for range s.crowd.clients {
		if returned, _ := soon(closed); !returned { // a panic is recorded
			s.note(history.Event{Kind: history.StepFailed, Text: fmt.Sprintf("close: a client did not end within %s", patience)})
			return
		}
	}
}

// concerns tells whether an event at a hop is recorded: in a crowd, what the
// user does before the first box, and what faults do anywhere.
func (s *stage) concerns(e wire.Event) bool {
	if s.others() == 0 || e.Kind == wire.Fired {
		return true
	}
	if e.Hop > 0 {
		return false
	}
	s.crowd.mu.Lock()
	defer s.crowd.mu.Unlock()
	host, _, _ := net.SplitHostPort(e.Peer)
	if host != userHost && (e.Kind == wire.Accepted || e.Kind == wire.Refused) {
		s.crowd.strays[e.Conn] = true
	}
	return !s.crowd.strays[e.Conn]
}

// recordBehind takes what the gateway and the messenger tell. Of others'
// sessions it has to be known whose they are.
func (s *stage) recordBehind(e history.Event) {
	if strings.HasPrefix(e.User, crowdNames) && e.Kind != history.SessionIdentified {
		return
	}
	s.recorder.Record(e)
}
