package rig

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os/exec"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"

	"gauntlet/harness/judge/history"
	"gauntlet/harness/run/catalogue"
	"gauntlet/harness/run/protocol"
	"gauntlet/harness/run/workload"
	"gauntlet/proxies/fault"
	"gauntlet/proxies/network"
	"gauntlet/proxies/simnet"
	"gauntlet/proxies/wire"
)

// runNetwork is the network that a run stands on.
type runNetwork interface {
	// on is the network as host sees it.
	on(host string) network.Network
	// listen binds host:port and tells under which address others reach it.
	listen(host string, port int) (net.Listener, string, error)
	// redirect brings what host sends to port 80 to the listener at address
	// to. An error says why this network cannot.
	redirect(host, to string) error
	// unplug has attempts to connect to host be lost until plug is called.
	unplug(host string) (plug func() error, err error)
	// lead has the names of a host lead to another one from now on.
	lead(from, to string) error
	// move has the connections of the client under test come from another address.
	move(to string) error
	// block has no attempt to connect to that port of a host be answered.
	block(host string, port int) error
	// path is what can happen to packets on the way; nil where there are none.
	path() wire.Path
	// lookups has found be asked what is told to programs that look up a name.
	lookups(found func(name string, leads []string) fault.Found)
	// start is adapter.Setup's Start for programs on host; nil where programs
	// are started plainly.
	start(host string) func(*exec.Cmd) error
	close() error
}

// newNetwork makes the network of a run of c.
func newNetwork(c catalogue.Case, o Options, r *history.Recorder) (runNetwork, error) {
	switch o.Mode {
	case Loopback, Attached:
		return newLoopbackNetwork(&o.Speaks, gatewayHost(c), r), nil
	case Netns:
		return newNamespaceNetwork(c, o, r)
	}
	n := newVirtualNetwork(gatewayHost(c), o.Speaks.Names, r)
	if c.Proxy == catalogue.FileAtWPAD {
		n.net.Name(wpadName, pacHost)
	}
	return n, nil
}

// virtualNetwork is the in-memory network.
type virtualNetwork struct {
	net   *simnet.Net
	names []string // of the gateway
}

// slot is the grain of a history in virtual time. Within it each connection has
// instants of its own, so that the same seed gives the same run.
const slot = 10 * time.Microsecond

func newVirtualNetwork(gateway string, names []string, r *history.Recorder) *virtualNetwork {
	n := simnet.New(simnet.Options{Slot: slot, OnDial: func(d simnet.Dial) {
		if d.From == userHost && !ofSettings(d.Address) {
			r.RecordAt(d.At, dialled(d.Address, d.Err))
		}
	}})
	n.Host(gateway, names...)
	return &virtualNetwork{n, names}
}

func dialled(address string, err error) history.Event {
	how := "connected"
	if err != nil {
		how = err.Error()
	}
	return history.Event{From: history.AtDial, Kind: history.Dialled, User: UserEmail, ID: address, How: how}
}

func (n *virtualNetwork) on(host string) network.Network { return n.net.Host(host) }

func (n *virtualNetwork) listen(host string, port int) (net.Listener, string, error) {
	l, err := n.net.Host(host).Listen(fmt.Sprintf(":%d", port))
	if err != nil {
		return nil, "", err
	}
	return l, l.Addr().String(), nil
}

func (n *virtualNetwork) redirect(host, to string) error {
	n.net.Redirect(simnet.Redirect{From: host, Port: 80, To: to})
	return nil
}

func (n *virtualNetwork) unplug(host string) (func() error, error) {
	return n.net.Host(host).Unplug(), nil
}

func (n *virtualNetwork) lead(_, to string) error {
	for _, name := range n.names {
		n.net.Name(name, to)
	}
	return nil
}

func (n *virtualNetwork) move(to string) error {
	n.net.Host(userHost).Move(to)
	return nil
}

// block cuts a host off as a whole where it listens on that port.
func (n *virtualNetwork) block(host string, port int) error {
	l, _, err := n.listen(host, port)
	if errors.Is(err, syscall.EADDRINUSE) {
		n.net.Host(host).Unplug()
		return nil
	}
	if err != nil {
		return err
	}
	l.(*simnet.Listener).SetGate(func(string, string) error { return syscall.ETIMEDOUT })
	return nil
}

func (n *virtualNetwork) path() wire.Path { return nil }

func (n *virtualNetwork) lookups(func(string, []string) fault.Found) {}

func (n *virtualNetwork) start(string) func(*exec.Cmd) error { return nil }

func (n *virtualNetwork) close() error { return n.net.Close() }

// loopbackNetwork is the real network of this machine. Protocol addresses are
// names for real listeners.
type loopbackNetwork struct {
	speaks   *protocol.Protocol
	gateway  string // the host to which its names lead
	recorder *history.Recorder
	routes   map[string]string
	below    map[string]string // what stands for all other names of a domain
	only     bool              // boxes reach nothing but this, and what listens here under its own address
}

func newLoopbackNetwork(speaks *protocol.Protocol, gateway string, r *history.Recorder) *loopbackNetwork {
	return &loopbackNetwork{speaks: speaks, gateway: gateway, recorder: r, routes: map[string]string{}, below: map[string]string{}}
}

func (n *loopbackNetwork) on(host string) network.Network {
	names := map[string]string{}
	for _, name := range n.speaks.Names {
		names[name] = n.gateway
	}
	seen := &network.Loopback{Routes: n.routes, Below: n.below, Only: n.only, Names: names}
	if host == userHost {
		return dialRecorder{seen, n.recorder, anyDial}
	}
	return seen
}

// dialRecorder records dials of a client under test that runs in this process.
type dialRecorder struct {
	network.Network
	recorder *history.Recorder
	which    func(error) bool // by how they ended
}

