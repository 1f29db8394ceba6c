package rig

import (
	"context"
	"fmt"
	"net"

	"gauntlet/harness/catalogue"
	"gauntlet/harness/client"
	"gauntlet/proxies"
	"gauntlet/proxies/network"
)

// defaultPorts are where boxes listen whose case names no port.
var defaultPorts = map[proxies.Kind]int{proxies.Forward: 8080, proxies.Intercept: 3129, proxies.Relay: 8000}

// Inexpressible says why this mode or product cannot express the case; empty
// if it can.
func Inexpressible(c catalogue.Case, o Options) string {
	if o.Mode == Loopback && len(c.Chain) > 0 && !explicit(c.Chain) {
		return "interception needs addresses of our own: on loopback only explicit proxies run"
	}
	if o.Mode == Loopback && c.Contact != nil {
		return "the contact's own way cannot be told from the user's on loopback"
	}
	if o.Product != nil && len(c.Chain) > 0 && (len(c.Chain) != 1 || !ordinary(c.Chain[0])) {
		return o.Product.Name + " stands for a single forward proxy without quirks, and this case has another chain"
	}
	return ""
}

// ordinary tells whether a box is a forward proxy and nothing else.
func ordinary(spec proxies.Spec) bool {
	return spec.Kind == proxies.Forward && spec.Profile == "" && spec.Then == nil && spec.Quirks == proxies.Quirks{}
}

// explicit tells whether the client is configured for the first box that
// knows HTTP.
func explicit(chain proxies.Chain) bool {
	for _, spec := range chain {
		if spec.Kind != proxies.Relay {
			return spec.Kind == proxies.Forward
		}
	}
	return false
}

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

func portOf(spec proxies.Spec) int {
	if spec.Port != 0 {
		return spec.Port
	}
	return defaultPorts[spec.Kind]
}

// putBoxes binds all listeners first, for each box has to know the next.
func (s *stage) putBoxes(ctx context.Context) error {
	if s.replaced() {
		return s.putProduct(ctx)
	}
	places := make([]place, len(s.c.Chain))
	for i, spec := range s.c.Chain {
		l, address, err := s.ground.listen(boxHost(i), portOf(spec))
		if err != nil {
			return fmt.Errorf("box %d (%s): %w", i+1, spec, err)
		}
		places[i] = place{spec, s.taps[i].Listen(l), address, boxHost(i), s.again(i, spec)}
	}
	for i := range places {
		if err := s.putBox(i, places); err != nil {
			return fmt.Errorf("box %d (%s): %w", i+1, places[i].spec, err)
		}
	}
	var err error
	s.route, err = s.lead(userHost, places)
	return err
}

// putBox starts box i and shows it the way on.
func (s *stage) putBox(i int, places []place) error {
	options := proxies.Options{Network: s.ground.on(places[i].host), Egress: s.egress(i, places[i].spec), Listen: places[i].again}
	rest := places[i+1:]
	switch {
	case explicitPlaces(rest):
		options.Upstream = rest[0].address
		options.Parent = places[i].spec.Kind != proxies.Relay
	case places[i].spec.Kind == proxies.Relay:
		options.Upstream = net.JoinHostPort(gatewayHost, "80")
	}
	if len(rest) > 0 && options.Upstream != rest[0].address {
		if err := s.ground.redirect(places[i].host, rest[0].address); err != nil {
			return err
		}
	}
	box, err := proxies.New(places[i].spec, options)
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
	if s.o.Mode == Loopback {
		return nil
	}
	return func() (net.Listener, error) {
		l, _, err := s.ground.listen(boxHost(i), portOf(spec))
		if err != nil {
			return nil, err
		}
		return s.taps[i].Listen(l), nil
	}
}

// egress are the addresses from which a box with several of them dials.
func (s *stage) egress(i int, spec proxies.Spec) []network.Network {
	var networks []network.Network
	for _, phase := range spec.Phases() {
		for n := len(networks); n < phase.Quirks.Egress; n++ {
			networks = append(networks, s.ground.on(fmt.Sprintf("10.1.%d.%d", i+1, n+2)))
		}
	}
	return networks
}

func explicitPlaces(places []place) bool {
	chain := make(proxies.Chain, len(places))
	for i, p := range places {
		chain[i] = p.spec
	}
	return explicit(chain)
}

// lead shows a client the way to the first box: by its settings or, unknown to
// it, by a redirect.
func (s *stage) lead(host string, places []place) (client.Route, error) {
	if len(places) == 0 {
		return client.Route{}, nil
	}
	if explicitPlaces(places) {
		return client.Route{Kind: client.HTTPProxy, Proxy: places[0].address}, nil
	}
	return client.Route{}, s.ground.redirect(host, places[0].address)
}
