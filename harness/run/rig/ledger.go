package rig

import (
	"context"
	"net"
	"sync"

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
