package proxies

import (
	"context"
	"errors"
	"fmt"
	"net"

	"gauntlet/proxies/network"
)

// relay copies bytes between a client and one target, or, without a target,
// the address that the intercepted client dialled. It is a NAT box, or the
// place in front of a real product where its traffic is seen and disturbed.
type relay struct {
	spec    Spec
	options Options
	owned   *owned
}

func newRelay(s Spec, o Options) Box {
	return &relay{spec: s, options: o, owned: newOwned()}
}

// Name is the box's one-line form.
func (r *relay) Name() string { return r.spec.String() }

// Close ends the relay; whatever is in flight is cut.
func (r *relay) Close() error { return r.owned.end() }

// Serve accepts connections from l until Close.
func (r *relay) Serve(l net.Listener) error {
	if !r.owned.keep(l) || !r.owned.begin() {
		return net.ErrClosed // and so is l
	}
	defer r.owned.work.Done()
	for {
		nc, err := l.Accept()
		if err != nil {
			return r.ended(l, err)
		}
		client, ok := r.owned.wrap(nc)
		if ok && r.owned.begin() {
			go r.carry(client)
		}
	}
}

// ended judges why Accept failed; after Close that is no error.
func (r *relay) ended(l net.Listener, err error) error {
	r.owned.forget(l)
	if r.owned.ctx.Err() != nil {
		return nil
	}
	return errors.Join(fmt.Errorf("box %q: accept: %w", r.Name(), err), l.Close())
}

// carry is one connection's life. A target that cannot be reached is a reset
// for the client, which is as near to a refused connection as an accepted one
// can come.
func (r *relay) carry(client *conn) {
	defer r.owned.work.Done()
	server, err := r.reach(client)
	if err != nil {
		r.options.report(fmt.Errorf("box %q: %w", r.Name(), err))
		_ = network.Reset(client)
		return
	}
	splice(client, server)
}

// reach dials where the client's bytes go.
func (r *relay) reach(client net.Conn) (*conn, error) {
	target := r.options.Upstream
	if target == "" {
		address, redirected := network.OriginalDestination(client)
		if !redirected {
			return nil, errors.New("no target, and the connection was not intercepted")
		}
		target = address
	}
	ctx, cancel := context.WithTimeout(r.owned.ctx, defaultTimeout)
	defer cancel()
	return r.owned.dial(ctx, r.options.Network, target)
}
