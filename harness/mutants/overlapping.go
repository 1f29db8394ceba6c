package mutants

import (
	"context"
	"net"
	"sync"

	"gauntlet/harness/judge/requirement"
	"gauntlet/harness/msn/builtin"
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
	c, err := builtin.New()(s)
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

// overlaps sends a command at once, on a second connection, while another request is out.
var overlaps = Mutant{
	Name:     "overlaps",
	Defect:   "sends a command while another request is out",
	Violates: "exchange.one-in-flight",
	Seen:     "the official client 5; BitlBee: beside its long poll",
	Also:     []Collateral{{crossed, []requirement.ID{"gateway-ip.followed", "session-id.newest", "close.honoured", "connection.backs-off", "command.carried-out", "command.in-order", "answer.delivered"}}},
	New:      minded(impatient(false)),
}

// pipelines does not wait for the answer to a poll, on the one connection that it
// has.
var pipelines = Mutant{
	Name:     "pipelines",
	Defect:   "sends a second poll right behind the first on the same connection",
	Violates: "exchange.one-in-flight",
	Seen:     "the official client 5: does not always keep to one request at a time",
	Also:     []Collateral{{crossed, []requirement.ID{"poll.keeps-going", "poll.not-too-often", "session-id.newest", "gateway-ip.followed", "close.honoured", "close.reopens-once", "connection.backs-off", "command.carried-out", "command.not-lost", "answer.delivered"}}},
	New:      tampered(pollTwice),
}

func pollTwice(adapter.Setup) tamper {
	return tamper{twice: func(request []byte) bool { return query(request).Action == "poll" }}
}

// pollsOn has a timer for its polls that knows nothing of requests.
var pollsOn = Mutant{
	Name:     "polls-on",
	Defect:   "polls on while another request is out",
	Violates: "exchange.one-in-flight",
	Seen:     "msn-pecan: a counter that is never reset lets it poll while it waits",
	Needs:    NeedsSetting,
	Cases:    []string{"slow-gateway-3s-*"},
	Also: []Collateral{
		{crossed, []requirement.ID{"session-id.newest", "close.says-out", "close.honoured", "close.reopens-once", "connection.backs-off", "command.carried-out"}},
		{fallsSilent, []requirement.ID{"poll.keeps-going"}},
	},
	New: minded(impatient(true)),
}
