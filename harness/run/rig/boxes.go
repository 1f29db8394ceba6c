package rig

import (
	"context"
	"fmt"
	"net"
	"strings"

	"gauntlet/harness/msn/client"
	"gauntlet/harness/run/catalogue"
	"gauntlet/proxies"
)

// replaced tells whether a real product stands in for the case's one box.
func (s *stage) replaced() bool { return s.o.Product != nil && len(s.c.Chain) == 1 }

func boxHost(i int) string { return fmt.Sprintf("10.1.%d.1", i+1) }

// place is a box's listener and where others reach it.
type place struct {
	spec     proxies.Spec
	listener net.Listener
	address  string
	host     string
	again    func() (net.Listener, error) // binds it anew after the box was down; nil: it stays bound
}

// putBoxes binds all listeners first, for each box has to know the next.
func (s *stage) putBoxes(ctx context.Context) error {
	if s.replaced() {
		return s.putProduct(ctx)
	}
	places := make([]place, len(s.c.Chain))
	for i, spec := range s.c.Chain {
		l, address, err := s.listenFor(i, spec)
		if err != nil {
			return fmt.Errorf("box %d (%s): %w", i+1, spec, err)
		}
		places[i] = place{spec, s.taps[i].Listen(l), address, boxHost(i), s.again(i, spec)}
	}
	for i := range places {
		if err := s.putBox(i, s.c.Chain, places); err != nil {
			return fmt.Errorf("box %d (%s): %w", i+1, places[i].spec, err)
		}
	}
	if len(places) > 0 {
		s.first = places[0].address
	}
	var err error
	s.route, err = s.lead(userHost, s.c.Chain, places)
	if kind := s.c.Proxy.Kind(); kind != "" {
		s.route.Kind = client.RouteKind(kind)
	}
	if s.c.Proxy == catalogue.NoPassword {
		s.route.User, s.route.Password = "", ""
	}
	return err
}

// putBox starts box i and shows it the way on.
func (s *stage) putBox(i int, chain proxies.Chain, places []place) error {
	next := ""
	if i+1 < len(places) {
		next = places[i+1].address
	}
	hosts := append([]string{places[i].host}, egressHosts(places[i])...)
	options := proxies.Options{Network: s.from(places[i].host), Listen: places[i].again, Authority: s.o.Authority}
	for _, host := range hosts[1:] {
		options.Egress = append(options.Egress, s.from(host))
	}
	if chain.NextHop(i) == proxies.Redirected {
		for _, host := range hosts {
			if err := s.ground.redirect(host, next); err != nil {
				return err
			}
		}
	}
	box, err := proxies.New(chain[i], chain.Lead(i, options, next, net.JoinHostPort(gatewayHost, "80")))
	if err != nil {
		return err
	}
	s.boxes = append(s.boxes, box)
	s.serve(places[i].listener, box.Name(), box.Serve)
	return nil
}

// again binds a box's address once more. On loopback ports are not literal, and
// a port that was given up may be somebody else's by then.
func (s *stage) again(i int, spec proxies.Spec) func() (net.Listener, error) {
	if s.o.Mode.onLoopback() {
		return nil
	}
	return func() (net.Listener, error) {
		l, _, err := s.ground.listen(boxHost(i), spec.ListenPort())
		if err != nil {
			return nil, err
		}
		return s.taps[i].Listen(l), nil
	}
}

// egressHosts are the addresses from which a box with several of them dials.
func egressHosts(p place) []string {
	var hosts []string
	for _, phase := range p.spec.Phases() {
		for n := len(hosts); n < phase.Addresses(); n++ {
			hosts = append(hosts, fmt.Sprintf("%s.%d", strings.TrimSuffix(p.host, ".1"), n+2))
		}
	}
	return hosts
}

// lead shows a client the way to the first box: by its settings or, unknown to
// it, by a redirect.
func (s *stage) lead(host string, chain proxies.Chain, places []place) (client.Route, error) {
	if len(chain) == 0 {
		return client.Route{}, nil
	}
	if asked := chain.Explicit(); asked != nil {
		return routeTo(*asked, places[0].address), nil
	}
	return client.Route{}, s.ground.redirect(host, places[0].address)
}

// routeTo is what a client is told of a box, with the credentials that it wants.
func routeTo(box proxies.Spec, address string) client.Route {
	r := client.Route{Proxy: address, Kind: map[proxies.Kind]client.RouteKind{
		proxies.Forward: client.HTTPProxy, proxies.TLS: client.HTTPProxy, proxies.Connect: client.ConnectProxy,
		proxies.Socks4: client.Socks4Proxy, proxies.Socks4a: client.Socks4aProxy, proxies.Socks5: client.Socks5Proxy,
	}[box.Kind]}
	r.User, r.Password, _ = strings.Cut(box.Credentials(), ":")
	return r
}
