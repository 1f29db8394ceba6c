package rig

import (
	"errors"
	"fmt"
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
	Logger *slog.Logger        // hears what clients do wrong, and what to do about it; nil is silent
}

// Entrance is a box that clients are set to, and where it listens.
type Entrance struct {
	Spec     proxies.Spec // not heeded in the first one
	Listener net.Listener // the run takes it over
}

// Live is a run under way. Its methods are safe for concurrent use; when the
// run is over they do nothing.
type Live struct{ s *stage }

// Arm adds a fault that counts from now on. The error says what is wrong with
// its line.
func (l Live) Arm(line string) error {
	v := Vocabulary(nil).Faults
	v.Hops = len(l.s.taps)
	f, err := fault.Parse(line, v)
	if err != nil {
		return err
	}
	l.s.rearm(func(now *fault.Schedule) *fault.Schedule { return now.With(f) })
	return nil
}

// Clear takes a fault away; "" takes all.
func (l Live) Clear(line string) {
	l.s.rearm(func(now *fault.Schedule) *fault.Schedule {
		for _, f := range now.Faults() {
			if text := f.String(); line == "" || text == line {
				now = now.Without(text)
			}
		}
		return now
	})
}

// Faults are those that are armed, and on which connections each has fired.
func (l Live) Faults() []FaultReport {
	l.s.mu.Lock()
	defer l.s.mu.Unlock()
	reports := []FaultReport{}
	for _, f := range l.s.schedule.Faults() {
		fired := append([]int{}, l.s.taps[f.Hop].Fired()[f.String()]...)
		reports = append(reports, FaultReport{Text: f.String(), Fired: len(fired), Connections: fired})
	}
	return reports
}

// Judge is what could be said if the run ended now.
func (l Live) Judge() Result {
	return Judge(Run{Case: l.s.c, Options: l.s.o, Events: l.s.recorder.Events(), Faults: l.Faults()}, time.Since(l.s.recorder.Began()))
}

// Events are those so far.
func (l Live) Events() []history.Event { return l.s.recorder.Events() }

// Say has the contact say something in the chat.
func (l Live) Say(text string) error { return l.s.peer.send(text) }

// Call has the contact call the user into a chat.
func (l Live) Call() error { return l.s.messenger.Contact(ContactEmail).Invite(UserEmail) }

func (s *stage) rearm(next func(*fault.Schedule) *fault.Schedule) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.schedule = next(s.schedule)
	for _, tap := range s.taps {
		tap.Rearm(s.schedule)
	}
}

// putEntrances starts the boxes beside the case's own.
func (s *stage) putEntrances() error {
	if s.o.Attended == nil {
		return nil
	}
	for i, e := range s.o.Attended.Front {
		if i == 0 && len(s.c.Chain) > 0 {
			continue // the chain's first box took it
		}
		o := proxies.Options{Network: s.from(boxHost(0)), Authority: s.o.Authority}
		box, err := proxies.New(e.Spec, o)
		if err != nil {
			return errors.Join(fmt.Errorf("box %s: %w", e.Spec, err), e.Listener.Close())
		}
		s.boxes = append(s.boxes, box)
		s.serve(s.taps[0].Listen(e.Listener), box.Name(), box.Serve)
	}
	return nil
}

// logger is where whoever attends hears of what goes wrong.
func (s *stage) logger() *slog.Logger {
	if s.o.Attended == nil || s.o.Attended.Logger == nil {
		return slog.New(slog.DiscardHandler)
	}
	return s.o.Attended.Logger
}

// listenFor binds the address of box i, or takes the listener that somebody
// brought for the first.
func (s *stage) listenFor(i int, spec proxies.Spec) (net.Listener, string, error) {
	if i == 0 && s.o.Attended != nil && len(s.o.Attended.Front) > 0 {
		l := s.o.Attended.Front[0].Listener
		return l, l.Addr().String(), nil
	}
	return s.ground.listen(boxHost(i), spec.ListenPort())
}

// begun tells whoever attends that the script begins.
func (s *stage) begun() {
	if s.o.Attended == nil {
		return
	}
	if s.o.Attended.Echo {
		s.messenger.Contact(ContactEmail).Echo(true)
	}
	if s.o.Attended.Began != nil {
		s.o.Attended.Began(Live{s})
	}
}

// endedByHand reports whether whoever attends has ended the run.
func (s *stage) endedByHand() bool {
	select {
	case <-s.done():
		return true
	default:
		return false
	}
}

// done is closed when whoever attends wants a pause to end.
func (s *stage) done() <-chan struct{} {
	if s.o.Attended == nil {
		return nil
	}
	return s.o.Attended.Done
}
