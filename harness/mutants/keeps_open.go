package mutants

import (
	"context"
	"net"
	"sync/atomic"

	"gauntlet/harness/msn/client"
	"gauntlet/harness/run/adapter"
	"gauntlet/harness/run/workload"
	"gauntlet/proxies/network"
)

// keepsOpen says goodbye and does not hang up: each session that its program
// begins costs a connection until the program ends.
var keepsOpen = Mutant{
	Name:     "keeps-open",
	Defect:   "leaves its connections open when it is closed",
	Violates: "client.leaves-nothing",
	New:      newKeepsOpen,
}

func newKeepsOpen(s adapter.Setup) (adapter.Client, error) {
	leaving := &atomic.Bool{}
	s.Network = &clutching{s.Network, leaving}
	c, err := adapter.BuiltIn(client.Habits{})(s)
	return &rude{c, leaving}, err
}

// clutching is a network whose connections do not close once its client
// leaves.
type clutching struct {
	network.Network
	leaving *atomic.Bool
}

// DialContext connects.
func (c *clutching) DialContext(ctx context.Context, kind, address string) (net.Conn, error) {
	conn, err := c.Network.DialContext(ctx, kind, address)
	if err != nil {
		return nil, err
	}
	return &clutched{conn, c.leaving}, nil
}

type clutched struct {
	net.Conn
	leaving *atomic.Bool
}

// Close closes, unless the client leaves.
func (c *clutched) Close() error {
	if c.leaving.Load() {
		return nil
	}
	return c.Conn.Close()
}

// rude is the client that uses it.
type rude struct {
	adapter.Client
	leaving *atomic.Bool
}

// Do notes when the user leaves.
func (r *rude) Do(ctx context.Context, task adapter.Task) error {
	if task.Step.Verb == workload.SignOut {
		r.leaving.Store(true)
	}
	return r.Client.Do(ctx, task)
}

// Close leaves.
func (r *rude) Close() {
	r.leaving.Store(true)
	r.Client.Close()
}
