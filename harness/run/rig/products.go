package rig

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net"
	"slices"

	"gauntlet/harness/judge/history"
	"gauntlet/harness/msn/client"
	"gauntlet/harness/msn/login"
	"gauntlet/harness/run/catalogue"
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

// decoyHost is where the proxy stands that a client is given and not to use.
const decoyHost = "10.1.99.1"

// asidePort is the gateway's for the decoy alone.
const asidePort = 8081

// putDecoy starts a proxy that works, beside the chain: a client that uses it
// although it is switched off is served, and seen, as at the first hop.
func (s *stage) putDecoy() error {
	if s.c.Proxy != catalogue.SwitchedOff {
		return nil
	}
	l, address, err := s.ground.listen(decoyHost, 3128)
	if err != nil {
		return err
	}
	aside, err := s.gatewayAside()
	if err != nil {
		return err
	}
	box, err := proxies.New(proxies.Spec{Kind: proxies.Forward}, proxies.Options{Network: aside})
	if err != nil {
		return err
	}
	s.boxes, s.decoy = append(s.boxes, box), address
	s.serve(s.taps[0].Listen(l), "decoy", box.Serve)
	return nil
}

// aside is the decoy's network, on which the gateway is reached beside the
// hops: what the decoy makes of a request is no request of the client's.
type aside struct {
	network.Network
	gateway string
}

func (s *stage) gatewayAside() (network.Network, error) {
	l, address, err := s.ground.listen(gatewayHost, asidePort)
	if err != nil {
		return nil, err
	}
	s.serve(l, "gateway", s.gateway.Serve)
	return aside{s.ground.on(decoyHost), address}, nil
}

// DialContext connects to the gateway, by whichever of its addresses, or to
// what else there is.
func (a aside) DialContext(ctx context.Context, kind, address string) (net.Conn, error) {
	host, port, err := net.SplitHostPort(address)
	if err == nil && port == "80" && slices.Contains(gatewayAddresses(), host) {
		address = a.gateway
	}
	return a.Network.DialContext(ctx, kind, address)
}

// noteRoute records what the client is told, for the oracles. To which of
// several entrances a person sets theirs is not known.
func (s *stage) noteRoute() {
	if s.o.Attended != nil && len(s.o.Attended.Front) > 1 {
		return
	}
	e := history.Event{Kind: history.Configured, How: "direct", Text: gatewayName}
	switch {
	case s.route.Kind != client.Direct:
		e.How, e.ID = string(s.route.Kind), s.route.Proxy
	case s.decoy != "":
		e.How, e.ID = "proxy switched off", s.decoy
	}
	s.note(e)
}
