package proxies

import (
	"context"
	"net"
	"net/http"
	"sync"
)

// clientConn is a connection towards the client. It notes how each request's
// head was spelled, and respells the head of the answer when told how.
type clientConn struct {
	*conn
	answers headRewriter
	filter  *requestFilter // nil unless a quirk concerns the bytes that the client sends
	opened  string         // where the tunnel goes in which the box opened the TLS; "" outside of one

	mu       sync.Mutex
	requests requestReader
	bound    *http.Transport // its own pool
}

func newClientConn(c *conn, b *behaviour) *clientConn {
	return &clientConn{conn: c, filter: newRequestFilter(b)}
}

// Read notes the heads of what it reads.
func (c *clientConn) Read(p []byte) (int, error) {
	if c.filter != nil {
		return c.filter.read(p, c.take)
	}
	return c.take(p)
}

func (c *clientConn) take(p []byte) (int, error) {
	n, err := c.conn.Read(p)
	c.mu.Lock()
	defer c.mu.Unlock()
	c.requests.feed(p[:n])
	return n, err
}

// Write respells the head that Write was armed for.
func (c *clientConn) Write(p []byte) (int, error) { return c.answers.write(c.Conn, p) }

// nextHead takes the oldest head that was read. net/http serves requests in
// order and gives up a connection when it refuses one, so that each request
// served finds its own.
func (c *clientConn) nextHead() *head {
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.requests.heads) == 0 {
		return &head{}
	}
	h := c.requests.heads[0]
	c.requests.heads = c.requests.heads[1:]
	return h
}

// bind gives the connection its own pool when it is first asked for.
func (c *clientConn) bind(pool func() *http.Transport) *http.Transport {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.bound == nil {
		c.bound = pool()
	}
	return c.bound
}

// unbind ends it; a connection that is still busy ends when it is free.
func (c *clientConn) unbind() {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.bound != nil {
		c.bound.CloseIdleConnections()
	}
}

type clientConnKey struct{}

func withClientConn(ctx context.Context, c net.Conn) context.Context {
	return context.WithValue(ctx, clientConnKey{}, c)
}

func clientConnOf(r *http.Request) *clientConn {
	client, _ := r.Context().Value(clientConnKey{}).(*clientConn)
	return client
}
