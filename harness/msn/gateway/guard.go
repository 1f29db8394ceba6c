package gateway

import (
	"net"
	"sync"
	"time"

	"gauntlet/proxies/network"
)

// guarded is a listener that gives those only who were let in.
type guarded struct {
	net.Listener
	g      *Gateway
	server Server
}

// Accept waits for the next who is let in.
func (l *guarded) Accept() (net.Conn, error) {
	for {
		c, err := l.Listener.Accept()
		if err != nil {
			return nil, err
		}
		r := &request{server: l.server, from: hostOf(c.RemoteAddr().String())}
		if l.admits(r) {
			return &guest{Conn: network.Conn{Conn: c}, g: l.g, r: r}, nil
		}
		_ = c.Close() // nobody serves it
	}
}

// admits counts a guest in, unless there is no place for it.
func (l *guarded) admits(r *request) (in bool) {
	l.g.do(func(t *table) {
		if in = t.visitors.connect(r.from); !in {
			t.reject(greedy(ReasonConnections), r, 0)
		} else if in = t.receive(time.Now(), r) == nil; !in {
			t.visitors.disconnect(r.from)
		}
	})
	return in
}

// guest is a connection that is counted until it is closed.
type guest struct {
	network.Conn
	g    *Gateway
	r    *request
	left sync.Once
}

// Close closes it and gives its place back.
func (c *guest) Close() error {
	c.left.Do(func() {
		c.g.do(func(t *table) {
			t.guests--
			t.visitors.session(c.r.from, -1)
			t.visitors.disconnect(c.r.from)
		})
	})
	return c.Conn.Close()
}
