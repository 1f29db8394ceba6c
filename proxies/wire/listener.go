package wire

import (
	"context"
	"net"
	"slices"
	"sync"
	"syscall"
	"time"

	"gauntlet/proxies/fault"
	"gauntlet/proxies/network"
	"gauntlet/proxies/streams"
)

// Listen wraps l: what it accepts from now on is observed and disturbed.
// Several listeners may share one Tap. Closing the result closes l.
//
// If l, or what it wraps by NetListener, offers
//
//	SetGate(func(from, to string) error)
//
// then attempts are turned away there: with syscall.ECONNREFUSED the dialler sees
// a refused connection, with syscall.ETIMEDOUT nothing, and asks again when it
// repeats its SYN. Else they are accepted and reset before a byte.
func (t *Tap) Listen(l net.Listener) net.Listener {
	w := &listener{Listener: l, tap: t, admitted: map[string]attempt{}, ignored: map[string]attempt{}}
	if g, ok := l.(interface {
		SetGate(func(from, to string) error)
	}); ok {
		g.SetGate(w.gate)
	}
	return w
}

// attempt is an attempt to connect that a gate has let in.
type attempt struct {
	id    int
	asked *fault.Hop // the faults that were in force
	hits  []fault.Hit
	again bool // its SYN was lost before
}

type listener struct {
	net.Listener
	tap *Tap

	mu       sync.Mutex
	admitted map[string]attempt // by the dialler's address, until accepted
	ignored  map[string]attempt // those whose SYN was lost, and will come again
}

// NetListener is the wrapped listener.
func (l *listener) NetListener() net.Listener { return l.Listener }

// gate decides about an attempt before there is a connection. One that was ignored
// is the same attempt when it comes again.
func (l *listener) gate(from, to string) error {
	l.mu.Lock()
	a, again := l.ignored[from]
	l.mu.Unlock()
	if !again {
		a = l.tap.attempt()
	}
	verdict := l.tap.turnsAway(a, nil, from)
	l.mu.Lock()
	defer l.mu.Unlock()
	delete(l.ignored, from)
	switch verdict {
	case nil:
		a.hits = ofConnections(a.hits)
		l.admitted[from] = a
	case syscall.ETIMEDOUT:
		a.again = true
		l.ignored[from] = a
	}
	return verdict
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
			a = l.tap.attempt()
			if l.tap.turnsAway(a, inner, inner.RemoteAddr().String()) != nil {
				continue
			}
			a.hits = ofConnections(a.hits)
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
	if t.options.Open != nil {
		inner = t.options.Open(inner)
	}
	c := &conn{Conn: inner, tap: t, id: a.id, peer: hostOf(inner.RemoteAddr())}
	for _, part := range []**conn{&c.in.conn, &c.out.conn, &c.responses.conn, &c.idle.conn, &c.passage.conn, &c.link.conn} {
		*part = c
	}
	c.out.Answers = true
	c.in.Reuse = t.options.Observe == nil // labels are strings: only events keep bytes
	c.out.Reuse = c.in.Reuse
	destination, _ := network.OriginalDestination(inner)
	c.mu.Lock()
	defer c.mu.Unlock()
	hits, ok := t.adopt(c, a)
	if !ok {
		_ = inner.Close()
		return nil, false
	}
	c.emit(Event{Kind: Accepted, Peer: inner.RemoteAddr().String(), OriginalDestination: destination, How: sortOf(inner)})
	inject(c, hits, nil)
	return c, true
}

// sortOf says what a connection is that is none of its own.
func sortOf(conn net.Conn) string {
	if streams.Is(conn) {
		return "stream of HTTP/2"
	}
	return ""
}

// turnsAway runs what acts on an attempt and says what has become of it. conn is
// nil at a gate.
func (t *Tap) turnsAway(a attempt, conn net.Conn, peer string) error {
	for _, hit := range a.hits {
		if !hit.Fault.Effect.OfAttempts() {
			continue
		}
		i := newInjection(strike{tap: t, hit: hit, id: a.id, peer: peer, attempt: conn, told: a.again})
		if i.run(); i.onConnection.verdict != nil {
			return i.onConnection.verdict
		}
	}
	return nil
}

// Resolving is a network as whoever connects to this hop sees it: the names that he
// looks up lead where the faults say.
func (t *Tap) Resolving(n network.Network) network.Network {
	if !t.options.Standing && !t.hop().Any(fault.Fault.OnLookup) {
		return n
	}
	return network.Resolving{Network: n, Lookup: func(ctx context.Context, name string) ([]string, error) {
		leads, err := n.LookupHost(ctx, name)
		if err != nil {
			return []string{name}, nil // nobody here knows it, and it is n that says so
		}
		found := t.Lookup(name, leads)
		late := time.NewTimer(found.After)
		defer late.Stop()
		select {
		case <-late.C:
			return found.Addresses, nil
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}}
}

// Lookup is what somebody is to be told who connects to this hop, and has looked up
// a name that leads to those addresses. What he was told before may still be good.
func (t *Tap) Lookup(name string, leads []string) fault.Found {
	t.mu.Lock()
	hits, now, found := t.hop().Lookup(t.since()), time.Now(), fault.Found{Addresses: leads}
	if k := t.kept[name]; now.Before(k.until) {
		found.Addresses, found.TTL = k.addresses, k.until.Sub(now)
	}
	t.mu.Unlock()
	for _, hit := range hits {
		newInjection(strike{tap: t, hit: hit, found: &found}).run()
	}
	t.mu.Lock()
	t.kept[name] = kept{found.Addresses, now.Add(found.TTL)}
	t.mu.Unlock()
	return found
}

// kept is what is told of a name until a moment.
type kept struct {
	addresses []string
	until     time.Time
}

// ofConnections are the hits that act once there is a connection.
func ofConnections(hits []fault.Hit) []fault.Hit {
	return slices.DeleteFunc(hits, func(h fault.Hit) bool { return h.Fault.Effect.OfAttempts() })
}
