package simnet

import (
	"context"
	"errors"
	"net"
	"net/netip"
	"syscall"
	"time"
)

// dial is DialContext without the hook.
func (h *Host) dial(ctx context.Context, network, address string) (*Conn, error) {
	switch network {
	case "tcp", "tcp4", "tcp6":
	default:
		return nil, opError(network, nil, net.UnknownNetworkError(network))
	}
	target, err := h.resolve(address)
	if err != nil {
		return nil, opError(network, nil, err)
	}
	conn, err := h.reach(ctx, target)
	if err != nil {
		return nil, opError(network, net.TCPAddrFromAddrPort(target), err)
	}
	return conn, nil
}

// reach waits for the handshake's round trip and connects at its end.
func (h *Host) reach(ctx context.Context, target netip.AddrPort) (*Conn, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	n, paths := h.net, 0
	if n.slot != 0 {
		paths = n.paths()
	}
	now := time.Now()
	arrived := n.arrival(n.arrival(now, paths), paths)
	handshake := time.NewTimer(arrived.Sub(now))
	defer handshake.Stop()
	select {
	case <-handshake.C:
	case <-ctx.Done():
		return nil, ctx.Err()
	case <-n.done:
		return nil, net.ErrClosed
	}
	conn, err := h.connect(ctx, target, paths)
	if n.slot != 0 {
		handshake.Reset(time.Nanosecond) // whoever accepts has an instant of his own too
		select {
		case <-handshake.C:
		case <-n.done: // after which a bubble's clock may stand still
		}
	}
	return conn, err
}

// connect makes the connection and hands its far end to the listener. The
// gate is asked without locks held, so it may take its time and use the Net.
func (h *Host) connect(ctx context.Context, target netip.AddrPort, paths int) (*Conn, error) {
	listener, redirected := h.net.route(h.ip, target)
	if listener == nil {
		return nil, syscall.ECONNREFUSED
	}
	link, err := h.net.link(h, target, listener, paths)
	if err != nil {
		return nil, err
	}
	if redirected {
		link.far.original = target.String()
	}
	err = h.knock(ctx, listener, link.near.local.String(), target.String())
	if err == nil && !listener.push(&link.far) {
		err = syscall.ECONNREFUSED
	}
	if err != nil {
		h.net.forget(link)
		return nil, err
	}
	return &link.near, nil
}

// knock asks the listener's gate; while that does not answer, again whenever
// Linux would send its SYN again, after 1, 2, 4 s and so on, and gives up as Linux
// does, after 127 s.
func (h *Host) knock(ctx context.Context, l *Listener, from, to string) error {
	const last = 64 * time.Second
	for wait := time.Second; ; wait *= 2 {
		switch err := l.admits(from, to); {
		case err == nil:
			return nil
		case !errors.Is(err, syscall.ETIMEDOUT):
			return syscall.ECONNREFUSED
		}
		again := time.NewTimer(wait)
		select {
		case <-again.C:
		case <-ctx.Done():
			again.Stop()
			return ctx.Err()
		case <-h.net.done:
			again.Stop()
			return net.ErrClosed
		}
		if wait == last {
			return syscall.ETIMEDOUT
		}
	}
}

// link makes a tracked connection from h to l, which h believes to be target.
func (n *Net) link(h *Host, target netip.AddrPort, l *Listener, paths int) (*link, error) {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.closed {
		return nil, net.ErrClosed
	}
	port := h.dialling.take()
	if port == 0 {
		return nil, syscall.EADDRNOTAVAIL
	}
	link := newLink(n, h, netip.AddrPortFrom(h.from, port), target, l.addr, paths)
	n.links[link] = struct{}{}
	return link, nil
}

// forget drops a connection both ends of which are closed.
func (n *Net) forget(l *link) {
	n.mu.Lock()
	defer n.mu.Unlock()
	delete(n.links, l)
	l.host.dialling.release(l.near.local.AddrPort().Port())
}
