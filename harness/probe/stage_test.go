package probe

import (
	"context"
	"net"
	"net/http"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"gauntlet/harness/judge/oracle"
	"gauntlet/harness/msn/gateway"
	"gauntlet/harness/msn/messenger"
	"gauntlet/proxies/simnet"
)

// site is a gateway with its messenger on a network in memory. front, if any,
// stands before the gateway and spoils what it does.
type site struct {
	t         *testing.T
	net       *simnet.Net
	gateway   *gateway.Gateway
	messenger *messenger.Messenger
	server    *http.Server
	serving   sync.WaitGroup
}

const (
	gatewayIP = "10.9.0.80"
	behindIP  = "10.9.0.81"
	proberIP  = "10.0.0.2"
)

func newSite(t *testing.T, d gateway.Dialect, front func(*site) http.Handler) *site {
	s := &site{t: t, net: simnet.New(simnet.Options{})}
	s.messenger = messenger.New(messenger.Options{Accounts: []messenger.Account{{Email: "probe@example.com"}}})
	s.gateway = gateway.New(gateway.Options{Dialect: d, Seed: 1, Dial: s.dial})
	s.serve("10.9.0.10", 1863, s.messenger.ServeNotification)
	if front == nil {
		s.serve(gatewayIP, 80, s.gateway.Serve)
		return s
	}
	s.serve(behindIP, 80, s.gateway.Serve)
	s.server = &http.Server{Handler: front(s)}
	s.serve(gatewayIP, 80, func(l net.Listener) error {
		if err := s.server.Serve(l); err != http.ErrServerClosed {
			return err
		}
		return nil
	})
	return s
}

func (s *site) dial(ctx context.Context, _, _ string) (net.Conn, error) {
	return s.net.Host(gatewayIP).DialContext(ctx, "tcp", "10.9.0.10:1863")
}

func (s *site) serve(ip string, port int, serve func(net.Listener) error) {
	l, err := s.net.Host(ip).Listen(":" + map[int]string{80: "80", 1863: "1863"}[port])
	if err != nil {
		s.t.Fatal(err)
	}
	s.serving.Go(func() {
		if err := serve(l); err != nil {
			s.t.Error(err)
		}
	})
}

func (s *site) close() {
	if s.server != nil {
		_ = s.server.Close()
	}
	_ = s.gateway.Close()
	_ = s.messenger.Close()
	_ = s.net.Close()
	s.serving.Wait()
}

// probed is the report on a gateway, in virtual time.
func probed(t *testing.T, d gateway.Dialect, front func(*site) http.Handler) (r Report) {
	synctest.Test(t, func(t *testing.T) {
		s := newSite(t, d, front)
		defer s.close()
		var err error
		r, err = Run(context.Background(), Target{Network: s.net.Host(proberIP), Address: gatewayIP + ":80", Idle: 3 * time.Minute})
		if err != nil {
			t.Error(err)
		}
	})
	return r
}

func failed(r Report) (ids []string) {
	for _, f := range r.Findings {
		if f.Status == oracle.Fail {
			ids = append(ids, f.ID)
		}
	}
	return ids
}