func (w dialRecorder) DialContext(ctx context.Context, kind, address string) (net.Conn, error) {
	at := time.Now()
	conn, err := w.Network.DialContext(ctx, kind, address)
	if w.which(err) && !ofSettings(address) {
		w.recorder.RecordAt(at, dialled(address, err))
	}
	return conn, err
}

// listen binds a free port: on loopback the port numbers of a case are not
// literal. All routes are made before anything dials. Boxes know each other by
// the real addresses, which lead to themselves.
func (n *loopbackNetwork) listen(host string, port int) (net.Listener, string, error) {
	own := "127.0.0.1:0"
	if strings.Contains(host, ":") {
		own = "[::1]:0"
	}
	l, err := net.Listen("tcp", own)
	if err != nil {
		return nil, "", fmt.Errorf("listen for %s: %w", host, err)
	}
	address := l.Addr().String()
	n.routes[address] = address
	names := []string{host}
	if host == n.gateway {
		names = append(names, n.speaks.Names...)
	}
	if host == pacHost {
		names = append(names, wpadName)
	}
	for _, name := range names {
		n.routes[net.JoinHostPort(name, strconv.Itoa(port))] = address
	}
	return l, address, nil
}

// nameLogin makes the login services reachable by their names, and boxes reach
// nothing but them and what listens here.
func (n *loopbackNetwork) nameLogin(address string) {
	n.only = true
	for _, name := range n.speaks.Login.Names {
		n.routes[name+":443"] = address
	}
	for _, name := range n.speaks.Login.Domains {
		n.below[name+":443"] = address
	}
}

func (n *loopbackNetwork) redirect(string, string) error {
	return fmt.Errorf("interception needs addresses of our own: on loopback only explicit proxies run")
}

func (n *loopbackNetwork) unplug(string) (func() error, error) {
	return nil, errors.New("on loopback nobody can lose an attempt to connect")
}

func (n *loopbackNetwork) lead(string, string) error {
	return errors.New("on loopback names lead where they did at first")
}

func (n *loopbackNetwork) move(string) error {
	return errors.New("on loopback a client has one address")
}

func (n *loopbackNetwork) block(string, int) error {
	return errors.New("on loopback nobody can lose an attempt to connect")
}

func (n *loopbackNetwork) path() wire.Path { return nil }

func (n *loopbackNetwork) lookups(func(string, []string) fault.Found) {}

func (n *loopbackNetwork) start(string) func(*exec.Cmd) error { return nil }

func (n *loopbackNetwork) close() error { return nil }

// userHost is where the client under test stands.
const userHost = "10.0.0.2"

// movedHost is where it stands after the nth time that it has moved.
func movedHost(n int) string { return fmt.Sprintf("10.0.7.%d", n+1) }

// UserEmail and ContactEmail are the two accounts of a run: the user whose
// client is under test, and the contact that the harness plays.
const (
	UserEmail    = "alice@example.com"
	ContactEmail = "bob@example.com"
)

func boxHost(i int) string { return fmt.Sprintf("10.1.%d.1", i+1) }

// gatewayAddress is where the client is told that the gateway is: by its name, where
// that is looked up and may lead elsewhere later.
func (p *path) gatewayAddress() string {
	if p.o.Mode == Netns && namesChange(p.c) {
		return net.JoinHostPort(p.o.Speaks.Gateway, strconv.Itoa(gatewayPort(p.c)))
	}
	return p.servers.gatewayAt
}

// namesChange reports whether names lead elsewhere in the course of a case.
func namesChange(c catalogue.Case) bool {
	return has(c.Workload, workload.Move) || disturbsNames(c.Faults, 0)
}

// usersNetwork is the network as the client under test sees it. An attempt that ends
// with a name that leads nowhere is recorded, too.
func (p *path) usersNetwork() network.Network {
	plain := p.network.on(userHost)
	if !disturbsNames(p.c.Faults, 0) {
		return plain
	}
	return dialRecorder{p.hops[0].Resolving(plain), p.recorder, unfound}
}

// disturbsNames reports whether a fault disturbs the names that are looked up by who
// connects to a hop.
func disturbsNames(faults []fault.Fault, hop int) bool {
	return slices.ContainsFunc(faults, func(f fault.Fault) bool { return f.Hop == hop && f.OnLookup() })
}

// anyDial is for who records all dials.
func anyDial(error) bool { return true }

// unfound reports whether a dial ended because there is no such name.
func unfound(err error) bool { return errors.As(err, new(*net.DNSError)) }

// unservedRecorder is the network as a box sees it. It records what the box is asked
// to connect to and nobody here serves: otherwise only the client would know,
// and the one who looks for the mistake would not.
type unservedRecorder struct {
	network.Network
	speaks   *protocol.Protocol
	recorder *history.Recorder
}

// DialContext connects, or records why not.
func (d unservedRecorder) DialContext(ctx context.Context, kind, address string) (net.Conn, error) {
	at := time.Now()
	conn, err := d.Network.DialContext(ctx, kind, address)
	if err != nil && !d.served(address) {
		d.recorder.RecordAt(at, notServed(address, "box"))
	}
	return conn, err
}

func notServed(what, asked string) history.Event {
	return history.Event{From: history.AtLogin, Kind: history.NotServed, ID: what, By: asked, Text: "nobody here serves it"}
}

// served reports whether there is somebody at that address, or else at least a
// name of ours: then it is no mistake to ask for it.
func (d unservedRecorder) served(address string) bool {
	host, port, err := net.SplitHostPort(address)
	return err == nil && (net.ParseIP(host) != nil || (port == "80" || port == "443") && slices.Contains(d.speaks.Names, host))
}
