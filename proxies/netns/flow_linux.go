package netns

import (
	"encoding/binary"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"slices"
	"syscall"
	"time"

	"github.com/vishvananda/netlink"
	"github.com/vishvananda/netlink/nl"
	"golang.org/x/sys/unix"

	"gauntlet/proxies/network"
)

// flow is an established connection, as the router before its accepting end
// sees it.
type flow struct {
	router  *router
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
	for _, r := range n.routers {
		if r.to == f.at && r.brings(f.seen.Addr()) {
			f.router = r
		}
	}
	if f.router == nil {
		return f, fmt.Errorf("no router lies between %s and %s", f.seen, f.local)
	}
	f.client = f.seen
	if f.router.translates {
		f.client, err = f.untranslated()
	}
	return f, err
}

// address is the text of a net.Addr.
type address string

func (address) Network() string  { return "tcp" }
func (a address) String() string { return string(a) }

func addressOf(a net.Addr) netip.AddrPort {
	p, _ := netip.ParseAddrPort(a.String()) // the zero value comes by none
	return netip.AddrPortFrom(p.Addr().Unmap(), p.Port())
}

// brings reports whether connections from this address come by the router.
func (r *router) brings(a netip.Addr) bool {
	behind := r.behind
	if r.translates {
		behind = []netip.Prefix{r.from.seen}
	}
	for _, network := range behind {
		if network.Contains(a) || sixBeside(network).Contains(a) {
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
	entries, err := f.router.namespace.links.ConntrackTableList(netlink.ConntrackTable, netlink.InetFamily(family(f.seen.Addr())))
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
	err := at.namespace.do(func() error { return destroy(local, remote) })
	if err != nil {
		return fmt.Errorf("kill the connection from %s: %w", remote, err)
	}
	return nil
}

// destroy ends a socket of this thread's namespace, of either family: netlink.SocketDestroy
// knows IPv4 alone.
func destroy(local, remote netip.AddrPort) error {
	_, err := askOf(nl.SOCK_DESTROY, unix.NLM_F_ACK, local, remote)
	return err
}

// askOf asks the kernel something about one socket of this thread's namespace, by its
// addresses: a struct inet_diag_req_v2, as in sock_diag(7). One that is bound to an interface
// is not found.
func askOf(what, flags int, local, remote netip.AddrPort) (answers [][]byte, err error) {
	ask := make([]byte, 56)
	ask[0], ask[1] = byte(family(local.Addr())), unix.IPPROTO_TCP
	binary.BigEndian.PutUint16(ask[8:], local.Port())
	binary.BigEndian.PutUint16(ask[10:], remote.Port())
	copy(ask[12:], local.Addr().AsSlice())
	copy(ask[28:], remote.Addr().AsSlice())
	binary.NativeEndian.PutUint64(ask[48:], ^uint64(0)) // without a cookie
	request := nl.NewNetlinkRequest(what, flags)
	request.AddRawData(ask)
	return request.Execute(unix.NETLINK_INET_DIAG, 0)
}

// errNoTranslation is what Forget comes to where there is nothing to forget.
var errNoTranslation = errors.New("only a client's first router translates addresses")

// Forget deletes conn's NAT entry on the router, which then drops the packets of
// connections that it does not know.
func (n *Net) Forget(conn net.Conn, left func(how string)) error {
	return n.onFlow(conn, left, func(f flow) error {
		if !f.router.translates {
			return errNoTranslation
		}
		if err := f.router.onlyKnown(); err != nil {
			return err
		}
		deleted, err := f.router.namespace.links.ConntrackDeleteFilters(netlink.ConntrackTable, netlink.InetFamily(family(f.seen.Addr())), f)
		if err == nil && deleted != 1 {
			err = fmt.Errorf("it knew the connection %d times", deleted)
		}
		return err
	})
}

// Move gives the host with this address, a client behind a router that translates, another
// one, as when it goes from one network to another: what it connects from now on comes from
// there, and the router shows another address for it, too. What was sent from the first one,
// or to it, is lost without a word, also that of connections which are established. The
// addresses are of IPv4; those beside them move along.
func (n *Net) Move(address, to string) error {
	a, err := parse(address)
	if err != nil {
		return err
	}
	b, err := parse(to)
	if err != nil {
		return err
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	i := slices.IndexFunc(n.routers, func(r *router) bool { return r.translates && r.from == n.find(a) })
	if i < 0 {
		return fmt.Errorf("move %s: %w", address, errNoTranslation)
	}
	if err := n.routers[i].moves(b); err != nil {
		return fmt.Errorf("move %s to %s: %w", address, to, err)
	}
	return nil
}

// Reject has the router answer by RST what the connecting end sends next.
func (n *Net) Reject(conn net.Conn, left func(how string)) error {
	return n.onFlow(conn, left, func(f flow) error {
		_, err := f.router.addFlowRule(f.client, f.dialled, reject())
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
		undo, err := f.router.addFlowRule(from, to, drop())
		heal = func() error {
			n.mu.Lock()
			defer n.mu.Unlock()
			return undo()
		}
		return err
	})
	return heal, err
}

// Left is how the connecting end has ended the connection, by its own socket;
// empty if it has not.
func (n *Net) Left(conn net.Conn) (how string, err error) {
	n.mu.Lock()
	defer n.mu.Unlock()
	f, err := n.flow(conn)
	if err == nil {
		err = f.router.from.namespace.do(func() error { how = f.left(); return nil })
	}
	return how, err
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

// Arrived reports whether the other end has acknowledged all that was written to
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

// looking is how often it is looked whether a connection was given up. No
// packet tells: an end that waits for acknowledgements says nothing when its
// program closes the connection.
const looking = 20 * time.Millisecond

// waitLeft calls left when the program at the connecting end has given the
// connection up, or lost it; or it ends when the network does.
func (f flow) waitLeft(done <-chan struct{}, left func(how string)) {
	_ = f.router.from.namespace.do(func() error {
		tick := time.NewTicker(looking)
		defer tick.Stop()
		for {
			if how := f.left(); how != "" {
				left(how)
				return nil
			}
			select {
			case <-tick.C:
			case <-done:
				return nil
			}
		}
	})
}

// left is how the connecting end has ended the connection; "" if it has not. An
// end that was closed stays for a while; one that was reset is gone at once.
func (f flow) left() string {
	state, err := stateOf(f.client, f.dialled)
	switch {
	case errors.Is(err, netlink.ErrDumpInterrupted):
		return "" // the next look will tell
	case err != nil || state == netlink.TCP_CLOSE:
		return "RST"
	case state == netlink.TCP_ESTABLISHED || state == netlink.TCP_CLOSE_WAIT:
		return ""
	}
	return "FIN"
}

// stateOf is the state of a socket of this thread's namespace. It is asked of that one alone,
// which takes microseconds and finds an IPv6 socket that speaks IPv4. For one that is bound to
// an interface netlink.SocketGet has the kernel go through all that its tables have room for,
// which takes milliseconds.
func stateOf(local, remote netip.AddrPort) (state uint8, err error) {
	answers, err := askOf(nl.SOCK_DIAG_BY_FAMILY, 0, local, remote)
	if err == nil && len(answers) == 1 && len(answers[0]) > 1 {
		if state := answers[0][1]; state != netlink.TCP_LISTEN { // which is another's, at the same port
			return state, nil
		}
	}
	socket, err := netlink.SocketGet(net.TCPAddrFromAddrPort(local), net.TCPAddrFromAddrPort(remote))
	if err != nil {
		return 0, err
	}
	return socket.State, nil
}
