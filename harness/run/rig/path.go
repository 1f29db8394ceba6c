package rig

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"

	"gauntlet/harness/judge/history"
	"gauntlet/harness/run/catalogue"
	"gauntlet/proxies"
	"gauntlet/proxies/external"
	"gauntlet/proxies/fault"
	"gauntlet/proxies/network"
	"gauntlet/proxies/wire"
)

// path is what stands between the client under test and the gateway: the boxes,
// or a product in their place, and before each listener the hop that records
// and disturbs.
type path struct {
	*env
	servers *servers
	hops    []*wire.Tap // the client's first, the gateway's last
	boxes   []proxies.Box
	product *external.Process
	first   string        // the address of the first box
	route   proxies.Route // what the client is told of it
	decoy   string        // a proxy that the client is given and not to use
	pac     string        // the URL of the file that tells of the route; "" if the client wants none
	named   []string      // the proxies that it names for the gateway, in its order
	files   *http.Server  // which serves it

	mu       sync.Mutex
	schedule *fault.Schedule
}

// makeHops makes a hop for each box's listener and one for the gateway's.
func (p *path) makeHops() error {
	p.schedule = fault.NewSchedule(p.c.Faults, p.o.Seed)
	var moves atomic.Int32
	move := func() error { return p.network.move(movedHost(int(moves.Add(1)))) }
	for hop := range len(p.c.Chain) + 1 {
		p.hops = append(p.hops, wire.New(wire.Options{
			Hop: hop, Faults: p.schedule, Standing: p.o.Attended != nil, Began: p.recorder.Began(), Effects: p.o.Effects, Path: p.network.path(), Beside: hop == 0, Open: p.servers.front(hop),
			Label: p.o.Speaks.LabelHead(p.servers.running.Session), LabelBody: p.o.Speaks.LabelBody, Observe: p.observe, Move: move,
		}))
	}
	p.network.lookups(p.hops[0].Lookup)
	if slices.ContainsFunc(p.c.Faults, unanswered) {
		return p.network.block(fault.Unreached, gatewayPort(p.c))
	}
	return nil
}

// unanswered reports whether a fault leads somebody to where nobody answers.
func unanswered(f fault.Fault) bool {
	kind, _ := f.Effect.Kind()
	return kind.Unanswered
}

// observe records what a hop saw.
func (p *path) observe(e wire.Event) {
	if !p.traffic.atHop(e, p.c) {
		return
	}
	p.recorder.RecordAt(e.At, history.Event{
		From: history.AtHop, Kind: history.Kind(e.Kind), Hop: e.Hop, Conn: e.Conn, Exchange: e.Exchange,
		Labels: e.Labels, Data: e.Data, Status: e.Status, Given: e.Given, Fault: e.Fault,
		By: e.By, How: e.How, ID: e.OriginalDestination, Text: e.Text,
	})
}

// rearm changes the faults while the hops are at work.
func (p *path) rearm(next func(*fault.Schedule) *fault.Schedule) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.schedule = next(p.schedule)
	for _, hop := range p.hops {
		hop.Rearm(p.schedule)
	}
}

// faults are those that are armed, and on which connections each has fired.
func (p *path) faults() []FaultReport {
	p.mu.Lock()
	defer p.mu.Unlock()
	reports := []FaultReport{}
	for _, f := range p.schedule.Faults() {
		fired := append([]int{}, p.hops[f.Hop].Fired()[f.String()]...)
		reports = append(reports, FaultReport{Text: f.String(), Fired: len(fired), Connections: fired})
	}
	return reports
}

// boxListener is a box's listener and where others reach it.
type boxListener struct {
	spec     proxies.Spec
	listener net.Listener
	address  string
	host     string
	beyond   *wire.Tap                    // the hop behind it; nil: nothing there is observed
	rebind   func() (net.Listener, error) // binds it anew after the box was down; nil: it stays bound
}

