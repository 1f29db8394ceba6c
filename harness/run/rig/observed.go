package rig

import (
	"context"
	"net"
	"sync"
	"time"

	"gauntlet/harness/judge/history"
	"gauntlet/proxies/network"
)

// connectionTracker is the network of the client under test, which keeps account of the
// connections that the client has made and not closed. A client that is a
// process of its own does not use it, and has none.
type connectionTracker struct {
	network.Network
	mu   sync.Mutex
	made int
	open map[*trackedConn]bool
}

// trackedConn is one of its connections.
type trackedConn struct {
	network.Conn
	tracker *connectionTracker
	number  int
	address string
}

func newConnectionTracker(n network.Network) *connectionTracker {
	return &connectionTracker{Network: n, open: map[*trackedConn]bool{}}
}

// DialContext connects, and counts the connection as open.
func (l *connectionTracker) DialContext(ctx context.Context, kind, address string) (net.Conn, error) {
	conn, err := l.Network.DialContext(ctx, kind, address)
	if err != nil {
		return nil, err
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.made++
	e := &trackedConn{Conn: network.Conn{Conn: conn}, tracker: l, number: l.made, address: address}
	l.open[e] = true
	return e, nil
}

// Close closes the connection, which counts as open no more.
func (e *trackedConn) Close() error {
	e.tracker.mu.Lock()
	delete(e.tracker.open, e)
	e.tracker.mu.Unlock()
	return e.Conn.Close()
}

// settle records what the client has left, now that it is closed.
func (l *connectionTracker) settle(record func(history.Event)) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for number := range l.made {
		for e := range l.open {
			if e.number == number+1 {
				record(history.Event{From: history.AtDial, Kind: history.LeftOpen, User: UserEmail, Given: e.number, ID: e.address})
			}
		}
	}
	record(history.Event{From: history.AtRig, Kind: history.ClientClosed, Given: l.made})
}

// counter counts and lets others wait for a count.
type counter struct {
	mu      sync.Mutex
	n       int
	changed chan struct{} // closed at each change
}

func newCounter() *counter { return &counter{changed: make(chan struct{})} }

func (c *counter) add() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.n++
	close(c.changed)
	c.changed = make(chan struct{})
}

func (c *counter) count() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.n
}

// wait returns when the count has reached n, or with the context's cause.
func (c *counter) wait(ctx context.Context, n int) error {
	for {
		c.mu.Lock()
		reached, changed := c.n >= n, c.changed
		c.mu.Unlock()
		if reached {
			return nil
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}
}

// complaint is when the client first showed its user an error in a step.
type complaint struct {
	mu sync.Mutex
	at time.Time // zero: not yet
}

func (c *complaint) made() {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.at.IsZero() {
		c.at = time.Now()
	}
}

func (c *complaint) forget() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.at = time.Time{}
}

func (c *complaint) madeBefore(t time.Time) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return !c.at.IsZero() && c.at.Before(t)
}
