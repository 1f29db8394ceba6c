package rig

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"sync"
	"time"

	"gauntlet/harness/judge/history"
	"gauntlet/harness/msn/client"
	"gauntlet/harness/msn/gateway"
	"gauntlet/harness/msn/messenger"
	"gauntlet/harness/run/adapter"
	"gauntlet/harness/run/catalogue"
	"gauntlet/harness/run/workload"
	"gauntlet/proxies"
	"gauntlet/proxies/external"
	"gauntlet/proxies/fault"
	"gauntlet/proxies/wire"
)

// stage is all that stands around the client under test in one run.
type stage struct {
	c        catalogue.Case
	o        Options
	recorder *history.Recorder
	ground   ground

	messenger *messenger.Messenger
	peer      peer
	gateway   *gateway.Gateway
	taps      []*wire.Tap // one a hop, the client's first
	schedule  *fault.Schedule
	services  *http.Server // the login's
	boxes     []proxies.Box
	product   *external.Process
	origin    net.Listener // the gateway's, kept for the product until it is ready
	route     client.Route
	gatewayAt string // where the gateway's name leads
	decoy     string // a proxy that the client is given and not to use
	client    adapter.Client
	ledger    *ledger      // of the client's connections
	stuck     <-chan error // the step that did not return in time
	uncalled  bool         // the chat is open as far as the user sees, and its contact has yet to be called by a message
	shown     *counter     // messages that the client showed
	visible   *counter     // how often the user became visible to the contacts
	end       context.CancelCauseFunc
	sent      map[string]int // messages made so far, by sender
	complaint complaint
	crowd     crowd
	first     string // the address of the first box

	serving sync.WaitGroup
	mu      sync.Mutex
	errs    []error
	refused error  // the client's word that it does not support the case
	unready error  // that it never came so far as to be asked
	log     []byte // what the client's process printed
}

// build puts everything in place, from the messenger towards the client.
func build(ctx context.Context, c catalogue.Case, o Options, r *history.Recorder, end context.CancelCauseFunc) (*stage, error) {
	s := &stage{c: c, o: o, recorder: r, end: end, shown: newCounter(), visible: newCounter(), sent: map[string]int{}, crowd: crowd{strays: map[int]bool{}}}
	var err error
	if s.ground, err = newGround(c, o, r); err != nil {
		return nil, err
	}
	putBoxes := func() error { return s.putBoxes(ctx) }
	for _, put := range []func() error{
		s.putMessenger, s.putGateway, s.putTaps, s.putGatewayListeners, s.putLogin,
		putBoxes, s.putEntrances, s.putPeer, s.putClient, s.putCrowd,
	} {
		if err := put(); err != nil {
			return s, err
		}
	}
	return s, nil
}

func (s *stage) script() workload.Script { return s.c.Workload }

// note records an event of the rig's own.
func (s *stage) note(e history.Event) {
	e.From = history.AtRig
	s.recorder.Record(e)
}

// serve runs a server until it is closed and keeps its error. A client that
// gives up at once can end the run before a server has begun.
func (s *stage) serve(l net.Listener, what string, serve func(net.Listener) error) {
	s.serving.Go(func() {
		if err := serve(l); err != nil && !errors.Is(err, messenger.ErrClosed) {
			s.mu.Lock()
			s.errs = append(s.errs, fmt.Errorf("%s: %w", what, err))
			s.mu.Unlock()
		}
	})
}

// challengeWithin is longer than anything stands in the way of a case, and a
// slow client's wait after it: no case is about challenges that come too late.
const challengeWithin = 80 * time.Second

func (s *stage) putMessenger() error {
	s.messenger = messenger.New(messenger.Options{
		Accounts: append([]messenger.Account{
			{Email: UserEmail, Nick: "Alice", Contacts: []string{ContactEmail}},
			{Email: ContactEmail, Nick: "Bob", Contacts: []string{UserEmail}},
		}, s.crowdAccounts()...),
		Versions: messenger.Versions(), Switchboard: switchboardHost + ":1863",
		ChallengeEvery: s.probing(), ChallengeWithin: challengeWithin,
		Observe: s.watch, Seed: s.o.Seed, Logger: s.logger(),
	})
	for host, serve := range map[string]func(net.Listener) error{
		notificationHost: s.messenger.ServeNotification,
		switchboardHost:  s.messenger.ServeSwitchboard,
	} {
		l, _, err := s.ground.listen(host, 1863)
		if err != nil {
			return err
		}
		s.serve(l, "messenger", serve)
	}
	return nil
}

