package rig

import (
	"fmt"
	"net"
	"strings"
	"sync"

	"gauntlet/harness/run/protocol"
	"gauntlet/proxies"
)

// The contact's own network: its host, and its boxes'.
const (
	contactHost     = "10.0.0.3"
	contactBoxHosts = "10.2."
)

// newContact makes the contact that the case wants: one inside the servers, or a
// client of its own, through boxes of its own which nothing disturbs. Its traffic
// is not the case's and not recorded.
func newContact(p *path) (protocol.Contact, error) {
	if p.c.Contact == nil {
		return p.servers.running.Scripted(ContactEmail), nil
	}
	route, err := startContactBoxes(p, p.c.Contact)
	if err != nil {
		return nil, err
	}
	return p.o.Speaks.Contact(protocol.Seat{
		Network: p.network.on(contactHost), Route: route, Gateway: p.o.Speaks.Gateway, Email: ContactEmail,
	}), nil
}

// startContactBoxes builds the contact's chain, from the gateway towards it.
func startContactBoxes(p *path, chain proxies.Chain) (proxies.Route, error) {
	listeners := make([]boxListener, len(chain))
	for i, spec := range chain {
		l, address, err := p.network.listen(contactBoxHost(i), spec.ListenPort())
		if err != nil {
			return proxies.Route{}, fmt.Errorf("the contact's box %d: %w", i+1, err)
		}
		listeners[i] = boxListener{spec, chain.Listen(i, l), address, contactBoxHost(i), nil, nil}
	}
	for i := range listeners {
		if err := p.startBox(i, chain, listeners); err != nil {
			return proxies.Route{}, fmt.Errorf("the contact's box %d: %w", i+1, err)
		}
	}
	return p.routeFrom(contactHost, chain, listeners)
}

// ofContact reports whether a connection at the gateway comes from the contact's
// side.
func ofContact(conn net.Conn) bool {
	from := conn.RemoteAddr().String()
	return strings.HasPrefix(from, contactHost+":") || strings.HasPrefix(from, contactBoxHosts)
}

func contactBoxHost(i int) string { return fmt.Sprintf("%s%d.1", contactBoxHosts, i+1) }

// halfListener is one half of a listener that is split in two by who connects.
// Closing either half closes the listener.
type halfListener struct {
	net.Listener
	conns chan net.Conn
	done  chan struct{} // closed with the listener
	stop  func() error  // closes it, once
}

// splitListener gives one listener for the connections that are theirs, and one for
// all others. The goroutine that accepts for both ends with the listener.
func splitListener(l net.Listener, theirs func(net.Conn) bool) (others, their net.Listener, run func()) {
	done := make(chan struct{})
	stop := sync.OnceValue(func() error {
		close(done)
		return l.Close()
	})
	a := &halfListener{l, make(chan net.Conn), done, stop}
	b := &halfListener{l, make(chan net.Conn), done, stop}
	return a, b, func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				_ = stop() // it was closed, or is of no use any more
				return
			}
			to := a
			if theirs(conn) {
				to = b
			}
			select {
			case to.conns <- conn:
			case <-done:
				_ = conn.Close() // nobody serves it any more
			}
		}
	}
}

// Accept returns the next connection of this half.
func (h *halfListener) Accept() (net.Conn, error) {
	select {
	case conn := <-h.conns:
		return conn, nil
	case <-h.done:
		return nil, net.ErrClosed
	}
}

// Close closes the listener for both halves.
func (h *halfListener) Close() error { return h.stop() }
