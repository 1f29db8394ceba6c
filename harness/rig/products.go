package rig

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"strings"
	"time"

	"gauntlet/harness/client"
	"gauntlet/harness/history"
	"gauntlet/proxies"
	"gauntlet/proxies/external"
)

// products are the real proxies that can stand in for the forward box: how to
// start one before an origin, and the words by which it signs Via.
var products = map[string]struct {
	start func(ctx context.Context, origin string) (*external.Process, error)
	find  func() error // what is missing to start it
	via   string
}{
	"squid": {
		find: external.FindSquid,
		start: func(ctx context.Context, origin string) (*external.Process, error) {
			return external.StartSquid(ctx, external.SquidOptions{Origin: origin, Ready: external.Probe("http://gauntlet.invalid/", notFrom(origin))})
		},
		via: "gauntlet-squid",
	},
}

// probed is the field in which our answer to a probe names its origin.
const probed = "X-Gauntlet-Origin"

// notFrom tells of an answer that did not come from the origin: the product's
// own page, or, where two products were given the same free port, the answer
// of the other's origin.
func notFrom(origin string) func(*http.Response) bool {
	return func(r *http.Response) bool { return r.Header.Get(probed) != origin }
}

// Products lists the real proxies by name.
func Products() []string { return []string{"squid"} }

// CheckProduct says why the product of that name cannot be started; "" is none.
func CheckProduct(name string) error {
	product, known := products[name]
	switch {
	case name == "":
		return nil
	case !known:
		return fmt.Errorf("no box %q; the real proxies are %s", name, strings.Join(Products(), ", "))
	}
	return product.find()
}

// putProduct starts the product before the gateway, and our relay, which
// carries the faults, before the product.
func (s *stage) putProduct(ctx context.Context) error {
	process, err := s.startProduct(ctx)
	if err != nil {
		return err
	}
	s.product = process
	s.serve(s.taps[1].Listen(s.origin), "gateway", s.gateway.Serve)
	s.origin = nil // the server's now
	relay, err := proxies.New(proxies.Spec{Kind: proxies.Relay}, proxies.Options{Network: s.ground.on(boxHost(0)), Upstream: process.Addr})
	if err != nil {
		return err
	}
	s.boxes = append(s.boxes, relay)
	l, address, err := s.ground.listen(boxHost(0), defaultPorts[proxies.Relay])
	if err != nil {
		return err
	}
	s.route = client.Route{Kind: client.HTTPProxy, Proxy: address}
	s.serve(s.taps[0].Listen(l), "relay", relay.Serve)
	return nil
}

// startProduct answers the probes by which the product is found ready itself:
// they are no part of the run, and the gateway's hop must not count them.
func (s *stage) startProduct(ctx context.Context) (*external.Process, error) {
	probes := &lentListener{TCPListener: s.origin.(*net.TCPListener)}
	origin := s.origin.Addr().String()
	answer := func(w http.ResponseWriter, _ *http.Request) { w.Header().Set(probed, origin) }
	server := &http.Server{Handler: http.HandlerFunc(answer), ReadHeaderTimeout: 5 * time.Second}
	ended := make(chan error, 1)
	go func() { ended <- server.Serve(probes) }()
	process, err := products[s.o.Product].start(ctx, origin)
	_ = server.Close() // the probes are over
	if e := <-ended; !errors.Is(e, http.ErrServerClosed) {
		err = errors.Join(err, e)
	}
	return process, errors.Join(err, s.origin.(*net.TCPListener).SetDeadline(time.Time{}))
}

// lentListener can be closed by its server without closing the socket.
type lentListener struct{ *net.TCPListener }

// Close wakes Accept.
func (l *lentListener) Close() error { return l.SetDeadline(time.Unix(1, 0)) }

// provePath wants the product's own word that it carried the traffic: its
// access log, and its signature on what reached the gateway.
func (s *stage) provePath() error {
	if s.product == nil {
		return nil
	}
	log, err := s.product.AccessLog()
	if err != nil {
		return err
	}
	if !bytes.Contains(log, []byte("POST ")) {
		return fmt.Errorf("%s: its access log shows no POST, so the traffic went another way", s.o.Product)
	}
	for _, x := range history.Exchanges(s.recorder.Events(), len(s.taps)-1) {
		if x.Received && !bytes.Contains(x.Head, []byte(products[s.o.Product].via)) {
			return fmt.Errorf("%s: request %d reached the gateway without its Via", s.o.Product, x.Ordinal)
		}
	}
	return nil
}