func (s *stage) putGateway() error {
	dialect, err := dialectOf(s.c)
	if err != nil {
		return err
	}
	s.gateway = gateway.New(gateway.Options{
		Dialect: dialect, Seed: s.o.Seed, Observe: s.recordBehind, Dial: s.dialMessenger, Logger: s.logger(),
	})
	return nil
}

// dialectOf is the case's gateway, with GW-IPs of ours.
func dialectOf(c catalogue.Case) (gateway.Dialect, error) {
	dialect, ok := gateway.Dialects()[c.Dialect]
	if !ok {
		return dialect, fmt.Errorf("no dialect %q", c.Dialect)
	}
	dialect.Think, dialect.Addresses = c.Think, []string{gatewayHost, otherGatewayHost}
	for _, knob := range c.Knobs {
		var err error
		if dialect, err = dialect.With(knob.Name, knob.Value); err != nil {
			return dialect, err
		}
	}
	return dialect, nil
}

// dialMessenger is the gateway's way to the servers behind it.
func (s *stage) dialMessenger(ctx context.Context, server, ip string) (net.Conn, error) {
	host := notificationHost
	if server == string(gateway.SB) {
		host = ip
	}
	return s.ground.on(gatewayHost).DialContext(ctx, "tcp", net.JoinHostPort(host, "1863"))
}

// putTaps makes the hops: one for each box's listener and one for the
// gateway's.
func (s *stage) putTaps() error {
	s.schedule = fault.NewSchedule(s.c.Faults, s.o.Seed)
	for hop := range len(s.c.Chain) + 1 {
		s.taps = append(s.taps, wire.New(wire.Options{
			Hop: hop, Faults: s.schedule, Standing: s.o.Attended != nil, Began: s.recorder.Began(), Effects: s.o.Effects, Path: s.ground.path(),
			Label: labelHead(s.gateway), LabelBody: LabelBody, Observe: s.observe,
		}))
	}
	return nil
}

func (s *stage) observe(e wire.Event) {
	if !s.concerns(e) {
		return
	}
	s.recorder.RecordAt(e.At, history.Event{
		From: history.AtHop, Kind: history.Kind(e.Kind), Hop: e.Hop, Conn: e.Conn, Exchange: e.Exchange,
		Labels: e.Labels, Data: e.Data, Status: e.Status, Given: e.Given, Fault: e.Fault,
		By: e.By, How: e.How, ID: e.OriginalDestination, Text: e.Text,
	})
}

func (s *stage) putGatewayListeners() error {
	last := s.taps[len(s.taps)-1]
	for _, host := range gatewayHosts() {
		l, address, err := s.ground.listen(host, 80)
		if err != nil {
			return err
		}
		if host == gatewayHost {
			s.gatewayAt = address
		}
		if host == gatewayHost && s.replaced() {
			s.origin = l
			continue
		}
		s.serve(last.Listen(s.withoutPeer(l)), "gateway", s.gateway.Serve)
	}
	return nil
}

// withoutPeer serves the contact's connections beside the hops: they are no
// part of the case.
func (s *stage) withoutPeer(l net.Listener) net.Listener {
	if s.c.Contact == nil {
		return l
	}
	users, peers, accept := setApart(l, ofPeer)
	s.serving.Go(accept)
	s.serve(peers, "gateway", s.gateway.Serve)
	return users
}

// close takes everything down, the client first, and says what went wrong on
// our side.
func (s *stage) close() error {
	if s == nil {
		return nil
	}
	var errs []error
	if s.peer != nil {
		s.peer.close()
	}
	for _, box := range s.boxes {
		errs = append(errs, box.Close())
	}
	if s.services != nil {
		errs = append(errs, s.services.Close())
	}
	if s.product != nil {
		errs = append(errs, s.product.Stop())
	}
	for _, tap := range s.taps {
		errs = append(errs, tap.Close())
	}
	if s.origin != nil {
		errs = append(errs, s.origin.Close())
	}
	if s.gateway != nil {
		errs = append(errs, s.gateway.Close())
	}
	if s.messenger != nil {
		errs = append(errs, s.messenger.Close())
	}
	errs = append(errs, s.ground.close())
	s.serving.Wait()
	return errors.Join(append(errs, s.errs...)...)
}
