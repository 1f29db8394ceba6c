package rig

import (
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"runtime/debug"
	"sync"
	"time"

	"gauntlet/harness/judge/history"
	"gauntlet/harness/run/catalogue"
	"gauntlet/harness/run/protocol"
	"gauntlet/proxies/authority"
)

// env is what the parts of a testbed share.
type env struct {
	c         catalogue.Case
	o         Options
	recorder  *history.Recorder
	authority *authority.Authority // of the run's; nil: nobody needs one
	stranger  *authority.Authority // that nobody is told to trust; nil likewise
	network   runNetwork
	traffic   userTraffic
	serving   sync.WaitGroup

	failing sync.Mutex
	errs    []error // of servers
}

// note records an event of the rig's own.
func (e *env) note(event history.Event) {
	event.From = history.AtRig
	e.recorder.Record(event)
}

// now is the time in the history.
func (e *env) now() time.Duration { return time.Since(e.recorder.Began()) }

// serve runs a server until it is closed and keeps its error.
func (e *env) serve(l net.Listener, what string, serve func(net.Listener) error) {
	e.serving.Go(func() {
		err := serve(l)
		if err != nil && !errors.Is(err, net.ErrClosed) { // which is a run that ended before this began
			e.failing.Lock()
			defer e.failing.Unlock()
			e.errs = append(e.errs, fmt.Errorf("%s: %w", what, err))
		}
	})
}

// trust is whose certificate clients are to trust of the gateway; nil where it shows none.
func (e *env) trust() *x509.CertPool {
	if !secured(e.c) {
		return nil
	}
	return e.authority.Pool()
}

// makeAuthorities makes those that the case's gateway needs.
func (e *env) makeAuthorities() (err error) {
	if secured(e.c) && e.authority == nil {
		if e.authority, err = authority.New(); err != nil {
			return err
		}
	}
	if frontOf(e.c) == "tls-untrusted" {
		e.stranger, err = authority.New()
	}
	return err
}

// replaced reports whether a real product stands in for the case's one box.
func (e *env) replaced() bool { return e.o.Product != nil && len(e.c.Chain) == 1 }

// guarded runs code of a client's; a panic is its own failure.
func (e *env) guarded(code func() error) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("the client panicked: %v", p)
			e.note(history.Event{Kind: history.Crashed, Text: fmt.Sprintf("%v\n%s", p, debug.Stack())})
		}
	}()
	return code()
}

// testbed is all that one run needs: the servers, the client under test, the
// path between them, and the play that the client is put through.
type testbed struct {
	*env
	servers *servers
	path    *path
	subject *subject
	extras  *extraClients
	contact protocol.Contact
}

// build starts everything, from the messenger towards the client. What it
// returns has to be closed, also when there is an error; end ends the run.
func build(ctx context.Context, c catalogue.Case, o Options, r *history.Recorder, end context.CancelCauseFunc) (*testbed, error) {
	e := &env{c: c, o: o, recorder: r, authority: o.Authority}
	b := &testbed{env: e, servers: newServers(e), subject: newSubject(e, end), extras: &extraClients{env: e}}
	b.path = &path{env: e, servers: b.servers}
	n, err := newNetwork(c, o, r)
	if err != nil {
		return b, err
	}
	b.network = n
	if err := e.makeAuthorities(); err != nil {
		return b, err
	}
	for _, start := range []func() error{
		b.servers.start, b.path.makeHops, b.startGateway, b.servers.startLogin,
		func() error { return b.path.startBoxes(ctx) }, b.path.startEntrances, b.startContact, b.startClients,
	} {
		if err := start(); err != nil {
			return b, err
		}
	}
	return b, nil
}

func (b *testbed) startGateway() error {
	return b.servers.listenGateway(b.path.hops[len(b.path.hops)-1])
}

func (b *testbed) startContact() (err error) {
	b.contact, err = newContact(b.path)
	return err
}

// startClients makes the client under test and those that go the same way.
func (b *testbed) startClients() error {
	if err := b.path.startDecoy(); err != nil {
		return err
	}
	if err := b.path.startPAC(); err != nil {
		return err
	}
	b.path.noteRoute()
	if err := b.subject.start(b.path); err != nil {
		return err
	}
	return b.extras.start(b.path)
}

// play is the case's script with those who act in it.
func (b *testbed) play() *play {
	return &play{
		env: b.env, servers: b.servers, subject: b.subject, extras: b.extras, contact: b.contact,
		began: func() { b.o.Attended.begin(b) }, sent: map[string]int{},
	}
}

// close takes everything down, the client's end first, and says what went wrong
// on our side.
func (b *testbed) close() error {
	if b.contact != nil {
		b.contact.Close()
	}
	errs := []error{b.path.close(), b.servers.close()}
	if b.network != nil {
		errs = append(errs, b.network.close())
	}
	b.serving.Wait()
	return errors.Join(append(errs, b.errs...)...)
}
