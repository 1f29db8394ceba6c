package gateway

import (
	"net"
	"sync"
	"time"

	"gauntlet/proxies/network"
)

// guarded is a listener that only accepts connections within the gateway's limits.
type guarded struct {
	net.Listener
	g      *Gateway
	server Server
}

// Accept waits for the next connection that is let in.
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
		_ = c.Close() // it was never served
	}
}

// admits counts a guest, unless a limit is reached.
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

// guest is an accepted connection, which is counted until it is closed.
type guest struct {
	network.Conn
	g    *Gateway
	r    *request
	left sync.Once
}

// Close closes the connection, which then no longer counts.
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
