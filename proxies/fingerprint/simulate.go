package fingerprint

import (
	"context"
	"errors"
	"fmt"
	"net"
	"time"

	"gauntlet/proxies"
	"gauntlet/proxies/network"
	"gauntlet/proxies/simnet"
)

// Simulate takes the fingerprint of one of our boxes in an in-memory network.
// It is meant for a synctest bubble, where it takes no time; outside of one it
// waits for real.
func Simulate(spec proxies.Spec) (f Fingerprint, err error) {
	n := simnet.New(simnet.Options{})
	defer func() { err = errors.Join(err, n.Close()) }()
	server, place, user := n.Host("10.0.0.9", "gw.example"), n.Host("10.0.0.5"), n.Host("10.0.0.1")
	options := proxies.Options{Network: place, Upstream: "10.0.0.9:80"}
	for i := range spec.Addresses() {
		options.Egress = append(options.Egress, n.Host(fmt.Sprintf("10.0.1.%d", i+1)))
	}
	for range spec.Machines() {
		options.Machines = append(options.Machines, options.Upstream) // one that answers is enough
	}
	box, err := proxies.New(spec, options)
	if err != nil {
		return nil, err
	}
	l, err := place.Listen(":3128")
	if err != nil {
		return nil, errors.Join(err, box.Close())
	}
	served := make(chan error, 1)
	go func() { served <- box.Serve(l) }()
	defer func() { err = errors.Join(err, box.Close(), <-served) }()
	if !spec.Kind.Explicit() {
		n.Redirect(simnet.Redirect{From: user.IP(), Port: 80, To: "10.0.0.5:3128"})
	}
	return Take(context.Background(), setup(spec, user, server))
}

// setup leads the suite's clients to the box: by its address, through a tunnel,
// or by having it catch what is meant for the origin.
func setup(spec proxies.Spec, user, server network.Network) Setup {
	s := Setup{
		Network: user, Box: "10.0.0.5:3128", Host: "gw.example", Credentials: spec.Credentials(),
		Listen: func() (net.Listener, error) {
			l, err := server.Listen(":80")
			if err != nil {
				return nil, err
			}
			return proxies.Chain{spec}.Listen(1, l), nil
		},
		Settle: 500 * time.Millisecond, Idle: 10 * time.Minute,
	}
	switch {
	case spec.Kind.IsSOCKS() || spec.Kind == proxies.Connect:
		s.Network, s.Box, s.Credentials = proxies.Through(user, spec, s.Box), "10.0.0.9:80", ""
	case !spec.Kind.Explicit():
		s.Box = "10.0.0.9:80"
	}
	return s
}
