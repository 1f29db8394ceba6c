package rig

import (
	"context"
	"fmt"
	"net"
	"slices"
	"strings"

	"gauntlet/harness/judge/requirement"
	"gauntlet/harness/msn/client"
	"gauntlet/harness/run/adapter"
	"gauntlet/harness/run/catalogue"
	"gauntlet/proxies"
)

// Inexpressible says why this mode or product cannot express the case; empty
// if it can.
func Inexpressible(c catalogue.Case, o Options) string {
	if o.Mode.onLoopback() && intercepts(c.Chain) {
		return "interception needs addresses of our own: on loopback only explicit proxies run"
	}
	if o.Mode.onLoopback() && c.Contact != nil {
		return "the contact's own way cannot be told from the user's on loopback"
	}
	if o.Mode.onLoopback() && o.ClientKind != adapter.InProcess && len(c.Chain) == 0 {
		return "a process of its own finds no address of ours on loopback: only explicit proxies run"
	}
	if o.Mode.onLoopback() && o.ClientKind != adapter.InProcess && slices.ContainsFunc(c.Proves, shownByDials) {
		return "what a process of its own tries to connect to is not seen on loopback"
	}
	if _, reason := Suited(c, o.ClientKind, o.Abilities); reason != "" {
		return reason
	}
	if !hearsOff(c, o) {
		return "the client's file has no place, such as {{.ProxyOff}}, for a proxy that is switched off"
	}
	if o.Mode != Virtual && c.Clients > 1 {
		return "whose traffic is whose in a crowd of clients can only be told in virtual time"
	}
	if o.Product != nil && len(c.Chain) > 0 && (len(c.Chain) != 1 || !ordinary(c.Chain[0])) {
		return o.Product.Name + " stands for a single forward proxy without quirks, and this case has another chain"
	}
	return roadless(c, o.Mode)
}

// hearsOff tells whether the client can be told of a proxy that is switched off,
// if there is one. Whoever is driven hears of one proxy.
func hearsOff(c catalogue.Case, o Options) bool {
	told := o.ClientKind == adapter.InProcess || o.ClientKind == adapter.Driven && c.Chain.Explicit() == nil
	return c.Proxy != catalogue.SwitchedOff || told || o.HearsOff
}

// shownByDials tells whether only attempts to connect show a requirement.
func shownByDials(id requirement.ID) bool {
	return id == "route.proxy-port" || id == "route.switch" || id == "route.no-direct-attempt"
}

// ordinary tells whether a box is a forward proxy and nothing else.
func ordinary(spec proxies.Spec) bool { return spec.Kind == proxies.Forward && plain(spec) }

// plain reports whether a box does what its kind does and nothing else.
func plain(spec proxies.Spec) bool {
	return spec.Profile == "" && spec.Then == nil && len(spec.Quirks) == 0
}

// intercepts tells whether anybody on the chain's way is brought to a box that
// he does not know of.
func intercepts(chain proxies.Chain) bool {
	for i := range chain {
		if chain.NextHop(i) == proxies.Redirected {
			return true
		}
	}
	return len(chain) > 0 && chain.Explicit() == nil
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
