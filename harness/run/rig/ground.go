package rig

import (
	"context"
	"fmt"
	"net"
	"os/exec"
	"time"

	"gauntlet/harness/judge/history"
	"gauntlet/harness/run/catalogue"
	"gauntlet/proxies/network"
	"gauntlet/proxies/simnet"
	"gauntlet/proxies/wire"
)

// ground is the network that a run stands on.
type ground interface {
	// on is the network as host sees it.
	on(host string) network.Network
	// listen binds host:port and tells under which address others reach it.
	listen(host string, port int) (net.Listener, string, error)
	// redirect brings what host sends to port 80 to the listener at address
	// to. An error says why this ground cannot.
	redirect(host, to string) error
	// road is what can happen to packets on the way; nil where there are none.
	path() wire.Path
	// start is adapter.Setup's Start for programs on host; nil where programs
	// are started plainly.
	start(host string) func(*exec.Cmd) error
	close() error
}

// newGround makes the network of a run of c.
func newGround(c catalogue.Case, o Options, r *history.Recorder) (ground, error) {
	switch o.Mode {
	case Loopback, Attached:
		return newLoopbackGround(r), nil
	case Netns:
		return newNetnsGround(c, o.Witness, r)
	}
	return newVirtualGround(r), nil
}

// virtualGround is the in-memory network.
type virtualGround struct{ net *simnet.Net }

func newVirtualGround(r *history.Recorder) *virtualGround {
	n := simnet.New(simnet.Options{OnDial: func(d simnet.Dial) {
		if d.From == userHost {
			r.RecordAt(d.At, dialled(d.Address, d.Err))
		}
	}})
	n.Host(gatewayHost, gatewayName, directName)
	return &virtualGround{n}
}

func dialled(address string, err error) history.Event {
	how := "connected"
	if err != nil {
		how = err.Error()
	}
	return history.Event{From: history.AtDial, Kind: history.Dialled, User: UserEmail, ID: address, How: how}
}

func (g *virtualGround) on(host string) network.Network { return g.net.Host(host) }

func (g *virtualGround) listen(host string, port int) (net.Listener, string, error) {
	l, err := g.net.Host(host).Listen(fmt.Sprintf(":%d", port))
	if err != nil {
		return nil, "", err
	}
	return l, l.Addr().String(), nil
}

func (g *virtualGround) redirect(host, to string) error {
	g.net.Redirect(simnet.Redirect{From: host, Port: 80, To: to})
	return nil
}

func (g *virtualGround) path() wire.Path { return nil }

func (g *virtualGround) start(string) func(*exec.Cmd) error { return nil }

func (g *virtualGround) close() error { return g.net.Close() }

// loopbackGround is the real network of this machine. Protocol addresses are
// names for real listeners.
type loopbackGround struct {
	recorder *history.Recorder
	routes   map[string]string
	below    map[string]string // what stands for all other names of a domain
	only     bool              // boxes reach nothing but this, and what listens here under its own address
}

func newLoopbackGround(r *history.Recorder) *loopbackGround {
	return &loopbackGround{recorder: r, routes: map[string]string{}, below: map[string]string{}}
}

func (g *loopbackGround) on(host string) network.Network {
	n := &network.Loopback{Routes: g.routes, Below: g.below, Only: g.only, Names: map[string]string{gatewayName: gatewayHost, directName: gatewayHost}}
	if host == userHost {
		return witness{n, g.recorder}
	}
	return n
}

// witness records the dials of a client under test that runs in this process.
type witness struct {
	network.Network
	recorder *history.Recorder
}

func (w witness) DialContext(ctx context.Context, kind, address string) (net.Conn, error) {
	at := time.Now()
	conn, err := w.Network.DialContext(ctx, kind, address)
	w.recorder.RecordAt(at, dialled(address, err))
	return conn, err
}

// listen binds a free port: on loopback the port numbers of a case are not
// literal. All routes are made before anything dials. Boxes know each other by
// the real addresses, which lead to themselves.
func (g *loopbackGround) listen(host string, port int) (net.Listener, string, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, "", fmt.Errorf("listen for %s: %w", host, err)
	}
	address := l.Addr().String()
	g.routes[address] = address
	for _, name := range append([]string{host}, namesOf(host)...) {
		g.routes[fmt.Sprintf("%s:%d", name, port)] = address
	}
	return l, address, nil
}

func namesOf(host string) []string {
	if host == gatewayHost {
		return []string{gatewayName, directName}
	}
	return nil
}

func (g *loopbackGround) redirect(string, string) error {
	return fmt.Errorf("interception needs addresses of our own: on loopback only explicit proxies run")
}

func (g *loopbackGround) path() wire.Path { return nil }

func (g *loopbackGround) start(string) func(*exec.Cmd) error { return nil }

func (g *loopbackGround) close() error { return nil }
