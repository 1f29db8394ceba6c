package netns

import (
	"context"
	"fmt"
	"net"
	"net/netip"
	"strconv"
	"unsafe"

	"golang.org/x/sys/unix"

	"gauntlet/proxies/network"
)

// at is the network as one of its addresses sees it.
type at struct {
	names   *names
	host    *host
	address netip.Addr
	problem error
}

// Listen binds a port of this host's; only the port of address is used.
func (a at) Listen(address string) (net.Listener, error) {
	_, port, err := net.SplitHostPort(address)
	if err != nil {
		return nil, fmt.Errorf("listen: %w", err)
	}
	number, err := strconv.ParseUint(port, 10, 16)
	if err != nil {
		return nil, fmt.Errorf("listen on %q: %w", address, err)
	}
	return a.listen(uint16(number))
}

func (a at) listen(port uint16) (l net.Listener, err error) {
	if a.problem != nil {
		return nil, a.problem
	}
	err = a.host.namespace.do(func() error {
		l, err = net.ListenTCP("tcp", net.TCPAddrFromAddrPort(netip.AddrPortFrom(a.address, port)))
		return err
	})
	if err != nil {
		return nil, err
	}
	return network.Wrap(l, func(c net.Conn) (net.Conn, error) {
		tcp := c.(*net.TCPConn)
		return &conn{tcp, redirectedFrom(tcp)}, nil
	}), nil
}

// DialContext connects from the address that a stands for. Names are those of
// the network; others do not exist.
func (a at) DialContext(ctx context.Context, kind, address string) (conn net.Conn, err error) {
	to, err := a.resolve(address)
	if err != nil {
		return nil, &net.OpError{Op: "dial", Net: kind, Err: err}
	}
	from := netip.AddrPortFrom(like(alone(to.Addr()), a.now()), 0)
	dialer := net.Dialer{LocalAddr: net.TCPAddrFromAddrPort(from)}
	err = a.host.namespace.do(func() error {
		conn, err = dialer.DialContext(ctx, "tcp", to.String())
		return err
	})
	return conn, err
}

// now is where it dials from: a host that has moved is elsewhere.
func (a at) now() netip.Addr {
	if moved := a.host.moved.Load(); moved != nil && a.address == a.host.place.Address {
		return *moved
	}
	return a.address
}

// LookupHost gives the address behind a name of the network's.
func (a at) LookupHost(_ context.Context, name string) ([]string, error) {
	to, err := a.resolve(net.JoinHostPort(name, "0"))
	if err != nil {
		return nil, err
	}
	return []string{to.Addr().String()}, nil
}

// resolve turns what was dialled into an address.
func (a at) resolve(address string) (netip.AddrPort, error) {
	if a.problem != nil {
		return netip.AddrPort{}, a.problem
	}
	name, port, err := net.SplitHostPort(address)
	if err != nil {
		return netip.AddrPort{}, err
	}
	number, err := strconv.ParseUint(port, 10, 16)
	if err != nil {
		return netip.AddrPort{}, &net.AddrError{Err: "invalid port", Addr: address}
	}
	if ip, err := netip.ParseAddr(name); err == nil {
		return netip.AddrPortFrom(ip.Unmap(), uint16(number)), nil
	}
	if ip, known := a.names.resolve(name); known {
		return netip.AddrPortFrom(ip, uint16(number)), nil
	}
	return netip.AddrPort{}, &net.DNSError{Err: "no such host", Name: name, IsNotFound: true}
}

// conn is an accepted connection.
type conn struct {
	*net.TCPConn
	original string
}

// OriginalDestination is the host:port that the dialler asked for; "" if it is
// where the connection was accepted.
func (c *conn) OriginalDestination() string { return c.original }

// redirectedFrom asks the kernel where a connection was going before a rule
// changed it.
func redirectedFrom(c *net.TCPConn) string {
	raw, err := c.SyscallConn()
	if err != nil {
		return ""
	}
	var to netip.AddrPort
	err = raw.Control(func(fd uintptr) { to = originalDestination(fd, addressOf(c.LocalAddr()).Addr()) })
	if err != nil || !to.IsValid() || to.String() == c.LocalAddr().String() {
		return ""
	}
	return to.String()
}

// originalDestination is the socket's, from the kernel's table of connections;
// the zero value if it is not in there. The socket option gives a sockaddr_in, for which
// the library's IPv6Mreq is large enough, or a sockaddr_in6, as in its IPv6MTUInfo.
func originalDestination(fd uintptr, local netip.Addr) netip.AddrPort {
	if local.Is6() {
		m, err := unix.GetsockoptIPv6MTUInfo(int(fd), unix.SOL_IPV6, unix.SO_ORIGINAL_DST)
		if err != nil {
			return netip.AddrPort{}
		}
		port := (*[2]byte)(unsafe.Pointer(&m.Addr.Port))
		return netip.AddrPortFrom(netip.AddrFrom16(m.Addr.Addr), uint16(port[0])<<8|uint16(port[1]))
	}
	m, err := unix.GetsockoptIPv6Mreq(int(fd), unix.SOL_IP, unix.SO_ORIGINAL_DST)
	if err != nil {
		return netip.AddrPort{}
	}
	a := (*unix.RawSockaddrInet4)(unsafe.Pointer(m))
	port := (*[2]byte)(unsafe.Pointer(&a.Port))
	return netip.AddrPortFrom(netip.AddrFrom4(a.Addr), uint16(port[0])<<8|uint16(port[1]))
}
