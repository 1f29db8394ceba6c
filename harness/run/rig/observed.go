package rig

import (
	"context"
	"net"
	"sync"
	"time"

	"gauntlet/harness/judge/history"
	"gauntlet/proxies/network"
)

// ledger is the network of the client under test, which keeps account of the
// connections that the client has made and not closed. A client that is a
// process of its own does not use it, and has none.
type ledger struct {
	network.Network
	mu   sync.Mutex
	made int
	open map[*entry]bool
}

// entry is one connection on the ledger.
type entry struct {
	network.Conn
	ledger  *ledger
	number  int
	address string
}

func newLedger(n network.Network) *ledger { return &ledger{Network: n, open: map[*entry]bool{}} }

// DialContext connects and enters the connection.
func (l *ledger) DialContext(ctx context.Context, kind, address string) (net.Conn, error) {
	conn, err := l.Network.DialContext(ctx, kind, address)
	if err != nil {
		return nil, err
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.made++
	e := &entry{Conn: network.Conn{Conn: conn}, ledger: l, number: l.made, address: address}
	l.open[e] = true
	return e, nil
}

// Close closes the connection and strikes it off.
func (e *entry) Close() error {
	e.ledger.mu.Lock()
	delete(e.ledger.open, e)
	e.ledger.mu.Unlock()
	return e.Conn.Close()
}

// settle records what the client has left, now that it is closed.
func (l *ledger) settle(record func(history.Event)) {
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
