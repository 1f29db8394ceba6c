package netns

import (
	"errors"
	"fmt"
	"net"
	"net/netip"
	"syscall"

	"github.com/vishvananda/netlink"
	"golang.org/x/sys/unix"

	"gauntlet/proxies/network"
)

// flow is an established connection, as the router before its accepting end
// sees it.
type flow struct {
	road    *road
	at      *host          // where it was accepted
	local   netip.AddrPort // there
	dialled netip.AddrPort // what the other end believes to talk to
	seen    netip.AddrPort // the other end, as the accepting one sees it
	client  netip.AddrPort // the other end, as it is
}

// flow finds out what connection conn is the accepting end of; n.mu is held.
func (n *Net) flow(conn net.Conn) (f flow, err error) {
	f.local, f.seen = addressOf(conn.LocalAddr()), addressOf(conn.RemoteAddr())
	f.dialled, f.at = f.local, n.find(f.local.Addr())
	if original, redirected := network.OriginalDestination(conn); redirected {
		f.dialled = addressOf(address(original))
	}
	for _, r := range n.roads {
		if r.to == f.at && r.brings(f.seen.Addr()) {
			f.road = r
		}
	}
	if f.road == nil {
		return f, fmt.Errorf("no router lies between %s and %s", f.seen, f.local)
	}
	f.client = f.seen
	if f.road.translates {
		f.client, err = f.untranslated()
	}
	return f, err
}

// address is the text of a net.Addr.
type address string

func (address) Network() string  { return "tcp" }
func (a address) String() string { return string(a) }

func addressOf(a net.Addr) netip.AddrPort {
	p, _ := netip.ParseAddrPort(a.String()) // the zero value is on no road
	return netip.AddrPortFrom(p.Addr().Unmap(), p.Port())
}

// brings tells whether connections from this address come by the road.
func (r *road) brings(a netip.Addr) bool {
	if r.translates {
		return a == r.up.address
	}
	for _, network := range r.behind {
		if network.Contains(a) {
			return true
		}
	}
	return false
}

// MatchConntrackFlow finds the router's own entry for the flow.
func (f flow) MatchConntrackFlow(entry *netlink.ConntrackFlow) bool {
	return entry.Forward.Protocol == unix.IPPROTO_TCP &&
		tupleEnd(entry.Reverse.SrcIP, entry.Reverse.SrcPort) == f.dialled &&
		tupleEnd(entry.Reverse.DstIP, entry.Reverse.DstPort) == f.seen
}

func tupleEnd(ip net.IP, port uint16) netip.AddrPort {
	a, _ := netip.AddrFromSlice(ip) // the zero value matches nothing
	return netip.AddrPortFrom(a.Unmap(), port)
}

// untranslated is who is behind the router's address.
func (f flow) untranslated() (netip.AddrPort, error) {
	entries, err := f.road.space.links.ConntrackTableList(netlink.ConntrackTable, unix.AF_INET)
	if err != nil {
		return netip.AddrPort{}, fmt.Errorf("the router's connections: %w", err)
	}
	for _, entry := range entries {
		if f.MatchConntrackFlow(entry) {
			return tupleEnd(entry.Forward.SrcIP, entry.Forward.SrcPort), nil
		}
	}
	return netip.AddrPort{}, fmt.Errorf("the router does not know the connection from %s", f.seen)
}

// Kill has the kernel of conn's host end the connection by itself, as when an
// administrator kills it: the other end gets RST.
func (n *Net) Kill(conn net.Conn) error {
	n.mu.Lock()
	defer n.mu.Unlock()
	local, remote := addressOf(conn.LocalAddr()), addressOf(conn.RemoteAddr())
	at := n.find(local.Addr())
	err := at.space.do(func() error {
		return netlink.SocketDestroy(net.TCPAddrFromAddrPort(local), net.TCPAddrFromAddrPort(remote))
	})
	if err != nil {
		return fmt.Errorf("kill the connection from %s: %w", remote, err)
	}
	return nil
}

// errNoTranslation is what Forget comes to where there is nothing to forget.
var errNoTranslation = errors.New("only a client's first router translates addresses")

// Forget has the router that translates the addresses of conn forget that it
// does, and turn away what is of no connection that it knows.
func (n *Net) Forget(conn net.Conn, left func(how string)) error {
	return n.onFlow(conn, left, func(f flow) error {
		if !f.road.translates {
			return errNoTranslation
		}
		if err := f.road.onlyKnown(); err != nil {
			return err
		}
		deleted, err := f.road.space.links.ConntrackDeleteFilters(netlink.ConntrackTable, unix.AF_INET, f)
		if err == nil && deleted != 1 {
			err = fmt.Errorf("it knew the connection %d times", deleted)
		}
		return err
	})
}

// Reject has the router answer by RST what the connecting end sends next.
func (n *Net) Reject(conn net.Conn, left func(how string)) error {
	return n.onFlow(conn, left, func(f flow) error {
		_, err := f.road.against(f.client, f.dialled, reject())
		return err
	})
}

// Lose has the router drop what is sent to conn's host, or from it, until heal
// is called.
func (n *Net) Lose(conn net.Conn, toAcceptor bool, left func(how string)) (heal func() error, err error) {
	err = n.onFlow(conn, left, func(f flow) error {
		from, to := f.dialled, f.client
		if toAcceptor {
			from, to = to, from
		}
		undo, err := f.road.against(from, to, drop())
		heal = func() error {
			n.mu.Lock()
			defer n.mu.Unlock()
			return undo()
		}
		return err
	})
	return heal, err
}

// onFlow does something to a connection, and from then on looks whether the
// connecting end gives it up.
func (n *Net) onFlow(conn net.Conn, left func(string), do func(flow) error) error {
	n.mu.Lock()
	defer n.mu.Unlock()
	f, err := n.flow(conn)
	if err != nil {
		return err
	}
	if err := do(f); err != nil {
		return err
	}
	n.watching.Go(func() { f.waitLeft(n.done, left) })
	return nil
}

// Arrived tells whether the other end has acknowledged all that was written to
// conn.
func (n *Net) Arrived(conn net.Conn) bool {
	s, ok := conn.(syscall.Conn)
	if !ok {
		return false
	}
	raw, err := s.SyscallConn()
	if err != nil {
		return false
	}
	waiting := 1
	err = raw.Control(func(fd uintptr) {
		if n, err := unix.IoctlGetInt(int(fd), unix.TIOCOUTQ); err == nil {
			waiting = n
		}
	})
	return err == nil && waiting == 0
}
