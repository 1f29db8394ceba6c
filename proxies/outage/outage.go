// Package outage takes the cable out of a box for a while: no byte passes between
// it and its clients, in either direction, and no end. It knows connections and
// time, nothing of HTTP. The boxes import it; Run's goroutine is theirs.
package outage

import (
	"context"
	"net"
	"sync"
	"time"

	"gauntlet/proxies/network"
)

// Outage is one time without a cable. Its methods are safe for concurrent use.
type Outage struct {
	From, For time.Duration // when it begins, counted from Run, and how long it lasts
	// Unplugged says that attempts to connect go unanswered as well, where the
	// network can do that.
	Unplugged bool
	// Dead says that connections that were there before do not live on: whoever
	// speaks on one afterwards is told by a reset.
	Dead bool

	once  sync.Once
	over  chan struct{} // closed when the cable is in again, or the box is at its end
	mu    sync.Mutex
	state state
	conns int      // so many there have been
	later []func() // what the box did meanwhile, and its clients see afterwards
}

type state int

const (
	before state = iota
	out
	after
)

// New is an outage that has not begun.
func New(from, lasts time.Duration) *Outage {
	return &Outage{From: from, For: lasts, over: make(chan struct{})}
}

// Listen returns l, with the outage on what it accepts.
func (o *Outage) Listen(l net.Listener) net.Listener {
	return network.Wrap(l, func(c net.Conn) (net.Conn, error) {
		return &conn{Conn: network.Conn{Conn: c}, outage: o, turn: o.next(), old: o.now() == before, closed: make(chan struct{}), abort: make(chan struct{})}, nil
	})
}

// next counts connections.
func (o *Outage) next() int {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.conns++
	return o.conns
}

// Run has the outage happen, once, and waits for its end; ctx ends it early.
// unplug has the network lose attempts to connect until plug is called; it may be
// nil.
func (o *Outage) Run(ctx context.Context, unplug func() (plug func() error, err error)) (err error) {
	o.once.Do(func() { err = o.run(ctx, unplug) })
	return err
}

func (o *Outage) run(ctx context.Context, unplug func() (func() error, error)) error {
	defer o.end()
	if !pause(ctx, o.From) {
		return nil
	}
	plug := func() error { return nil }
	if o.Unplugged && unplug != nil {
		var err error
		if plug, err = unplug(); err != nil {
			return err
		}
	}
	o.set(out)
	pause(ctx, o.For)
	return plug()
}

// pause reports whether the time has passed before ctx ended.
func pause(ctx context.Context, d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
		return false
	}
}

func (o *Outage) set(s state) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.state = s
}

func (o *Outage) now() state {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.state
}

// end puts the cable in again: what the box did meanwhile arrives.
func (o *Outage) end() {
	o.mu.Lock()
	o.state = after
	later := o.later
	o.later = nil
	o.mu.Unlock()
	for _, do := range later {
		do()
	}
	close(o.over)
}

// postpone keeps something for the end; false means that the cable is in.
func (o *Outage) postpone(do func()) bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.state != out {
		return false
	}
	o.later = append(o.later, do)
	return true
}
