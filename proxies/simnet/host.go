package simnet

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"os"
	"syscall"
	"time"

	"gauntlet/proxies/network"
)

var _ network.Network = (*Host)(nil)

// Host is one participant of a Net, with one IP. Its methods are safe for
// concurrent use.
type Host struct {
	net  *Net
	ip   netip.Addr
	text string // ip as it was given

	listening, dialling ports      // guarded by net.mu
	unplugged           bool       // likewise
	from                netip.Addr // likewise: where its connections come from
}

// IP is the host's address, in the spelling in which it was given.
func (h *Host) IP() string { return h.text }

// Unplug has every SYN to this host be lost until plug is called; whoever dials
// repeats it as Linux does. Established connections stay as they are.
func (h *Host) Unplug() (plug func() error) {
	set := func(out bool) {
		h.net.mu.Lock()
		defer h.net.mu.Unlock()
		h.unplugged = out
	}
	set(true)
	return func() error { set(false); return nil }
}

// Move has the host's connections come from another address from now on. It is found where
// it was, by redirects too, and established connections stay as they are.
func (h *Host) Move(ip string) {
	h.net.mu.Lock()
	defer h.net.mu.Unlock()
	h.from = parseIP(ip)
}

// loses reports whether a SYN to this host is lost.
func (h *Host) loses() bool {
	h.net.mu.Lock()
	defer h.net.mu.Unlock()
	return h.unplugged
}

// Listen binds a port of this host. The host part of address may be empty, a
// name of this host, or any IP: a host has one address, so 0.0.0.0, 127.0.0.1
// and even a foreign IP all mean its own. Port 0 takes a free port, counting
// up from 49152. The listener is a *Listener, owned by the caller. A taken
// port is a *net.OpError that wraps syscall.EADDRINUSE and names the address.
func (h *Host) Listen(address string) (net.Listener, error) {
	port, err := h.bindable(address)
	if err != nil {
		return nil, &net.OpError{Op: "listen", Net: "tcp", Err: err}
	}
	l := newListener(h, port)
	if err := h.bind(l); err != nil {
		return nil, &net.OpError{Op: "listen", Net: "tcp", Addr: l.addr, Err: err}
	}
	return l, nil
}

// bindable checks that address may be bound here and returns its port.
func (h *Host) bindable(address string) (uint16, error) {
	name, port, err := split(address)
	if err != nil {
		return 0, err
	}
	if parseIP(name).IsValid() {
		return port, nil
	}
	if ip, err := h.lookup(name); err != nil {
		return 0, err
	} else if ip != h.ip {
		return 0, fmt.Errorf("%s is not %s: %w", name, h.text, syscall.EADDRNOTAVAIL)
	}
	return port, nil
}

// bind enters l among the network's listeners, choosing its port if it is 0.
func (h *Host) bind(l *Listener) error {
	h.net.mu.Lock()
	defer h.net.mu.Unlock()
	if h.net.closed {
		return net.ErrClosed
	}
	if l.addr.Port == 0 {
		l.addr.Port = int(h.listening.next(h.bound))
	}
	if l.addr.Port == 0 || h.bound(uint16(l.addr.Port)) {
		return os.NewSyscallError("bind", syscall.EADDRINUSE)
	}
	h.net.listeners[l.addr.AddrPort()] = l
	return nil
}

// bound reports whether somebody listens on port; called with net.mu held.
func (h *Host) bound(port uint16) bool {
	return h.net.listeners[netip.AddrPortFrom(h.ip, port)] != nil
}

// DialContext connects to address (name:port or ip:port; the port is a
// number); network is tcp, tcp4 or tcp6. It takes one round trip; the peer
// accepts when it returns. The connection is a *Conn, owned by the caller.
// Errors are *net.OpError around: *net.DNSError with IsNotFound for an unknown
// name, syscall.ECONNREFUSED where nobody listens or a gate refuses, ctx.Err()
// if ctx ended first, net.ErrClosed once the Net is closed.
func (h *Host) DialContext(ctx context.Context, network, address string) (net.Conn, error) {
	began := time.Now()
	conn, err := h.dial(ctx, network, address)
	if h.net.onDial != nil {
		h.net.onDial(Dial{From: h.text, Address: address, At: began, Err: err})
	}
	if err != nil {
		return nil, err
	}
	return conn, nil
}

// opError gives a failed dial its usual clothes; target is nil if unresolved.
func opError(network string, target *net.TCPAddr, err error) error {
	e := &net.OpError{Op: "dial", Net: network, Err: err}
	if target != nil {
		e.Addr = target
	}
	if errno := syscall.Errno(0); errors.As(err, &errno) {
		e.Err = os.NewSyscallError("connect", err)
	}
	return e
}
