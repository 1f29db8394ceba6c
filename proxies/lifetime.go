package proxies

import (
	"context"
	"errors"
	"io"
	"net"
	"sync"

	"gauntlet/proxies/network"
)

// lifetime holds what a box must end when it closes: listeners, connections on
// both faces, and the goroutines that serve them.
type lifetime struct {
	ctx    context.Context // ends when the box closes
	cancel context.CancelFunc

	mu      sync.Mutex
	closed  bool
	closers map[io.Closer]struct{}
	work    sync.WaitGroup
}

func newLifetime() *lifetime {
	ctx, cancel := context.WithCancel(context.Background())
	return &lifetime{ctx: ctx, cancel: cancel, closers: map[io.Closer]struct{}{}}
}

// begin counts a goroutine of the box; false means that the box is closed and
// nothing may start. Each true needs one done.
func (l *lifetime) begin() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if !l.closed {
		l.work.Add(1)
	}
	return !l.closed
}

func (l *lifetime) done() { l.work.Done() }

// keep notes something to be closed; false means that the box is closed
// already, and so is c now.
func (l *lifetime) keep(c io.Closer) bool {
	l.mu.Lock()
	if !l.closed {
		l.closers[c] = struct{}{}
		l.mu.Unlock()
		return true
	}
	l.mu.Unlock()
	_ = c.Close() // the box is closed: nobody is left to hear of an error
	return false
}

func (l *lifetime) forget(c io.Closer) {
	l.mu.Lock()
	defer l.mu.Unlock()
	delete(l.closers, c)
}

// own takes nc into the box's possession; net.ErrClosed means that the box is
// closed, and so is nc now.
func (l *lifetime) own(nc net.Conn) (*conn, error) {
	c := &conn{Conn: network.Conn{Conn: nc}}
	c.forget = sync.OnceFunc(func() { l.forget(c) })
	if !l.keep(c) {
		return nil, net.ErrClosed
	}
	return c, nil
}

// end closes everything and waits. It reports what could not be closed.
func (l *lifetime) end() error {
	l.mu.Lock()
	l.closed = true
	all := make([]io.Closer, 0, len(l.closers))
	for c := range l.closers {
		all = append(all, c)
	}
	l.mu.Unlock()
	l.cancel()
	var errs []error
	for _, c := range all {
		if err := c.Close(); err != nil && !errors.Is(err, net.ErrClosed) {
			errs = append(errs, err)
		}
	}
	l.work.Wait()
	return errors.Join(errs...)
}

// dial connects within the box's life; the connection is the box's.
func (l *lifetime) dial(ctx context.Context, n network.Network, address string) (*conn, error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	defer context.AfterFunc(l.ctx, cancel)()
	nc, err := n.DialContext(ctx, "tcp", address)
	if err != nil {
		return nil, err // which says what was dialled
	}
	return l.own(nc)
}

// conn is a connection of a box, on either face.
type conn struct {
	network.Conn
	forget func() // when the connection is closed
}

// Close closes the connection beneath.
func (c *conn) Close() error {
	err := c.Conn.Close()
	c.forget()
	return err
}
