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

// peer is the contact whom the user chats with: scripted inside the messenger,
// or a client of its own, on a way of its own.
type peer interface {
	signIn(ctx context.Context) error
	invite(ctx context.Context, email string) error
	waitJoined(ctx context.Context, email string) error
	send(text string) error
	close()
}

// scripted is a contact without sockets: nothing on the network can disturb
// it, so that only the client under test is judged.
type scripted struct{ *messenger.Contact }

func (s scripted) signIn(context.Context) error {
	s.SignIn()
	return nil
}
func (s scripted) invite(_ context.Context, email string) error { return s.Invite(email) }
func (s scripted) waitJoined(ctx context.Context, email string) error {
	return s.WaitJoined(ctx, email)
}
func (s scripted) send(text string) error { return s.Send(text) }
func (s scripted) close()                 {}

// The contact's own network: its host, and its boxes'.
const (
	peerHost     = "10.0.0.3"
	peerBoxHosts = "10.2."
)

// travelling is a contact that uses the reference client, through boxes of its
// own which nothing disturbs. Its traffic is not the case's and not recorded.
// Only the rig's own goroutine uses it.
type travelling struct {
	user   *client.User
	called chan *client.Chat // the chats to which we called the user
	calls  bool              // the next chat is one of these
	chat   *client.Chat
}

// putPeer makes the contact that the case wants.
func (s *stage) putPeer() error {
	if s.c.Contact == nil {
		s.peer = scripted{s.messenger.Contact(ContactEmail)}
		return nil
	}
	route, err := s.putPeerBoxes(s.c.Contact)
	if err != nil {
		return err
	}
	t := &travelling{called: make(chan *client.Chat, 1)}
	t.user = client.NewUser(client.Options{
		Network: s.ground.on(peerHost), Route: route, Gateway: gatewayName, Email: ContactEmail,
	})
	s.peer = t
	return nil
}

// putPeerBoxes builds the contact's chain, from the gateway towards it.
func (s *stage) putPeerBoxes(chain proxies.Chain) (client.Route, error) {
	places := make([]place, len(chain))
	for i, spec := range chain {
		l, address, err := s.ground.listen(peerBoxHost(i), spec.ListenPort())
		if err != nil {
			return client.Route{}, fmt.Errorf("the contact's box %d: %w", i+1, err)
		}
		places[i] = place{spec, l, address, peerBoxHost(i), nil}
	}
	for i := range places {
		if err := s.putBox(i, chain, places); err != nil {
			return client.Route{}, fmt.Errorf("the contact's box %d: %w", i+1, err)
		}
	}
	return s.lead(peerHost, chain, places)
}

func (t *travelling) signIn(ctx context.Context) error { return t.user.SignIn(ctx) }

func (t *travelling) invite(ctx context.Context, email string) error {
	t.calls = true
	go func() {
		if c, err := t.user.Call(ctx, email); err == nil { // who does not come is missed by waitJoined
			t.called <- c
		}
	}()
	return nil
}

// waitJoined waits for a chat: one to which we called the user, or the user us.
func (t *travelling) waitJoined(ctx context.Context, _ string) (err error) {
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

func (t *travelling) send(text string) error {
	if t.chat == nil {
		return errors.New("the contact is in no chat")
	}
	return t.chat.Send(text)
}

func (t *travelling) close() { t.user.Close() }

// ofPeer tells whether a connection at the gateway comes from the contact's
// side.
func ofPeer(conn net.Conn) bool {
	from := conn.RemoteAddr().String()
	return strings.HasPrefix(from, peerHost+":") || strings.HasPrefix(from, peerBoxHosts)
}

func peerBoxHost(i int) string { return fmt.Sprintf("%s%d.1", peerBoxHosts, i+1) }

// apart splits a listener in two by who connects. Closing either half closes
// the listener.
type apart struct {
	net.Listener
	conns chan net.Conn
	done  chan struct{} // closed with the listener
	stop  func() error  // closes it, once
}

// setApart gives one listener for the connections that are theirs, and one for
// all others. The goroutine that accepts for both ends with the listener.
func setApart(l net.Listener, theirs func(net.Conn) bool) (others, apartFrom net.Listener, run func()) {
	done := make(chan struct{})
	stop := sync.OnceValue(func() error {
		close(done)
		return l.Close()
	})
	a := &apart{l, make(chan net.Conn), done, stop}
	b := &apart{l, make(chan net.Conn), done, stop}
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
func (a *apart) Accept() (net.Conn, error) {
	select {
	case conn := <-a.conns:
		return conn, nil
	case <-a.done:
		return nil, net.ErrClosed
	}
}

// Close closes the listener for both halves.
func (a *apart) Close() error { return a.stop() }
