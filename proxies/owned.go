package proxies

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"sync"

	"gauntlet/proxies/network"
)

// owned is what a box must end when it closes: listeners, connections on both
// faces, and the goroutines that serve them.
type owned struct {
	ctx    context.Context // ends when the box closes
	cancel context.CancelFunc

	mu      sync.Mutex
	closed  bool
	closers map[io.Closer]struct{}
	work    sync.WaitGroup
}

func newOwned() *owned {
	ctx, cancel := context.WithCancel(context.Background())
	return &owned{ctx: ctx, cancel: cancel, closers: map[io.Closer]struct{}{}}
}

// begin counts a goroutine of the box; false means that the box is closed and
// nothing may start. Each true needs one o.work.Done.
func (o *owned) begin() bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	if !o.closed {
		o.work.Add(1)
	}
	return !o.closed
}

// keep notes something to be closed; false means that the box is closed
// already, and so is c now.
func (o *owned) keep(c io.Closer) bool {
	o.mu.Lock()
	if !o.closed {
		o.closers[c] = struct{}{}
		o.mu.Unlock()
		return true
	}
	o.mu.Unlock()
	_ = c.Close() // the box is closed: nobody is left to hear of an error
	return false
}

func (o *owned) forget(c io.Closer) {
	o.mu.Lock()
	defer o.mu.Unlock()
	delete(o.closers, c)
}

// wrap takes nc into the box's possession.
func (o *owned) wrap(nc net.Conn) (*conn, bool) {
	c := &conn{Conn: nc}
	c.forget = func() { o.forget(c) }
	return c, o.keep(c)
}

// end closes everything and waits. It reports what could not be closed.
func (o *owned) end() error {
	o.mu.Lock()
	o.closed = true
	all := make([]io.Closer, 0, len(o.closers))
	for c := range o.closers {
		all = append(all, c)
	}
	o.mu.Unlock()
	o.cancel()
	var errs []error
	for _, c := range all {
		if err := c.Close(); err != nil && !errors.Is(err, net.ErrClosed) {
			errs = append(errs, err)
		}
	}
	o.work.Wait()
	return errors.Join(errs...)
}

// dial connects within the box's life; the connection is the box's.
func (o *owned) dial(ctx context.Context, n network.Network, address string) (*conn, error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	defer context.AfterFunc(o.ctx, cancel)()
	nc, err := n.DialContext(ctx, "tcp", address)
	if err != nil {
		return nil, fmt.Errorf("dial %s: %w", address, err)
	}
	c, ok := o.wrap(nc)
	if !ok {
		return nil, net.ErrClosed
	}
	return c, nil
}
