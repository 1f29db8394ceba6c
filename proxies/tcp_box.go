package proxies

import (
	"errors"
	"fmt"
	"net"

	"gauntlet/proxies/network"
	"gauntlet/proxies/socks"
)

// tcpBox is what boxes share that do not speak HTTP: each connection is one
// goroutine in serve, which ends it.
type tcpBox struct {
	spec    Spec
	options Options
	life    *lifetime
	dialer  *dialer
	serve   func(*conn) error
}

func newTCPBox(s Spec, o Options) (*tcpBox, error) {
	behaviour, err := behaviourOf(s)
	if err != nil {
		return nil, err
	}
	life := newLifetime()
	return &tcpBox{spec: s, options: o, life: life, dialer: &dialer{options: o, behaviour: behaviour, life: life}}, nil
}

// Name is the box's one-line form.
func (b *tcpBox) Name() string { return b.spec.String() }

// Close ends the box; whatever is in flight is cut.
func (b *tcpBox) Close() error { return b.life.end() }

// Serve accepts connections from l until Close.
func (b *tcpBox) Serve(l net.Listener) error {
	if !b.life.keep(l) || !b.life.begin() {
		return net.ErrClosed // and so is l
	}
	defer b.life.done()
	cabled := b.dialer.behaviour.cabled(l, b.life, b.options)
	for {
		nc, err := cabled.Accept()
		if err != nil {
			return b.ended(l, err)
		}
		client, err := b.life.own(nc)
		if err == nil && b.life.begin() {
			go b.carry(client)
		}
	}
}

// ended judges why Accept failed; after Close that is no error.
func (b *tcpBox) ended(l net.Listener, err error) error {
	b.life.forget(l)
	if b.life.ctx.Err() != nil {
		return nil
	}
	return errors.Join(fmt.Errorf("box %q: accept: %w", b.Name(), err), l.Close())
}

// carry is one connection's life.
func (b *tcpBox) carry(client *conn) {
	defer b.life.done()
	defer func() { _ = client.Close() }() // it may be closed already
	if err := b.serve(client); err != nil && b.life.ctx.Err() == nil {
		b.options.report(fmt.Errorf("box %q: %w", b.Name(), err))
	}
}

// newDown builds the box that is not there. In a box that changes, its listener
// is closed meanwhile where that is possible; see Options.Listen.
func newDown(s Spec, o Options) (Box, error) {
	b, err := newTCPBox(s, o)
	if err != nil {
		return nil, err
	}
	b.serve = func(client *conn) error { return network.Reset(client) }
	return b, nil
}

// newRelay builds a box that copies bytes between a client and one target, or,
// without a target, the address that the intercepted client dialled. It is a
// NAT box, or the place in front of a real product where its traffic is seen
// and disturbed.
func newRelay(s Spec, o Options) (Box, error) {
	b, err := newTCPBox(s, o)
	if err != nil {
		return nil, err
	}
	b.serve = b.relay
	return b, nil
}

// relay carries one connection. A target that cannot be reached is a reset for
// the client, which is as near to a refused connection as an accepted one can
// come.
func (b *tcpBox) relay(client *conn) error {
	target, err := b.target(client)
	var server *conn
	if err == nil {
		server, err = b.dialer.dial(b.life.ctx, target)
	}
	if err != nil {
		_ = network.Reset(client)
		return err
	}
	b.dialer.behaviour.splice(client, server)
	return nil
}

// target is where the client's bytes go.
func (b *tcpBox) target(client net.Conn) (string, error) {
	if b.options.Upstream != "" {
		return b.options.Upstream, nil
	}
	address, redirected := network.OriginalDestination(client)
	if !redirected {
		return "", errors.New("no target, and the connection was not intercepted")
	}
	return address, nil
}

// newSocks builds a SOCKS server of version 4, 4A or 5. It makes tunnels to
// whatever is named (CONNECT); BIND and UDP are refused. What is not SOCKS, an
// HTTP request for one, gets its connection closed without an answer.
func newSocks(s Spec, o Options) (Box, error) {
	b, err := newTCPBox(s, o)
	if err != nil {
		return nil, err
	}
	protocol := socks.Protocol{Version: s.Kind.socks(), Login: b.dialer.behaviour.login}
	b.serve = func(client *conn) error { return b.socks(protocol, client) }
	return b, nil
}

// socks serves one connection.
func (b *tcpBox) socks(protocol socks.Protocol, client *conn) error {
	relax := b.options.hurry(client)
	address, err := protocol.Accept(client)
	relax()
	if errors.Is(err, socks.ErrSilent) {
		return nil
	}
	if err != nil {
		return err
	}
	server, err := b.dialer.dial(b.life.ctx, address)
	if failed := protocol.Reply(client, err); failed != nil || err != nil {
		if server != nil {
			_ = server.Close() // the client is gone
		}
		return errors.Join(err, failed)
	}
	b.dialer.behaviour.splice(client, server)
	return nil
}
