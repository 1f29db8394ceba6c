package mutants

import (
	"context"
	"net"
	"sync"

	"gauntlet/harness/judge/requirement"
	"gauntlet/harness/msn/client"
	"gauntlet/harness/run/adapter"
	"gauntlet/proxies/network"
)

// leavesOpen gives up on a connection without closing it: for the gateway the old
// request is still out when the new one comes.
var leavesOpen = Mutant{
	Name:     "leaves-open",
	Defect:   "does not close a connection that it gives up",
	Violates: "exchange.one-in-flight",
	Needs:    NeedsFault,
	Cases:    []string{"stall-poll-*"},
	Also: []Collateral{
		{crossed, []requirement.ID{"session-id.newest"}},
		{neverOver, []requirement.ID{"command.carried-out"}},
	},
	New: newLeavesOpen,
}

func newLeavesOpen(s adapter.Setup) (adapter.Client, error) {
	h := &hoarder{Network: s.Network}
	s.Network = h
	c, err := adapter.BuiltIn(client.Habits{})(s)
	return &untidy{c, h}, err
}

// hoarder is a network that keeps what its client closes.
type hoarder struct {
	network.Network
	mu    sync.Mutex
	conns []net.Conn
}

// kept is a connection that does not close.
type kept struct{ net.Conn }

// Close does nothing.
func (kept) Close() error { return nil }

// DialContext connects.
func (h *hoarder) DialContext(ctx context.Context, kind, address string) (net.Conn, error) {
	conn, err := h.Network.DialContext(ctx, kind, address)
	if err != nil {
		return nil, err
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	h.conns = append(h.conns, conn)
	return kept{conn}, nil
}

// untidy is the client that uses it.
type untidy struct {
	adapter.Client
	hoard *hoarder
}

// Close ends the client, and the process would end its connections.
func (u *untidy) Close() {
	u.Client.Close()
	for _, conn := range u.hoard.conns {
		_ = conn.Close() // it may be closed by others
	}
}
