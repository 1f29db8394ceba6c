package netns

import (
	"context"
	"fmt"
	"net"
	"net/netip"
	"strconv"

	"gauntlet/proxies/network"
)

// at is the network as one of its addresses sees it.
type at struct {
	net     *Net
	host    *host
	address netip.Addr
	problem error
}

// Host is the network as the host with this address sees it; it dials from
// that address. An address that is none can neither dial nor listen.
func (n *Net) Host(address string) network.Network {
	a, err := netip.ParseAddr(address)
	return at{n, n.find(a), a, err}
}

// Listen binds host:port; an empty host is the place's own address. What it
// accepts tells the original destination, if the connection was redirected.
func (n *Net) Listen(address string) (net.Listener, error) {
	to, err := netip.ParseAddrPort(address)
	if err != nil {
		return nil, fmt.Errorf("listen: %w", err)
	}
	return at{net: n, host: n.find(to.Addr()), address: to.Addr()}.listen(to.Port())
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
	err = a.host.space.do(func() error {
		l, err = net.ListenTCP("tcp4", net.TCPAddrFromAddrPort(netip.AddrPortFrom(a.address, port)))
		return err
	})
	if err != nil {
		return nil, err
	}
	return &listener{l.(*net.TCPListener)}, nil
}

// DialContext connects from the address that a stands for. Names are those of
// the network; others do not exist.
func (a at) DialContext(ctx context.Context, kind, address string) (conn net.Conn, err error) {
	to, err := a.resolve(address)
	if err != nil {
		return nil, &net.OpError{Op: "dial", Net: kind, Err: err}
	}
	from := net.TCPAddrFromAddrPort(netip.AddrPortFrom(a.address, 0))
	dialer := net.Dialer{LocalAddr: from}
	err = a.host.space.do(func() error {
		conn, err = dialer.DialContext(ctx, "tcp4", to.String())
		return err
	})
	return conn, err
}

// LookupHost gives the address behind a name of the network's.
func (a at) LookupHost(_ context.Context, name string) (string, error) {
	to, err := a.resolve(net.JoinHostPort(name, "0"))
	if err != nil {
		return "", err
	}
	return to.Addr().String(), nil
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
	if ip, known := a.net.resolve(name); known {
		return netip.AddrPortFrom(ip, uint16(number)), nil
	}
	return netip.AddrPort{}, &net.DNSError{Err: "no such host", Name: name, IsNotFound: true}
}
