package rig

import (
	"context"
	"errors"
	"fmt"
	"net"
	"slices"
	"sync"
	"time"

	"gauntlet/harness/judge/history"
	"gauntlet/harness/run/adapter"
	"gauntlet/harness/run/workload"
	"gauntlet/proxies/network"
)

// userPassword is what the user signs in with. Any ticket would do: Passport is
// no part of this.
const userPassword = "secret"

// patience is how long, by the run's own clock, a client may take to give up a
// step whose time is over, and to end when it is closed.
const patience = 30 * time.Second

// sweeping is how long it may take to close a program. That ends in a few seconds, or is
// killed, and told of; to look among all processes for what it has left behind is our own
// work, which takes a busy machine longer than the client is given.
const sweeping = 10 * patience

// subject is the client under test, with what it says of itself.
type subject struct {
	*env
	client      adapter.Client
	connections *connectionTracker
	end         context.CancelCauseFunc // ends the run
	stuck       <-chan error            // the step that did not return in time
	shown       *counter                // messages that it showed
	complaint   complaint

	mu      sync.Mutex
	refused error  // its word that it does not support the case
	unready error  // that it never came so far as to be asked
	log     []byte // what its process printed
}

func newSubject(e *env, end context.CancelCauseFunc) *subject {
	return &subject{env: e, end: end, shown: newCounter()}
}

// start makes the client, with all that it is told.
func (s *subject) start(p *path) error {
	if s.o.Pace > 0 {
		s.note(history.Event{Kind: history.Calibrated, Text: s.o.Pace.String()})
	}
	s.connections = newConnectionTracker(p.usersNetwork())
	var err error
	s.client, err = s.o.Client(adapter.Setup{
		Network: s.connections, Route: p.told(), Gateway: s.o.Speaks.Gateway, GatewayAddress: p.gatewayAddress(), Trust: s.trust(),
		ProxyOff: p.decoy, PAC: p.pac, Email: UserEmail, Password: userPassword, Contact: ContactEmail,
		Case: s.c.ID, Script: s.c.Workload, Report: s.hear, Gone: s.gone,
		CA: s.o.CA, Start: s.network.start(userHost), Left: s.closedWith, Log: s.keepLog,
	})
	return err
}

// keepLog takes what the client's process printed.
func (s *subject) keepLog(text []byte) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.log = text
}

// printed is that log.
func (s *subject) printed() []byte {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.log
}

// hear takes what the client says of itself.
func (s *subject) hear(e history.Event) {
	e.From, e.User = history.AtClient, UserEmail
	s.recorder.Record(e)
	switch e.Kind {
	case history.Delivered:
		s.shown.add()
	case history.Failed:
		s.complaint.made()
	}
}

// gone ends a run whose client is of no use any more. One whose session is over
// may end, with whatever status.
func (s *subject) gone(why error) {
	switch {
	case errors.Is(why, adapter.ErrEnded) && sessionOver(s.recorder.Events()):
		s.note(history.Event{Kind: history.Quit, User: UserEmail, Text: why.Error()})
		return
	case !s.refuses(why):
		s.note(history.Event{Kind: history.ClientGone, Text: why.Error()})
	}
	s.end(fmt.Errorf("%w: it %w", errGone, why))
}