// startBoxes binds all listeners first, for each box has to know the next.
func (p *path) startBoxes(ctx context.Context) error {
	if p.replaced() {
		return p.startProduct(ctx)
	}
	listeners := make([]boxListener, len(p.c.Chain))
	for i, spec := range p.c.Chain {
		l, address, err := p.listenBox(i, spec)
		if err != nil {
			return fmt.Errorf("box %d (%s): %w", i+1, spec, err)
		}
		listeners[i] = boxListener{spec, p.hops[i].Listen(p.c.Chain.Listen(i, l)), address, boxHost(i), p.hops[i+1], p.rebind(i, spec)}
	}
	for i := range listeners {
		if err := p.startBox(i, p.c.Chain, listeners); err != nil {
			return fmt.Errorf("box %d (%s): %w", i+1, listeners[i].spec, err)
		}
	}
	if len(listeners) > 0 {
		p.first = listeners[0].address
	}
	var err error
	p.route, err = p.routeFrom(userHost, p.c.Chain, listeners)
	if kind := p.c.Proxy.Kind(); kind != "" {
		p.route.Kind = proxies.RouteKind(kind)
	}
	if p.c.Proxy == catalogue.NoPassword {
		p.route.User, p.route.Password = "", ""
	}
	return err
}

// listenBox binds the address of box i, or takes the listener that somebody
// brought for the first.
func (p *path) listenBox(i int, spec proxies.Spec) (net.Listener, string, error) {
	if i == 0 && p.o.Attended != nil && len(p.o.Attended.Front) > 0 {
		l := p.o.Attended.Front[0].Listener
		return l, l.Addr().String(), nil
	}
	return p.network.listen(listeningHost(i, spec), spec.ListenPort())
}

// listeningHost is the host at which box i listens.
func listeningHost(i int, spec proxies.Spec) string {
	if spec.IPv6 {
		return fmt.Sprintf("fd00:10:1:%d::1", i+1)
	}
	return boxHost(i)
}

// rebind binds a box's address once more. On loopback ports are not literal, and
// a port that was given up may be somebody else's by then.
func (p *path) rebind(i int, spec proxies.Spec) func() (net.Listener, error) {
	if p.o.Mode.onLoopback() {
		return nil
	}
	return func() (net.Listener, error) {
		l, _, err := p.network.listen(listeningHost(i, spec), spec.ListenPort())
		if err != nil {
			return nil, err
		}
		return p.hops[i].Listen(p.c.Chain.Listen(i, l)), nil
	}
}

// startBox starts box i and shows it the way on.
func (p *path) startBox(i int, chain proxies.Chain, listeners []boxListener) error {
	here, next := listeners[i], ""
	if i+1 < len(listeners) {
		next = listeners[i+1].address
	}
	hosts := append([]string{here.host}, egressHosts(here)...)
	options := proxies.Options{Network: p.boxNetwork(here.host, here.beyond), Listen: here.rebind, Authority: p.o.Authority, Machines: p.machines(), Unplug: func() (func() error, error) { return p.network.unplug(listenerHost(here)) }}
	for _, host := range hosts[1:] {
		options.Egress = append(options.Egress, p.boxNetwork(host, here.beyond))
	}
	if chain.NextHop(i) == proxies.Redirected {
		for _, host := range hosts {
			if err := p.network.redirect(host, next); err != nil {
				return err
			}
		}
	}
	box, err := proxies.New(chain[i], chain.Lead(i, options, next, net.JoinHostPort(gatewayHost(p.c), strconv.Itoa(gatewayPort(p.c)))))
	if err != nil {
		return err
	}
	p.boxes = append(p.boxes, box)
	p.serve(here.listener, box.Name(), box.Serve)
	return nil
}

// boxNetwork is the network as a box on host sees it, the one before that hop; nil:
// nothing disturbs what it looks up.
func (p *path) boxNetwork(host string, beyond *wire.Tap) network.Network {
	seen := p.network.on(host)
	if beyond != nil {
		seen = beyond.Resolving(seen)
	}
	return unservedRecorder{seen, &p.o.Speaks, p.recorder}
}

// listenerHost is where a box's listener is, which may be of another family than what
// the box dials from.
func listenerHost(l boxListener) string {
	host, _, err := net.SplitHostPort(l.address)
	if err != nil {
		return l.host
	}
	return host
}

