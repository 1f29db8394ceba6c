package rig

import (
	"context"
	"errors"
	"fmt"
	"net"
	"strings"
	"sync"

	"gauntlet/harness/msn/client"
	"gauntlet/harness/msn/messenger"
	"gauntlet/proxies"
)

// contact is the contact whom the user chats with: scripted inside the messenger,
// or a client of its own, on a way of its own.
type contact interface {
	signIn(ctx context.Context) error
	invite(ctx context.Context, email string) error
	waitJoined(ctx context.Context, email string) error
	send(text string) error
	close()
}

// scriptedContact is a contact without sockets: nothing on the network can disturb
// it, so that only the client under test is judged.
type scriptedContact struct{ *messenger.Contact }

func (s scriptedContact) signIn(context.Context) error {
	s.SignIn()
	return nil
}
func (s scriptedContact) invite(_ context.Context, email string) error { return s.Invite(email) }
func (s scriptedContact) waitJoined(ctx context.Context, email string) error {
	return s.WaitJoined(ctx, email)
}
func (s scriptedContact) send(text string) error { return s.Send(text) }
func (s scriptedContact) close()                 {}

// The contact's own network: its host, and its boxes'.
const (
	contactHost     = "10.0.0.3"
	contactBoxHosts = "10.2."
)

// remoteContact is a contact that uses the reference client, through boxes of its
// own which nothing disturbs. Its traffic is not the case's and not recorded.
// Only the rig's own goroutine uses it.
type remoteContact struct {
	user   *client.User
	called chan *client.Chat // the chats to which we called the user
	calls  bool              // the next chat is one of these
	chat   *client.Chat
}

// newContact makes the contact that the case wants.
func newContact(p *path) (contact, error) {
	if p.c.Contact == nil {
		return scriptedContact{p.servers.messenger.Contact(ContactEmail)}, nil
	}
	route, err := startContactBoxes(p, p.c.Contact)
	if err != nil {
		return nil, err
	}
	return &remoteContact{called: make(chan *client.Chat, 1), user: client.NewUser(client.Options{
		Network: p.network.on(contactHost), Route: route, Gateway: gatewayName, Email: ContactEmail,
	})}, nil
}

// startContactBoxes builds the contact's chain, from the gateway towards it.
func startContactBoxes(p *path, chain proxies.Chain) (proxies.Route, error) {
	listeners := make([]boxListener, len(chain))
	for i, spec := range chain {
		l, address, err := p.network.listen(contactBoxHost(i), spec.ListenPort())
		if err != nil {
			return proxies.Route{}, fmt.Errorf("the contact's box %d: %w", i+1, err)
		}
		listeners[i] = boxListener{spec, l, address, contactBoxHost(i), nil}
	}
	for i := range listeners {
		if err := p.startBox(i, chain, listeners); err != nil {
			return proxies.Route{}, fmt.Errorf("the contact's box %d: %w", i+1, err)
		}
	}
	return p.routeFrom(contactHost, chain, listeners)
}

func (t *remoteContact) signIn(ctx context.Context) error { return t.user.SignIn(ctx) }

func (t *remoteContact) invite(ctx context.Context, email string) error {
	t.calls = true
	go func() {
		if c, err := t.user.Call(ctx, email); err == nil { // who does not come is missed by waitJoined
			t.called <- c
		}
	}()
	return nil
}

// waitJoined waits for a chat: one to which we called the user, or the user us.
func (t *remoteContact) waitJoined(ctx context.Context, _ string) (err error) {
	if !t.calls {
		t.chat, err = t.user.Invited(ctx)
		return err
	}
	t.calls = false
	select {
	case t.chat = <-t.called:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

func (t *remoteContact) send(text string) error {
	if t.chat == nil {
		return errors.New("the contact is in no chat")
	}
	return t.chat.Send(text)
}

func (t *remoteContact) close() { t.user.Close() }

// ofContact reports whether a connection at the gateway comes from the contact's
// side.
func ofContact(conn net.Conn) bool {
	from := conn.RemoteAddr().String()
	return strings.HasPrefix(from, contactHost+":") || strings.HasPrefix(from, contactBoxHosts)
}

func contactBoxHost(i int) string { return fmt.Sprintf("%s%d.1", contactBoxHosts, i+1) }

// halfListener is one half of a listener that is split in two by who connects.
// Closing either half closes the listener.
type halfListener struct {
	net.Listener
	conns chan net.Conn
	done  chan struct{} // closed with the listener
	stop  func() error  // closes it, once
}

// splitListener gives one listener for the connections that are theirs, and one for
// all others. The goroutine that accepts for both ends with the listener.
func splitListener(l net.Listener, theirs func(net.Conn) bool) (others, their net.Listener, run func()) {
	done := make(chan struct{})
	stop := sync.OnceValue(func() error {
		close(done)
		return l.Close()
	})
	a := &halfListener{l, make(chan net.Conn), done, stop}
	b := &halfListener{l, make(chan net.Conn), done, stop}
	return a, b, func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				_ = stop() // it was closed, or is of no use any more
				return
			}
			to := a
			if theirs(conn) {
				to = b
			}
			select {
			case to.conns <- conn:
			case <-done:
				_ = conn.Close() // nobody serves it any more
			}
		}
	}
}

// Accept returns the next connection of this half.
func (h *halfListener) Accept() (net.Conn, error) {
	select {
	case conn := <-h.conns:
		return conn, nil
	case <-h.done:
		return nil, net.ErrClosed
	}
}

// Close closes the listener for both halves.
func (h *halfListener) Close() error { return h.stop() }
