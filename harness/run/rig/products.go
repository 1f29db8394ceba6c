package rig

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net"

	"gauntlet/harness/judge/history"
	"gauntlet/harness/msn/client"
	"gauntlet/harness/msn/login"
	"gauntlet/proxies"
	"gauntlet/proxies/external"
	"gauntlet/proxies/network"
)

// putProduct starts the product before the gateway, and our relay, which
// carries the faults, before the product.
func (s *stage) putProduct(ctx context.Context) error {
	tunnels, err := s.putTunnels()
	if err != nil {
		return err
	}
	process, err := s.o.Product.StartBefore(ctx, s.origin.(*net.TCPListener), external.Options{Tunnels: tunnels, Domains: login.ApartFromGateway()})
	if err != nil {
		return err
	}
	s.product = process
	s.serve(s.taps[1].Listen(s.origin), "gateway", s.gateway.Serve)
	s.origin = nil // the server's now
	// The product is a program on this machine, and no participant whom others may dial.
	relay, err := proxies.New(proxies.Spec{Kind: proxies.Relay}, proxies.Options{Network: &network.Loopback{}, Upstream: process.Addr})
	if err != nil {
		return err
	}
	s.boxes = append(s.boxes, relay)
	l, address, err := s.ground.listen(boxHost(0), proxies.Relay.DefaultPort())
	if err != nil {
		return err
	}
	s.route = client.Route{Kind: client.HTTPProxy, Proxy: address}
	s.serve(s.taps[0].Listen(l), "relay", relay.Serve)
	return nil
}

// putTunnels starts a proxy of ours behind the product, which knows where the
// login services are: the product itself has but one origin.
func (s *stage) putTunnels() (address string, err error) {
	if s.o.Authority == nil {
		return "", nil
	}
	box, err := proxies.New(proxies.Spec{Kind: proxies.Connect}, proxies.Options{Network: s.from(boxHost(0))})
	if err != nil {
		return "", err
	}
	s.boxes = append(s.boxes, box)
	l, address, err := s.ground.listen(boxHost(1), proxies.Connect.DefaultPort())
	if err != nil {
		return "", err
	}
	s.serve(l, "tunnels", box.Serve)
	return address, nil
}

// provePath wants the product's own word that it carried the traffic: its
// access log and its signature on what reached the gateway, as far as it has
// them. Besides, nobody else was told where the gateway listens.
func (s *stage) provePath() error {
	if s.product == nil {
		return nil
	}
	log, err := s.product.AccessLog()
	switch {
	case errors.Is(err, errors.ErrUnsupported):
	case err != nil:
		return err
	case !bytes.Contains(log, []byte("POST ")):
		return fmt.Errorf("%s: its access log shows no POST, so the traffic went another way", s.o.Product.Name)
	}
	return s.proveSigned()
}

// proveSigned wants the signature in the first request of each connection: some
// products are but a pipe for what comes after it.
func (s *stage) proveSigned() error {
	for _, c := range history.Connections(s.recorder.Events(), len(s.taps)-1) {
		if len(c.Exchanges) == 0 {
			continue
		}
		if x := c.Exchanges[0]; x.Received && !bytes.Contains(x.Head, []byte(s.o.Product.Signs)) {
			return fmt.Errorf("%s: request %d reached the gateway without %q, by which it signs", s.o.Product.Name, x.Ordinal, s.o.Product.Signs)
		}
	}
	return nil
}
