package rig

import (
	"context"
	"net"
	"slices"

	"gauntlet/harness/judge/history"
	"gauntlet/harness/msn/client"
	"gauntlet/harness/run/catalogue"
	"gauntlet/proxies"
	"gauntlet/proxies/network"
)

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
