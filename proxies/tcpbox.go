package proxies

import (
	"context"
	"errors"
	"fmt"
	"net"
	"sync/atomic"

	"gauntlet/proxies/network"
)

// tcpBox is what boxes share that do not speak HTTP: each connection is one
// goroutine in serve, which ends it.
type tcpBox struct {
	spec    Spec
	options Options
	owned   *owned
	egress  egress
	serve   func(*tcpBox, *conn) error
}

func newTCPBox(s Spec, o Options, serve func(*tcpBox, *conn) error) (Box, error) {
	return &tcpBox{spec: s, options: o, owned: newOwned(), egress: newEgress(s, o), serve: serve}, nil
}

// Name is the box's one-line form.
func (b *tcpBox) Name() string { return b.spec.String() }

// Close ends the box; whatever is in flight is cut.
func (b *tcpBox) Close() error { return b.owned.end() }

// Serve accepts connections from l until Close.
func (b *tcpBox) Serve(l net.Listener) error {
	if !b.owned.keep(l) || !b.owned.begin() {
		return net.ErrClosed // and so is l
	}
	defer b.owned.work.Done()
	for {
		nc, err := l.Accept()
		if err != nil {
			return b.ended(l, err)
		}
		client, ok := b.owned.wrap(nc)
		if ok && b.owned.begin() {
			go b.carry(client)
		}
	}
}

// ended judges why Accept failed; after Close that is no error.
func (b *tcpBox) ended(l net.Listener, err error) error {
	b.owned.forget(l)
	if b.owned.ctx.Err() != nil {
		return nil
	}
	return errors.Join(fmt.Errorf("box %q: accept: %w", b.Name(), err), l.Close())
}

// carry is one connection's life.
func (b *tcpBox) carry(client *conn) {
	defer b.owned.work.Done()
	defer func() { _ = client.Close() }() // it may be closed already
	if err := b.serve(b, client); err != nil && b.owned.ctx.Err() == nil {
		b.options.report(fmt.Errorf("box %q: %w", b.Name(), err))
	}
}

// dial connects to address, or to the one upstream.
func (b *tcpBox) dial(address string) (*conn, error) {
	if b.options.Upstream != "" {
		address = b.options.Upstream
	}
	ctx, cancel := context.WithTimeout(b.owned.ctx, b.spec.Quirks.timeout())
	defer cancel()
	return b.owned.dial(ctx, b.egress.next(), address)
}

// egress is the networks that a box dials on, in turn.
type egress struct {
	networks []network.Network
	turn     *atomic.Uint64
}
