package proxies

import (
	"net"
	"net/http"
	"sync"
)

// downstream is a connection towards the client. It notes how each request's
// head was spelled, and respells the head of the answer when told how.
type downstream struct {
	*conn
	answers rewriter
	screen  *screen // nil unless a quirk concerns the bytes that the client sends
	opened  string  // where the tunnel goes in which the box opened the TLS; "" outside of one

	mu       sync.Mutex
	requests requestReader
	bound    *http.Transport // its own pool; see pool-bound
}

// Read notes the heads of what it reads.
func (d *downstream) Read(p []byte) (int, error) {
	if d.screen != nil {
		return d.screen.read(p, d.take)
	}
	return d.take(p)
}

func (d *downstream) take(p []byte) (int, error) {
	n, err := d.conn.Read(p)
	d.mu.Lock()
	defer d.mu.Unlock()
	d.requests.feed(p[:n])
	return n, err
}

// Write respells the head that Write was armed for.
func (d *downstream) Write(p []byte) (int, error) { return d.answers.write(d.Conn, p) }

// nextHead takes the oldest head that was read. net/http serves requests in
// order and gives up a connection when it refuses one, so that each request
// served finds its own.
func (d *downstream) nextHead() *head {
	d.mu.Lock()
	defer d.mu.Unlock()
	if len(d.requests.heads) == 0 {
		return &head{}
	}
	h := d.requests.heads[0]
	d.requests.heads = d.requests.heads[1:]
	return h
}

// listener hands its box connections that note heads.
type listener struct {
	net.Listener
	owned  *owned
	quirks Quirks
}

// Accept wraps what the listener beneath accepts.
func (l *listener) Accept() (net.Conn, error) {
	nc, err := l.Listener.Accept()
	if err != nil {
		return nil, err
	}
	c, ok := l.owned.wrap(nc)
	if !ok {
		return nil, net.ErrClosed
	}
	return &downstream{conn: c, screen: newScreen(l.quirks)}, nil
}
