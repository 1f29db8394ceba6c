package rig

import (
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/http"
	"time"

	"gauntlet/harness/judge/history"
	"gauntlet/harness/msn/gateway"
	"gauntlet/harness/msn/login"
	"gauntlet/harness/msn/messenger"
	"gauntlet/harness/run/adapter"
	"gauntlet/harness/run/catalogue"
	"gauntlet/proxies/wire"
)

// servers are the messenger, the gateway before it, and the web services that
// real clients sign in with.
type servers struct {
	*env
	messenger *messenger.Messenger
	gateway   *gateway.Gateway
	login     *http.Server
	gatewayAt string       // where the gateway's name leads
	origin    net.Listener // the gateway's, kept for a product until it is ready
	visible   *counter     // how often the user became visible to the contacts
}

func newServers(e *env) *servers { return &servers{env: e, visible: newCounter()} }

// challengeWithin is longer than anything stands in the way of a case, and a
// slow client's wait after it: no case is about challenges that come too late.
const challengeWithin = 80 * time.Second

// probeEvery is how often a client is challenged that says nothing of itself: it
// answers by itself, and so shows that it is reached.
const probeEvery = 5 * time.Second

func (s *servers) startMessenger() error {
	options := messenger.Options{
		Accounts: append([]messenger.Account{
			{Email: UserEmail, Nick: "Alice", Contacts: []string{ContactEmail}},
			{Email: ContactEmail, Nick: "Bob", Contacts: []string{UserEmail}},
		}, extraAccounts(s.c)...),
		Versions: messenger.Versions(), Switchboard: switchboardHost + ":1863",
		ChallengeWithin: challengeWithin, Observe: s.watch, Seed: s.o.Seed, Source: s.o.Attended.source(), Logger: s.o.Attended.logger(),
	}
	if s.o.ClientKind == adapter.BlackBox {
		options.ChallengeEvery = probeEvery
	}
	s.messenger = messenger.New(options)
	for host, serve := range map[string]func(net.Listener) error{
		notificationHost: s.messenger.ServeNotification,
		switchboardHost:  s.messenger.ServeSwitchboard,
	} {
		l, _, err := s.network.listen(host, 1863)
		if err != nil {
			return err
		}
		s.serve(l, "messenger", serve)
	}
	return nil
}

// record takes what a server tells.
func (s *servers) record(e history.Event) {
	if s.traffic.atServer(e) {
		s.recorder.Record(e)
	}
}

// watch takes what the messenger does, and looks for what steps wait for.
func (s *servers) watch(e history.Event) {
	s.record(e)
	if e.Kind == history.Sent && e.User == UserEmail && bytes.HasPrefix(e.Data, []byte("CHG ")) {
		s.visible.add()
	}
}

func (s *servers) makeGateway() error {
	dialect, err := dialectOf(s.c)
	if err != nil {
		return err
	}
	s.gateway = gateway.New(gateway.Options{
		Dialect: dialect, Seed: s.o.Seed, Secret: s.o.Attended.secret(), Observe: s.record, Dial: s.dialMessenger, Logger: s.o.Attended.logger(),
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
func (s *servers) dialMessenger(ctx context.Context, server, ip string) (net.Conn, error) {
	host := notificationHost
	if server == string(gateway.SB) {
		host = ip
	}
	return s.network.on(gatewayHost).DialContext(ctx, "tcp", net.JoinHostPort(host, "1863"))
}

// listenGateway has the gateway serve behind the last hop.
func (s *servers) listenGateway(last *wire.Tap) error {
	for _, host := range gatewayHosts() {
		l, address, err := s.network.listen(host, 80)
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
		s.serve(last.Listen(s.withoutContact(l)), "gateway", s.gateway.Serve)
	}
	return nil
}

// withoutContact serves the contact's connections beside the hops: they are no
// part of the case.
func (s *servers) withoutContact(l net.Listener) net.Listener {
	if s.c.Contact == nil {
		return l
	}
	users, contacts, accept := splitListener(l, ofContact)
	s.serving.Go(accept)
	s.serve(contacts, "gateway", s.gateway.Serve)
	return users
}

// startLogin starts the web services that real clients sign in with: by their
// names, or by CONNECT through a box.
func (s *servers) startLogin() error {
	if s.o.Authority == nil {
		return nil
	}
	l, address, err := s.network.listen(loginHost, 443)
	if err != nil {
		return err
	}
	if n, is := s.network.(*loopbackNetwork); is {
		n.nameLogin(address)
	}
	handler := login.New(login.Options{Directory: s.messenger, Observe: s.recorder.Record, Logger: s.o.Attended.logger()})
	s.login = &http.Server{Handler: handler, ReadHeaderTimeout: 30 * time.Second, ErrorLog: handler.ErrorLog()}
	speaks := s.o.Authority.Config("login.live.com", login.Certified()...)
	speaks.MaxVersion = tls.VersionTLS12 // in 1.3 not every client's alert on our certificate can be read
	s.serve(tls.NewListener(l, speaks), "login", func(l net.Listener) error {
		if err := s.login.Serve(l); !errors.Is(err, http.ErrServerClosed) {
			return err
		}
		return nil
	})
	return nil
}

func (s *servers) close() error {
	var errs []error
	if s.login != nil {
		errs = append(errs, s.login.Close())
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
	return errors.Join(errs...)
}