// machines are the gateway's, for a box that spreads what it sends over them.
func (p *path) machines() (all []string) {
	for _, host := range p.servers.hosts() {
		all = append(all, net.JoinHostPort(host, strconv.Itoa(gatewayPort(p.c))))
	}
	return all
}

// egressHosts are the addresses from which a box with several of them dials.
func egressHosts(l boxListener) []string {
	var hosts []string
	for _, phase := range l.spec.Phases() {
		for n := len(hosts); n < phase.Addresses(); n++ {
			hosts = append(hosts, fmt.Sprintf("%s.%d", strings.TrimSuffix(l.host, ".1"), n+2))
		}
	}
	return hosts
}

// routeFrom brings a client on host to the first box: by the settings that it
// returns or, unknown to the client, by a redirect.
func (p *path) routeFrom(host string, chain proxies.Chain, listeners []boxListener) (proxies.Route, error) {
	if len(chain) == 0 {
		return proxies.Route{}, nil
	}
	if asked := chain.Explicit(); asked != nil {
		return routeTo(*asked, listeners[0].address), nil
	}
	return proxies.Route{}, p.network.redirect(host, listeners[0].address)
}

// routeTo is what a client is told of a box, with the credentials that it wants.
func routeTo(box proxies.Spec, address string) proxies.Route {
	r := proxies.Route{Proxy: address, Kind: map[proxies.Kind]proxies.RouteKind{
		proxies.Forward: proxies.HTTPProxy, proxies.TLS: proxies.HTTPProxy, proxies.Connect: proxies.ConnectProxy,
		proxies.Socks4: proxies.Socks4Proxy, proxies.Socks4a: proxies.Socks4aProxy, proxies.Socks5: proxies.Socks5Proxy,
	}[box.Kind]}
	r.User, r.Password, _ = strings.Cut(box.Credentials(), ":")
	return r
}

// startEntrances starts the boxes beside the case's own, for a client that is
// used by hand.
func (p *path) startEntrances() error {
	if p.o.Attended == nil {
		return nil
	}
	for i, e := range p.o.Attended.Front {
		if i == 0 && len(p.c.Chain) > 0 {
			continue // the chain's first box took it
		}
		o := proxies.Options{Network: p.boxNetwork(boxHost(0), nil), Authority: p.o.Authority}
		box, err := proxies.New(e.Spec, o)
		if err != nil {
			return errors.Join(fmt.Errorf("box %s: %w", e.Spec, err), e.Listener.Close())
		}
		p.boxes = append(p.boxes, box)
		p.serve(p.hops[0].Listen(e.Listener), box.Name(), box.Serve)
	}
	return nil
}

// told is the route as the client's own settings have it: of what a file says they
// have nothing.
func (p *path) told() proxies.Route {
	if p.c.Proxy.ByFile() {
		return proxies.Route{}
	}
	return p.route
}

// noteRoute records what the client is told, for the oracles. To which of
// several entrances a person sets theirs is not known.
func (p *path) noteRoute() {
	if p.o.Attended != nil && len(p.o.Attended.Front) > 1 {
		return
	}
	e := history.Event{Kind: history.Configured, How: "direct", Text: p.o.Speaks.Gateway}
	switch {
	case p.route.Kind != proxies.Direct:
		e.How, e.ID = string(p.route.Kind), p.route.Proxy
	case p.decoy != "":
		e.How, e.ID = "proxy switched off", p.decoy
	}
	switch {
	case p.c.Proxy == catalogue.FileMissing: // which way there is the client cannot know
		e.How, e.ID, e.By = "file missing", "", p.pac
	case p.c.Proxy.ByFile():
		e.By, e.Labels = p.pac, p.named
	}
	p.note(e)
}

func (p *path) close() error {
	var errs []error
	for _, box := range p.boxes {
		errs = append(errs, box.Close())
	}
	if p.product != nil {
		errs = append(errs, p.product.Stop())
	}
	if p.files != nil {
		errs = append(errs, p.files.Close())
	}
	for _, hop := range p.hops {
		errs = append(errs, hop.Close())
	}
	return errors.Join(errs...)
}
