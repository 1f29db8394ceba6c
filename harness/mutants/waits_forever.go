package mutants

import (
	"context"
	"net"
	"time"

	"gauntlet/harness/judge/requirement"
	"gauntlet/harness/msn/client"
	"gauntlet/harness/run/adapter"
	"gauntlet/proxies/network"
)

// waitsForever has no time-out.
var waitsForever = Mutant{
	Name:     "waits-forever",
	Defect:   "waits without end for an answer",
	Violates: "connection.recovers",
	Seen:     "aMSN: blocks on a head that does not end",
	Needs:    NeedsFault,
	Cases:    []string{"stall-poll-*"},
	Also: []Collateral{
		{fallsSilent, []requirement.ID{"poll.keeps-going", "close.says-out", "command.carried-out", "command.not-lost", "answer.delivered"}},
		{neverOver, []requirement.ID{"client.leaves-nothing"}},
	},
	New: newWaitsForever,
}

func newWaitsForever(s adapter.Setup) (adapter.Client, error) {
	s.Network = patientNetwork{s.Network}
	return adapter.BuiltIn(client.Habits{})(s)
}

type patientNetwork struct{ network.Network }

// DialContext connects.
func (n patientNetwork) DialContext(ctx context.Context, kind, address string) (net.Conn, error) {
	conn, err := n.Network.DialContext(ctx, kind, address)
	if err != nil {
		return nil, err
	}
	return patientConn{conn}, nil
}

type patientConn struct{ net.Conn }

// SetDeadline knows only the deadline that ends everything.
func (c patientConn) SetDeadline(t time.Time) error {
	if t.After(time.Now()) {
		t = time.Time{}
	}
	return c.Conn.SetDeadline(t)
}
