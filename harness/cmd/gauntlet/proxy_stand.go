package main

import (
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"strconv"
	"sync"
	"sync/atomic"

	"gauntlet/harness/msn/servers"
	"gauntlet/proxies"
	"gauntlet/proxies/authority"
	"gauntlet/proxies/fault"
	"gauntlet/proxies/wire"
)

// standing is a chain of boxes on real sockets, with a tap before each.
type standing struct {
	address string // of the first box
	boxes   []proxies.Box
	taps    []*wire.Tap
	control net.Listener
	server  *http.Server
	serving sync.WaitGroup
	failed  chan error // the first server that ended by itself
	taken   atomic.Int64

	mu       sync.Mutex
	schedule *fault.Schedule
}

// stand puts up the boxes, the last one first, for each has to know the next.
func (f *proxyFlags) stand(chain proxies.Chain, schedule *fault.Schedule, log *slog.Logger) (*standing, error) {
	s := &standing{schedule: schedule, failed: make(chan error, len(chain)+1), taps: make([]*wire.Tap, len(chain))}
	ca, err := authority.New()
	if err == nil {
		err = writeCA(f.ca, ca)
	}
	if err == nil {
		err = s.bindControl(f.control)
	}
	next := f.to
	for i := len(chain) - 1; i >= 0 && err == nil; i-- {
		next, err = f.standBox(s, chain, i, next, ca, log)
	}
	s.address = next
	if err != nil {
		return nil, errors.Join(err, s.close())
	}
	s.serveControl(vocabularyOf(chain), log)
	return s, nil
}

// standBox puts up box i and gives its address.
func (f *proxyFlags) standBox(s *standing, chain proxies.Chain, i int, next string, ca *authority.Authority, log *slog.Logger) (string, error) {
	l, err := listenOn(fmt.Sprintf("box %d (%s), at", i+1, chain[i]), f.place(i, chain[i]))
	if err != nil {
		return "", err
	}
	address := l.Addr().String()
	s.taps[i] = wire.New(wire.Options{
		Hop: i, Faults: s.schedule, Standing: true, Observe: reporter(log), Label: servers.LabelHead(nil), LabelBody: servers.LabelBody,
	})
	o := proxies.Options{
		Network: f.reach(s, l, next), Authority: ca, Exposed: true,
		OnError: func(err error) { log.Warn("box", "hop", i, "error", err) },
	}
	o.Listen = func() (net.Listener, error) {
		again, err := net.Listen("tcp", address)
		if err != nil {
			return nil, err
		}
		return s.taps[i].Listen(s.bounded(again)), nil
	}
	for range chain[i].Addresses() {
		o.Egress = append(o.Egress, o.Network) // one machine has one address
	}
	if o = chain.Lead(i, o, next, f.to); chain.NextHop(i) == proxies.Redirected || i == len(chain)-1 {
		o.Upstream = next // what cannot be redirected here is led by hand
	}
	box, err := proxies.New(chain[i], o)
	if err != nil {
		return "", errors.Join(err, l.Close())
	}
	s.boxes = append(s.boxes, box)
	s.serve(s.taps[i].Listen(s.bounded(l)), box.Serve)
	return address, nil
}

// place is where box i is to listen. Behind the first one a box whose spec names
// no port takes a free one: two of a kind could not share their usual one.
func (f *proxyFlags) place(i int, spec proxies.Spec) string {
	if i > 0 {
		return net.JoinHostPort("127.0.0.1", strconv.Itoa(spec.Port))
	}
	if _, _, err := net.SplitHostPort(f.listen); err == nil {
		return f.listen
	}
	return net.JoinHostPort(f.listen, strconv.Itoa(spec.ListenPort()))
}

// serve runs a server until it is closed.
func (s *standing) serve(l net.Listener, serve func(net.Listener) error) {
	s.serving.Go(func() {
		if err := serve(l); err != nil {
			s.failed <- err
		}
	})
}

// close ends everything, the client's side first.
func (s *standing) close() error {
	var errs []error
	switch {
	case s.server != nil:
		errs = append(errs, s.server.Close())
	case s.control != nil:
		errs = append(errs, s.control.Close())
	}
	for i := range s.boxes {
		errs = append(errs, s.boxes[len(s.boxes)-1-i].Close())
	}
	for _, tap := range s.taps {
		if tap != nil {
			errs = append(errs, tap.Close())
		}
	}
	s.serving.Wait()
	return errors.Join(errs...)
}

// reporter writes a line for each fault that fires.
func reporter(log *slog.Logger) func(wire.Event) {
	return func(e wire.Event) {
		if e.Kind == wire.Fired {
			log.Info("fired", "fault", e.Fault, "hop", e.Hop, "connection", e.Conn, "exchange", e.Exchange)
		}
	}
}
