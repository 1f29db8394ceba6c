package messenger

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"gauntlet/harness/msn/msnp"
)

// Contact is a scripted user who lives inside the messenger, without sockets:
// somebody for the client under test to talk with. It is told what a client
// would be told, and does what a well-behaved one would do. Methods are safe
// for concurrent use, also from its own callback.
type Contact struct {
	m       *Messenger
	account *account

	// Guarded by the messenger's mutex.
	here      bool
	answers   bool
	echoes    bool
	onMessage func(from, text string)
	seats     []*seat // its chats, the newest last
	received  []string
	parting   []string      // last words, for the next who leaves
	changed   chan struct{} // closed and replaced at each change
}

// Contact returns the scripted user of that email, always the same one,
// making an account if there is none. It is signed out to begin with.
func (m *Messenger) Contact(email string) *Contact {
	m.mu.Lock()
	defer m.mu.Unlock()
	if c := m.contacts[key(email)]; c != nil {
		return c
	}
	a := m.accounts[key(email)]
	if a == nil {
		a = m.register(Account{Email: email})
	}
	c := &Contact{m: m, account: a, answers: true, changed: make(chan struct{})}
	m.contacts[key(email)] = c
	return c
}

// AutoAnswer says whether the contact joins when it is rung; it does from the
// start.
func (c *Contact) AutoAnswer(yes bool) { c.m.do(func() { c.answers = yes }) }

// Echo says whether the contact sends every message that it gets back to the
// same chat; it doesn't from the start.
func (c *Contact) Echo(yes bool) { c.m.do(func() { c.echoes = yes }) }

// OnMessage sets what is called with each text message that arrives, in order,
// with no lock held. It may call the contact; it must not block.
func (c *Contact) OnMessage(f func(from, text string)) { c.m.do(func() { c.onMessage = f }) }

// SignIn brings the contact online, as a client's sign-in and CHG NLN would; a
// client of the same account is thrown out. It does nothing if the contact is
// there already, or the messenger closed.
func (c *Contact) SignIn() {
	c.m.do(func() {
		if c.here || c.m.closed {
			return
		}
		c.here = true
		c.m.signIn(c.account, c)
		c.m.announce(c.account, "NLN", "")
	})
}

// SignOut leaves all chats and goes offline.
func (c *Contact) SignOut() {
	c.m.do(func() {
		if c.here {
			c.m.signOut(c.account, "OUT")
			c.away()
		}
	})
}

// speaks is the oldest version: a contact needs to hear little.
func (c *Contact) speaks() int { return oldest }

// evict is the account's sign-in elsewhere.
func (c *Contact) evict(msnp.Command) { c.away() }

func (c *Contact) away() {
	c.here = false
	for _, s := range slices.Clone(c.seats) {
		c.rise(s)
	}
}

// Invite opens a new chat and rings email up, through the notification server.
// It returns at once; WaitJoined waits for the answer. An offline user, a
// signed-out contact or a closed messenger is an error.
func (c *Contact) Invite(email string) (err error) {
	c.m.do(func() { err = c.invite(email) })
	return err
}

func (c *Contact) invite(email string) error {
	if !c.here || c.m.closed {
		return fmt.Errorf("invite %s: %s is signed out", email, c.account.email)
	}
	s := c.sit(newChat(c.m))
	s.calls = key(email)
	if code := s.chat.call(c.account, email); code != 0 {
		c.rise(s)
		return fmt.Errorf("invite %s: %v", email, code)
	}
	return nil
}

// Send sends text to the newest chat in which the contact is. To have nobody
// there to hear it, or a text of more than 1664 bytes with its head, is an
// error.
func (c *Contact) Send(text string) (err error) {
	c.m.do(func() {
		if len(c.seats) == 0 {
			err = errors.New("send: " + c.account.email + " is in no chat")
			return
		}
		err = c.seats[len(c.seats)-1].say(text)
	})
	return err
}

