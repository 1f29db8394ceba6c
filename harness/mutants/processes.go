package mutants

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"sync"
	"sync/atomic"

	"gauntlet/harness/judge/requirement"
	"gauntlet/harness/msn/builtin"
	"gauntlet/harness/msn/msnhttp"
	"gauntlet/harness/run/adapter"
	"gauntlet/harness/run/workload"
	"gauntlet/proxies"
	"gauntlet/proxies/network"
)

// clings cannot be got rid of: neither a step nor Close returns.
var clings = Mutant{
	Name:     "clings",
	Defect:   "a step does not return, and Close does not either",
	Violates: "command.carried-out",
	Cases:    []string{"control-direct"},
	Also:     []Collateral{{neverOver, []requirement.ID{"client.leaves-nothing"}}},
	Hostile:  true,
	New:      newClinger,
}

type clinger struct{ adapter.Client }

func newClinger(s adapter.Setup) (adapter.Client, error) {
	c, err := builtin.New()(s)
	return clinger{c}, err
}

// Do signs in and then waits for nothing.
func (c clinger) Do(ctx context.Context, task adapter.Task) error {
	if task.Step.Verb == workload.SignIn {
		return c.Client.Do(ctx, task)
	}
	select {}
}

// Close waits for nothing, too.
func (c clinger) Close() { select {} }

// hangs does not come back from a step, whatever its context says.
var hangs = Mutant{
	Name:     "hangs",
	Defect:   "a step does not return until the client is closed",
	Violates: "command.carried-out",
	Cases:    []string{"control-direct"},
	Hostile:  true,
	New:      newHanger,
}

type hanger struct {
	adapter.Client
	closed chan struct{}
}

func newHanger(s adapter.Setup) (adapter.Client, error) {
	c, err := builtin.New()(s)
	return hanger{c, make(chan struct{})}, err
}

// Do signs in and then does nothing more.
func (h hanger) Do(ctx context.Context, task adapter.Task) error {
	if task.Step.Verb == workload.SignIn {
		return h.Client.Do(ctx, task)
	}
	<-h.closed
	return errors.New("closed in the middle of a step")
}

// Close ends the step that hangs.
func (h hanger) Close() {
	close(h.closed)
	h.Client.Close()
}

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
	c, err := builtin.New()(s)
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

// leaks does all that it should, and leaves something behind.
var leaks = Mutant{
	Name:     "leaks",
	Defect:   "leaves a goroutine behind when it is closed",
	Violates: "client.leaves-nothing",
	Cases:    []string{"control-direct"},
	Hostile:  true,
	New:      newLeaker,
}

type leaker struct {
	adapter.Client
	never chan struct{}
}

func newLeaker(s adapter.Setup) (adapter.Client, error) {
	c, err := builtin.New()(s)
	return leaker{c, make(chan struct{})}, err
}

// Do starts the goroutine along with the sign-in.
func (l leaker) Do(ctx context.Context, task adapter.Task) error {
	if task.Step.Verb == workload.SignIn {
		go func() { <-l.never }()
	}
	return l.Client.Do(ctx, task)
}

// panics takes its process down, from a goroutine where nobody can recover.
var panics = Mutant{
	Name:     "panics",
	Defect:   "panics in a goroutine of its own during a step",
	Violates: "command.carried-out",
	Cases:    []string{"control-direct"},
	Hostile:  true,
	New:      newPanicker,
}

type panicker struct{ adapter.Client }

func newPanicker(s adapter.Setup) (adapter.Client, error) {
	c, err := builtin.New()(s)
	return panicker{c}, err
}

// Do signs in; the next step is the last.
func (p panicker) Do(ctx context.Context, task adapter.Task) error {
	if task.Step.Verb == workload.SignIn {
		return p.Client.Do(ctx, task)
	}
	go func() { panic("a mistake of the client's") }()
	<-ctx.Done()
	return context.Cause(ctx)
}

// spins computes without end. No clock moves meanwhile, so that only the
// watchdog of its process can end it.
var spins = Mutant{
	Name:     "spins",
	Defect:   "a step keeps a processor busy for ever",
	Violates: "command.carried-out",
	Cases:    []string{"control-direct"},
	Hostile:  true,
	New:      newSpinner,
}

type spinner struct{ adapter.Client }

func newSpinner(s adapter.Setup) (adapter.Client, error) {
	c, err := builtin.New()(s)
	return spinner{c}, err
}

// Do signs in and then counts.
func (s spinner) Do(ctx context.Context, task adapter.Task) error {
	if task.Step.Verb == workload.SignIn {
		return s.Client.Do(ctx, task)
	}
	for turns := 0; ; turns++ {
		if turns < 0 {
			turns = 0
		}
	}
}

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
	c, err := builtin.New()(s)
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
	if s.setup.Route.Kind == proxies.HTTPProxy {
		return s.setup.Route.Proxy, "http://" + s.setup.Gateway + msnhttp.Path
	}
	return net.JoinHostPort(s.setup.Gateway, "80"), msnhttp.Path
}
