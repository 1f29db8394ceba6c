package mutants

import (
	"bufio"
	"context"
	"fmt"
	"net"
	"net/http"
	"sync"

	"gauntlet/harness/judge/requirement"
	"gauntlet/harness/msn/client"
	"gauntlet/harness/msn/msnhttp"
	"gauntlet/harness/run/adapter"
	"gauntlet/harness/run/workload"
)

// storms asks again and again, each time on another connection, beside a
// client that behaves.
var storms = Mutant{
	Name:     "storms",
	Defect:   "polls without a pause, for a session that it made up",
	Violates: "command.carried-out",
	Cases:    []string{"control-direct"},
	Also: []Collateral{
		{crossed, []requirement.ID{"session-id.newest", "answer.delivered"}},
		{uncurbed, []requirement.ID{"connection.backs-off"}},
	},
	Hostile: true,
	New:     newStorm,
}

type storm struct {
	adapter.Client
	setup adapter.Setup
	ctx   context.Context
	stop  context.CancelFunc
	work  sync.WaitGroup
}

func newStorm(s adapter.Setup) (adapter.Client, error) {
	c, err := adapter.BuiltIn(client.Habits{})(s)
	made := &storm{Client: c, setup: s}
	made.ctx, made.stop = context.WithCancel(context.Background())
	return made, err
}

// Do starts the storm once the user is signed in.
func (s *storm) Do(ctx context.Context, task adapter.Task) error {
	err := s.Client.Do(ctx, task)
	if task.Step.Verb == workload.SignIn {
		s.work.Go(s.rage)
	}
	return err
}

// Close lets the storm abate.
func (s *storm) Close() {
	s.stop()
	s.work.Wait()
	s.Client.Close()
}

func (s *storm) rage() {
	for s.ctx.Err() == nil {
		s.poll()
	}
}

// poll asks once. Nothing that could go wrong is of interest to it.
func (s *storm) poll() {
	address, target := s.way()
	conn, err := s.setup.Network.DialContext(s.ctx, "tcp", address)
	if err != nil {
		return
	}
	defer conn.Close()
	defer context.AfterFunc(s.ctx, func() { _ = conn.Close() })()
	fmt.Fprintf(conn, "POST %s?Action=poll&SessionID=1.1 HTTP/1.1\r\nHost: %s\r\nContent-Length: 0\r\n\r\n", target, s.setup.Gateway)
	if resp, err := http.ReadResponse(bufio.NewReader(conn), nil); err == nil {
		_ = resp.Body.Close()
	}
}

// way is where to connect to, and what to ask for there.
func (s *storm) way() (address, target string) {
	if s.setup.Route.Kind == client.HTTPProxy {
		return s.setup.Route.Proxy, "http://" + s.setup.Gateway + msnhttp.Path
	}
	return net.JoinHostPort(s.setup.Gateway, "80"), msnhttp.Path
}
