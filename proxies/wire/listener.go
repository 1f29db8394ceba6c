package wire

import (
	"net"
	"slices"
	"sync"

	"gauntlet/proxies/fault"
	"gauntlet/proxies/network"
)

// Listen wraps l: what it accepts from now on is observed and disturbed.
// Several listeners may share one Tap. Closing the result closes l.
//
// If l, or what it wraps by NetListener, offers
//
//	SetGate(func(from, to string) bool)
//
// then refused attempts are turned away there and the dialler sees a refused
// connection; else they are accepted and reset before a byte.
func (t *Tap) Listen(l net.Listener) net.Listener {
	w := &listener{Listener: l, tap: t, admitted: map[string]attempt{}}
	if g, ok := l.(interface {
		SetGate(func(from, to string) bool)
	}); ok {
		g.SetGate(w.gate)
	}
	return w
}

// attempt is an attempt to connect that a gate has let in.
type attempt struct {
	id   int
	hits []fault.Hit
}

type listener struct {
	net.Listener
	tap *Tap

	mu       sync.Mutex
	admitted map[string]attempt // by the dialler's address, until accepted
}

// NetListener is the wrapped listener.
func (l *listener) NetListener() net.Listener { return l.Listener }

// gate decides about an attempt before there is a connection.
func (l *listener) gate(from, to string) bool {
	id, hits := l.tap.attempt()
	if l.tap.refuses(hits, id, nil, from) {
		return false
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.admitted[from] = attempt{id, withoutRefusals(hits)}
	return true
}

// Accept waits for the next connection that is not refused.
func (l *listener) Accept() (net.Conn, error) {
	for {
		inner, err := l.Listener.Accept()
		if err != nil {
			return nil, err
		}
		a, known := l.claim(inner.RemoteAddr().String())
		if !known {
			a.id, a.hits = l.tap.attempt()
			if l.tap.refuses(a.hits, a.id, inner, inner.RemoteAddr().String()) {
				continue
			}
			a.hits = withoutRefusals(a.hits)
		}
		if c, ok := l.tap.wrap(inner, a); ok {
			return c, nil
		}
	}
}

// claim finds the attempt that became the connection from this address.
func (l *listener) claim(from string) (attempt, bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	a, ok := l.admitted[from]
	delete(l.admitted, from)
	return a, ok
}

// wrap makes the connection that the box gets; false if the Tap is closed.
func (t *Tap) wrap(inner net.Conn, a attempt) (net.Conn, bool) {
	c := &conn{Conn: inner, tap: t, id: a.id}
	for _, part := range []**conn{&c.in.conn, &c.out.conn, &c.responses.conn, &c.idle.conn, &c.passage.conn, &c.link.conn} {
		*part = c
	}
	c.out.Answers = true
	c.in.Reuse = t.options.Observe == nil // labels are strings: only events keep bytes
	c.out.Reuse = c.in.Reuse
	if !t.adopt(c) {
		_ = inner.Close()
		return nil, false
	}
	destination, _ := network.OriginalDestination(inner)
	c.mu.Lock()
	defer c.mu.Unlock()
	c.emit(Event{Kind: Accepted, Peer: inner.RemoteAddr().String(), OriginalDestination: destination})
	inject(c, a.hits, nil)
	return c, true
}

// refuses runs the refusals among the hits on an attempt and reports whether one
// has acted. conn is nil at a gate.
func (t *Tap) refuses(hits []fault.Hit, id int, conn net.Conn, peer string) bool {
	for _, hit := range hits {
		if hit.Fault.Effect.Name != fault.Refusal {
			continue
		}
		i := injection{tap: t, hit: hit, id: id, peer: peer, attempt: conn}
		i.run()
		if i.refused {
			return true
		}
	}
	return false
}
func withoutRefusals(hits []fault.Hit) []fault.Hit {
	return slices.DeleteFunc(hits, func(h fault.Hit) bool { return h.Fault.Effect.Name == fault.Refusal })
}
