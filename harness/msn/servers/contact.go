package servers

import (
	"context"
	"errors"

	"gauntlet/harness/msn/client"
	"gauntlet/harness/msn/messenger"
	"gauntlet/harness/run/protocol"
)

// scripted is a contact inside the messenger.
type scripted struct{ *messenger.Contact }

// SignIn puts the contact online, in place of whoever is.
func (s scripted) SignIn(context.Context) error {
	s.Contact.SignIn()
	return nil
}

// Invite calls a user.
func (s scripted) Invite(_ context.Context, email string) error { return s.Contact.Invite(email) }

// Echo has the contact say back what it hears.
func (s scripted) Echo() { s.Contact.Echo(true) }

// Close does nothing: the contact ends with the messenger.
func (s scripted) Close() {}

// remote is a contact that uses the reference client. Only the rig's own
// goroutine uses it.
type remote struct {
	user   *client.User
	called chan *client.Chat // the chats to which we called the user
	calls  bool              // the next chat is one of these
	chat   *client.Chat
}

func newRemote(s protocol.Seat) protocol.Contact {
	return &remote{called: make(chan *client.Chat, 1), user: client.NewUser(client.Options{
		Network: s.Network, Route: s.Route, Gateway: s.Gateway, Email: s.Email,
	})}
}

// SignIn signs in.
func (t *remote) SignIn(ctx context.Context) error { return t.user.SignIn(ctx) }

// Invite calls the user, and does not wait.
func (t *remote) Invite(ctx context.Context, email string) error {
	t.calls = true
	go func() {
		if c, err := t.user.Call(ctx, email); err == nil { // who does not come is missed by WaitJoined
			t.called <- c
		}
	}()
	return nil
}

// WaitJoined waits for a chat: one to which we called the user, or the user us.
func (t *remote) WaitJoined(ctx context.Context, _ string) (err error) {
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

// Send says something in the chat.
func (t *remote) Send(text string) error {
	if t.chat == nil {
		return errors.New("the contact is in no chat")
	}
	return t.chat.Send(text)
}

// Close ends the contact's client.
func (t *remote) Close() { t.user.Close() }
