package rig

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"net"
	"net/netip"
	"os/exec"
	"strconv"

	"gauntlet/harness/judge/history"
	"gauntlet/harness/run/catalogue"
	"gauntlet/harness/run/protocol"
	"gauntlet/proxies/fault"
	"gauntlet/proxies/netns"
	"gauntlet/proxies/network"
	"gauntlet/proxies/wire"
)

// namespaceNetwork is a network of namespaces: addresses and ports are literal, and
// a redirect is the kernel's.
type namespaceNetwork struct {
	net      *netns.Net
	recorder *history.Recorder
	found    func(name string, leads []string) fault.Found // what programs are told of names; nil: where they lead
	witness  *netns.Capture                                // nil if nobody wants it
}

// CheckMode says what this machine lacks for a mode; nil if nothing.
func CheckMode(ctx context.Context, m Mode) error {
	if m != Netns {
		return nil
	}
	if err := netns.Missing(ctx); err != nil {
		return fmt.Errorf("--mode %s: %w; --mode %s and, for explicit proxies, --mode %s still run", Netns, err, Virtual, Loopback)
	}
	return nil
}

// newNamespaceNetwork lays the user's path and, if the contact has one, the contact's.
func newNamespaceNetwork(c catalogue.Case, o Options, r *history.Recorder) (*namespaceNetwork, error) {
	n := &namespaceNetwork{recorder: r}
	user := netns.Arm{Places: places(userHost, len(c.Chain), boxHost), Translated: true}
	arms := []netns.Arm{user}
	if c.Contact != nil {
		arms = append(arms, netns.Arm{Places: places(contactHost, len(c.Contact), contactBoxHost)})
	}
	var err error
	n.net, err = netns.New(netns.Options{
		Arms: arms, Servers: placeOf(protocol.GatewayHost, 24), Names: namesIn(c, &o.Speaks), Below: at(protocol.LoginHost, o.Speaks.Login.Domains), Asked: namesChange(c), IPv6: needsIPv6(c),
		Dialled: func(d netns.Dial) {
			if !ofSettings(d.To.String()) {
				r.RecordAt(d.At, seen(d))
			}
		},
		Found: n.tell,
		Resolved: func(l netns.Lookup) {
			if l.Lost {
				r.RecordAt(l.At, notServed(l.Name, "name server"))
			}
		},
	})
	if err == nil && o.Witness != nil {
		n.witness, err = n.net.Capture(userHost, o.Witness)
	}
	if err != nil {
		return nil, errors.Join(err, n.close())
	}
	return n, nil
}

// lookups is set before anybody is started who could ask.
func (n *namespaceNetwork) lookups(found func(name string, leads []string) fault.Found) {
	n.found = found
}

// tell is what a program is told of a name that leads to those addresses.
func (n *namespaceNetwork) tell(name string, leads []netip.Addr) netns.Answer {
	if n.found == nil {
		return netns.Answer{Addresses: leads}
	}
	texts := make([]string, len(leads))
	for i, a := range leads {
		texts[i] = a.String()
	}
	found := n.found(name, texts)
	told := netns.Answer{After: found.After, TTL: found.TTL}
	for _, text := range found.Addresses {
		told.Addresses = append(told.Addresses, netip.MustParseAddr(text)) // the fault's grammar has seen to that
	}
	return told
}

// namesIn are the names that mean something in a run.
func namesIn(c catalogue.Case, speaks *protocol.Protocol) map[string]netip.Addr {
	names := at(gatewayHost(c), speaks.Names)
	if c.Proxy == catalogue.FileAtWPAD {
		maps.Copy(names, at(pacHost, []string{wpadName}))
	}
	maps.Copy(names, at(protocol.LoginHost, speaks.Login.Names))
	return names
}

// at has all names mean one host.
func at(host string, names []string) map[string]netip.Addr {
	all := map[string]netip.Addr{}
	for _, name := range names {
		all[name] = netip.MustParseAddr(host)
	}
	return all
}

func placeOf(address string, bits int) netns.Place {
	return netns.Place{Address: netip.MustParseAddr(address), Bits: bits}
}

// places are a client and the boxes before it; a box may have several addresses.
func places(client string, boxes int, host func(int) string) []netns.Place {
	list := []netns.Place{placeOf(client, 32)}
	for i := range boxes {
		list = append(list, placeOf(host(i), 24))
	}
	return list
}

// seen is a dial of a program's, of which only the packets are known: it is
// told by its address, whatever name the program had looked up.
func seen(d netns.Dial) history.Event {
	e := dialled(d.To.String(), nil)
	if d.Failed != "" {
		e.How = d.Failed
	}
	return e
}

func (n *namespaceNetwork) on(host string) network.Network {
	seen := n.net.Host(host)
	if host == userHost {
		return dialRecorder{seen, n.recorder, anyDial}
	}
	return seen
}

func (n *namespaceNetwork) listen(host string, port int) (net.Listener, string, error) {
	l, err := n.net.Listen(net.JoinHostPort(host, strconv.Itoa(port)))
	if err != nil {
		return nil, "", err
	}
	return l, l.Addr().String(), nil
}

func (n *namespaceNetwork) redirect(host, to string) error { return n.net.Redirect(host, 80, to) }

func (n *namespaceNetwork) unplug(host string) (func() error, error) { return n.net.Unplug(host) }

func (n *namespaceNetwork) lead(from, to string) error { return n.net.Lead(from, to) }

func (n *namespaceNetwork) move(to string) error { return n.net.Move(userHost, to) }

func (n *namespaceNetwork) block(host string, port int) error { return n.net.Block(host, port) }

func (n *namespaceNetwork) path() wire.Path { return namespacePath{n.net} }

// namespacePath is a network of namespaces as a hop knows it.
type namespacePath struct{ *netns.Net }

// Lose tells the network which end the hop means.
func (p namespacePath) Lose(conn net.Conn, d fault.Direction, left func(how string)) (heal func() error, err error) {
	return p.Net.Lose(conn, d == fault.ToBox, left)
}

func (n *namespaceNetwork) start(host string) func(*exec.Cmd) error {
	return func(cmd *exec.Cmd) error { return n.net.Start(host, cmd) }
}

func (n *namespaceNetwork) close() error {
	if n.net == nil {
		return nil
	}
	return errors.Join(n.witness.Close(), n.net.Close())
}