// sessionOver reports whether the user has signed out or was thrown out, and has
// not signed in again.
func sessionOver(events []history.Event) (over bool) {
	for _, e := range events {
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
func (s *subject) refuses(err error) bool {
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

// useless reports whether an error is of a client that cannot go on, and not of
// what it was asked for.
func (s *subject) useless(err error) bool {
	return s.stuck != nil || errors.Is(err, adapter.ErrUnsupported) || errors.Is(err, adapter.ErrNotReady) || errors.Is(err, adapter.ErrEnded)
}

// suspend stops the client until the pause is over: a program as a whole, and of
// one in this process all that it does to its network.
func (s *subject) suspend(pause func() error) error {
	resume := s.connections.suspend
	if program, is := s.client.(adapter.Suspended); is {
		resume = program.Suspend
	}
	goOn, err := resume()
	if err != nil {
		return err
	}
	defer goOn()
	return pause()
}

// notReady keeps that the client never came so far as to be asked, if err is that.
func (s *subject) notReady(err error) {
	if errors.Is(err, adapter.ErrNotReady) {
		s.mu.Lock()
		defer s.mu.Unlock()
		s.unready = err
	}
}

// unasked is why the case was not put to the client: its word that it does not
// support it, or that it never was ready.
func (s *subject) unasked() (refused, unready error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.refused, s.unready
}

// noteUnasked records why the case was not put to the client, for those who judge
// the history: it has no verdicts of its own.
func (s *subject) noteUnasked() {
	refused, unready := s.unasked()
	for _, why := range []struct {
		kind history.Kind
		err  error
	}{{history.Declined, refused}, {history.NotReady, unready}} {
		if why.err != nil {
			s.recorder.Record(history.Event{From: history.AtClient, Kind: why.kind, User: UserEmail, Text: why.err.Error()})
		}
	}
}

// do has the client do a task, in a goroutine of its own: one that never returns
// must not hold up the run. What still has not returned is s.stuck.
func (s *subject) do(ctx context.Context, task adapter.Task) error {
	done := make(chan error, 1)
	go func() { done <- s.guarded(func() error { return s.client.Do(ctx, task) }) }()
	select {
	case err := <-done:
		return err
	case <-ctx.Done():
	}
	returned, err := soon(done, patience)
	if !returned {
		s.stuck = done
		return fmt.Errorf("%w, and it does not return", context.Cause(ctx))
	}
	return err
}

// soon waits so long for code that was told to end.
func soon(done <-chan error, wait time.Duration) (returned bool, err error) {
	timer := time.NewTimer(wait)
	defer timer.Stop()
	select {
	case err := <-done:
		return true, err
	case <-timer.C:
		return false, nil
	}
}

// close ends the client, whatever it does. What does not end is left behind; in
// virtual time the bubble then speaks of it.
func (s *subject) close() {
	closed := make(chan error, 1)
	go func() { closed <- s.guarded(func() error { s.client.Close(); return nil }) }()
	wait := closing(s.client)
	returned, err := soon(closed, wait)
	switch {
	case !returned:
		err = fmt.Errorf("the client did not end within %s", wait)
	case err == nil && s.stuck != nil:
		if ended, _ := soon(s.stuck, patience); !ended {
			err = fmt.Errorf("the client is closed, and the step still does not return")
		}
	}
	if err != nil {
		s.closedWith(err)
		return
	}
	s.connections.settle(s.recorder.Record)
}

// closing is how long it may take to close a client.
func closing(c adapter.Client) time.Duration {
	if _, program := c.(adapter.Suspended); program {
		return sweeping
	}
	return patience
}

// closedWith notes what went wrong as the client was closed. One that never signed in, or
// whose session is over, may end with whatever status.
func (s *subject) closedWith(err error) {
	events, begins := s.recorder.Events(), history.Closing
	if errors.Is(err, adapter.ErrEnded) {
		if begins = history.Quitting; !signedIn(events) || sessionOver(events) {
			return
		}
	}
	s.note(history.Event{Kind: history.StepFailed, Text: begins + err.Error()})
}

// signedIn reports whether the user has signed in once.
func signedIn(events []history.Event) bool {
	return slices.ContainsFunc(events, func(e history.Event) bool {
		return e.Kind == history.StepDone && e.Text == string(workload.SignIn)
	})
}

// connectionTracker is the network of the client under test, which keeps account of the
// connections that the client has made and not closed. A client that is a
// process of its own does not use it, and has none.
type connectionTracker struct {
	network.Network
	mu     sync.Mutex
	made   int
	open   map[*trackedConn]bool
	asleep chan struct{} // closed when the client goes on; nil if it is not suspended
}

// suspend holds back all that the client does to its connections, and all that
// comes for it, until it is resumed.
func (l *connectionTracker) suspend() (resume func(), err error) {
	asleep := make(chan struct{})
	l.mu.Lock()
	defer l.mu.Unlock()
	l.asleep = asleep
	return func() { close(asleep) }, nil
}

// awake waits until the client is not suspended.
func (l *connectionTracker) awake() {
	l.mu.Lock()
	asleep := l.asleep
	l.mu.Unlock()
	if asleep != nil {
		<-asleep
	}
}

// trackedConn is one of its connections.
type trackedConn struct {
	network.Conn
	tracker *connectionTracker
	number  int
	address string
}

func newConnectionTracker(n network.Network) *connectionTracker {
	return &connectionTracker{Network: n, open: map[*trackedConn]bool{}}
}

// DialContext connects, and counts the connection as open.
func (l *connectionTracker) DialContext(ctx context.Context, kind, address string) (net.Conn, error) {
	l.awake()
	conn, err := l.Network.DialContext(ctx, kind, address)
	l.awake()
	if err != nil {
		return nil, err
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.made++
	e := &trackedConn{Conn: network.Conn{Conn: conn}, tracker: l, number: l.made, address: address}
	l.open[e] = true
	return e, nil
}

// Read reads, and gives what has come to nobody who sleeps.
func (e *trackedConn) Read(p []byte) (int, error) {
	e.tracker.awake()
	n, err := e.Conn.Read(p)
	e.tracker.awake()
	return n, err
}

// Write writes.
func (e *trackedConn) Write(p []byte) (int, error) {
	e.tracker.awake()
	return e.Conn.Write(p)
}

// Close closes the connection, which counts as open no more.
func (e *trackedConn) Close() error {
	e.tracker.awake()
	e.tracker.mu.Lock()
	delete(e.tracker.open, e)
	e.tracker.mu.Unlock()
	return e.Conn.Close()
}

// settle records what the client has left, now that it is closed.
func (l *connectionTracker) settle(record func(history.Event)) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for number := range l.made {
		for e := range l.open {
			if e.number == number+1 {
				record(history.Event{From: history.AtDial, Kind: history.LeftOpen, User: UserEmail, Given: e.number, ID: e.address})
			}
		}
	}
	record(history.Event{From: history.AtRig, Kind: history.ClientClosed, Given: l.made})
}

// counter counts and lets others wait for a count.
type counter struct {
	mu      sync.Mutex
	n       int
	changed chan struct{} // closed at each change
}

func newCounter() *counter { return &counter{changed: make(chan struct{})} }

func (c *counter) add() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.n++
	close(c.changed)
	c.changed = make(chan struct{})
}

func (c *counter) count() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.n
}

// wait returns when the count has reached n, or with the context's cause.
func (c *counter) wait(ctx context.Context, n int) error {
	for {
		c.mu.Lock()
		reached, changed := c.n >= n, c.changed
		c.mu.Unlock()
		if reached {
			return nil
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}
}

// complaint is when the client first showed its user an error in a step.
type complaint struct {
	mu sync.Mutex
	at time.Time // zero: not yet
}

func (c *complaint) made() {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.at.IsZero() {
		c.at = time.Now()
	}
}

func (c *complaint) forget() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.at = time.Time{}
}

func (c *complaint) madeBefore(t time.Time) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return !c.at.IsZero() && c.at.Before(t)
}
