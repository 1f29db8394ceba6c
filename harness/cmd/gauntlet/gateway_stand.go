package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"sync"
	"time"

	"gauntlet/harness/msn/gateway"
	"gauntlet/harness/msn/greeting"
	"gauntlet/harness/msn/messenger"
	"gauntlet/proxies/simnet"
)

// standalone is a gateway on real sockets with what is behind and beside it.
type standalone struct {
	log       *slog.Logger
	address   string   // the gateway's
	places    []string // what listens where, for people
	gateway   *gateway.Gateway
	messenger *messenger.Messenger
	outside   []net.Listener // of the messenger over TCP: notification server, switchboard
	inner     *simnet.Net    // between gateway and messenger
	metrics   *gatewayMetrics
	scraped   *http.Server
	serving   sync.WaitGroup
	failed    chan error // servers that ended by themselves
}

// serve runs a server until it is closed.
func (s *standalone) serve(l net.Listener, serve func(net.Listener) error) {
	s.serving.Go(func() {
		if err := serve(l); err != nil {
			s.failed <- err
		}
	})
}

// The inside addresses of the messenger, which nobody else sees.
const (
	insideNS      = "10.9.0.10"
	insideSB      = "10.9.0.2"
	insideGateway = "10.9.0.80"
)

// standMessenger starts the messenger in memory beside the gateway and, if
// asked, on sockets too.
func (s *standalone) standMessenger(f *gatewayFlags) (func(ctx context.Context, server, ip string) (net.Conn, error), error) {
	accounts, err := f.people()
	if err != nil {
		return nil, err
	}
	// Beside the gateway nothing has to take time; zero is no latency simnet knows.
	s.inner = simnet.New(simnet.Options{Latency: time.Microsecond})
	o := messenger.Options{
		Accounts: accounts, Versions: messenger.Versions(), Switchboard: f.switchboard(),
		Seed: f.seed, Source: f.source(), Logger: s.log, MaxConnections: 2*max(f.sessions, 10_000) + 64, HTTP: fromInside,
	}
	if f.messenger != "" {
		if err := s.listenOutside(f.messenger); err != nil {
			return nil, err
		}
		o.Switchboard = typed(s.outside[1])
	}
	s.messenger = messenger.New(o)
	return s.dialInside, s.standInside()
}

// listenOutside opens the listeners for clients that reach the messenger over TCP.
func (s *standalone) listenOutside(address string) error {
	notification, err := listenOn("--messenger", address)
	if err != nil {
		return err
	}
	host, _, _ := net.SplitHostPort(notification.Addr().String())
	switchboard, err := listenOn("--messenger", net.JoinHostPort(host, "0"))
	if err != nil {
		return errors.Join(err, notification.Close())
	}
	s.outside = []net.Listener{notification, switchboard}
	s.places = append(s.places, "messenger: MSNP over TCP on "+typed(notification)+", switchboard on "+typed(switchboard))
	return nil
}

// standOutside serves those clients, within the gateway's limits.
func (s *standalone) standOutside() {
	if s.outside == nil {
		return
	}
	notification, switchboard := s.outside[0], s.outside[1]
	heard := greeting.Listen(s.gateway.Guard(notification, gateway.NS), greeting.MSNP, misdirected(s.log, greeting.MSNP, notification.Addr().String()))
	s.serve(heard, s.messenger.ServeNotification)
	s.serve(s.gateway.Guard(switchboard, gateway.SB), s.messenger.ServeSwitchboard)
}

// switchboard is where clients are told that switchboards are: a
// client without a proxy opens its session at that host's port 80, so it
// has to lead here.
func (f *gatewayFlags) switchboard() string {
	host, _, _ := net.SplitHostPort(f.listen) // what is wrong with it is told when it is bound
	if ip := net.ParseIP(host); ip == nil || ip.IsUnspecified() {
		host = gateway.DefaultHost
	}
	return net.JoinHostPort(host, "1863")
}

// fromInside tells connections of the gateway from those over TCP.
func fromInside(c net.Conn) bool {
	_, is := c.(*simnet.Conn)
	return is
}

func (s *standalone) standInside() error {
	for host, serve := range map[string]func(net.Listener) error{insideNS: s.messenger.ServeNotification, insideSB: s.messenger.ServeSwitchboard} {
		l, err := s.inner.Host(host).Listen(":1863")
		if err != nil {
			return err
		}
		s.serve(l, serve)
	}
	return nil
}

// dialInside reaches the one notification server or the one switchboard,
// wherever the client believes it to be.
func (s *standalone) dialInside(ctx context.Context, server, _ string) (net.Conn, error) {
	host := insideNS
	if server == string(gateway.SB) {
		host = insideSB
	}
	return s.inner.Host(insideGateway).DialContext(ctx, "tcp", host+":1863")
}

// people are the accounts that were asked for; all have each other as
// contacts.
func (f *gatewayFlags) people() ([]messenger.Account, error) {
	wanted := f.accounts
	if len(wanted) == 0 {
		wanted = []string{"alice@example.com", "bob@example.com"}
	}
	var accounts []messenger.Account
	for _, text := range wanted {
		email, password, _ := strings.Cut(text, ":")
		if name, host, ok := strings.Cut(email, "@"); !ok || name == "" || host == "" || strings.ContainsAny(email, " \t\r\n") {
			return nil, fmt.Errorf("--account %q: want email or email:password", text)
		}
		accounts = append(accounts, messenger.Account{Email: email, Password: password})
	}
	for i := range accounts {
		for j := range accounts {
			if i != j {
				accounts[i].Contacts = append(accounts[i].Contacts, accounts[j].Email)
			}
		}
	}
	return accounts, nil
}

// standGateway starts the gateway's listener and that of the metrics.
func (s *standalone) standGateway(f *gatewayFlags) error {
	l, err := listenOn("--listen", f.listen)
	if err != nil {
		return err
	}
	s.address = typed(l)
	s.places = append(s.places, "gateway: HTTP on "+s.address)
	s.serve(greeting.Listen(l, greeting.HTTP, misdirected(s.log, greeting.HTTP, s.address)), s.gateway.Serve)
	if f.metrics == "" {
		return nil
	}
	m, err := listenOn("--metrics", f.metrics)
	if err != nil {
		return err
	}
	s.places = append(s.places, "metrics: http://"+typed(m)+"/metrics")
	s.metrics.sessionsOf(s.gateway)
	s.scraped = &http.Server{Handler: s.metrics.handler(), ReadHeaderTimeout: 5 * time.Second}
	s.serve(m, func(l net.Listener) error {
		if err := s.scraped.Serve(l); !errors.Is(err, http.ErrServerClosed) {
			return fmt.Errorf("metrics: %w", err)
		}
		return nil
	})
	return nil
}

// close ends everything; clients have so long to hear of it.
func (s *standalone) close(patience time.Duration) error {
	var errs []error
	if s.gateway != nil {
		ctx, cancel := context.WithTimeout(context.Background(), patience)
		defer cancel()
		errs = append(errs, s.gateway.Shutdown(ctx))
	}
	if s.messenger != nil {
		errs = append(errs, s.messenger.Close())
	}
	if s.scraped != nil {
		errs = append(errs, s.scraped.Close())
	}
	if s.inner != nil {
		errs = append(errs, s.inner.Close())
	}
	s.serving.Wait()
	return errors.Join(errs...)
}