// Type says in the newest chat that the contact is typing, which no user is to
// read. To have nobody there is an error.
func (c *Contact) Type() (err error) {
	c.m.do(func() {
		n := len(c.seats)
		if n == 0 || c.seats[n-1].chat.relay(c.seats[n-1], msnp.TypingMessage(c.account.email).Payload()) == 0 {
			err = errors.New("typing: nobody is in a chat with " + c.account.email)
		}
	})
	return err
}

// LastWords has the contact send texts to the next user who leaves a chat in which
// it is: when OUT has arrived, and before it takes effect.
func (c *Contact) LastWords(texts ...string) {
	c.m.do(func() { c.parting = append(c.parting, texts...) })
}

// Leave leaves the newest chat, if any.
func (c *Contact) Leave() {
	c.m.do(func() {
		if n := len(c.seats); n > 0 {
			c.rise(c.seats[n-1])
		}
	})
}

// Received is the text of every message that has arrived, in order.
func (c *Contact) Received() []string {
	c.m.mu.Lock()
	defer c.m.mu.Unlock()
	return slices.Clone(c.received)
}

// send is the notification server telling the contact something; of all that,
// only a ring asks for an answer.
func (c *Contact) send(cmd msnp.Command) {
	if cmd.Name == "RNG" {
		c.m.later(func() { c.m.do(func() { c.rung(cmd) }) })
	}
}

// rung answers RNG session address CKI ticket email nick.
func (c *Contact) rung(cmd msnp.Command) {
	if !c.here || !c.answers || c.m.closed {
		return
	}
	t := c.m.tickets.redeem(c.account.email, cmd.Arg(3), cmd.Arg(0))
	if t != nil && !t.chat.has(c.account) && len(t.chat.members) > 0 {
		c.sit(t.chat)
	}
}

// sit joins a chat, which becomes the newest; the mutex is held.
func (c *Contact) sit(in *chat) *seat {
	s := &seat{contact: c, chat: in}
	for _, o := range in.members {
		s.others = append(s.others, key(o.who().email))
	}
	c.seats = append(c.seats, s)
	in.join(s)
	c.change()
	return s
}

// rise leaves a chat.
func (c *Contact) rise(s *seat) {
	if i := slices.Index(c.seats, s); i >= 0 {
		c.seats = slices.Delete(c.seats, i, i+1)
		s.chat.leave(s)
		c.change()
	}
}

// change wakes whoever waits for one.
func (c *Contact) change() {
	close(c.changed)
	c.changed = make(chan struct{})
}

// WaitJoined waits until email is in a chat with the contact: in the newest to
// which the contact has called it, if it has. The error is the context's, or tells
// that the messenger closed.
func (c *Contact) WaitJoined(ctx context.Context, email string) error {
	err := c.wait(ctx, func() bool {
		for _, s := range slices.Backward(c.seats) {
			if s.awaits(key(email)) {
				return s.shares(key(email))
			}
		}
		return false
	})
	if err != nil {
		return fmt.Errorf("wait for %s to join %s: %w", email, c.account.email, err)
	}
	return nil
}

// WaitReceived waits until n messages have arrived, all told.
func (c *Contact) WaitReceived(ctx context.Context, n int) error {
	got := 0
	err := c.wait(ctx, func() bool { got = len(c.received); return got >= n })
	if err != nil {
		return fmt.Errorf("wait for %s to receive %d messages, has %d: %w", c.account.email, n, got, err)
	}
	return nil
}

// wait blocks until holds, which is called with the mutex held.
func (c *Contact) wait(ctx context.Context, holds func() bool) error {
	for {
		c.m.mu.Lock()
		done, changed := holds(), c.changed
		c.m.mu.Unlock()
		if done {
			return nil
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return ctx.Err()
		case <-c.m.done:
			return errors.New("the messenger is closed")
		}
	}
}
