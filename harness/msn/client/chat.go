package client

import (
	"context"
	"fmt"
	"net"
	"slices"
	"sync"
	"time"

	"gauntlet/harness/msn/msnp"
	"gauntlet/harness/msn/session"
)

// Chat is a conversation at a switchboard, in a gateway session of its own. If
// that session is lost, its owner calls the peer to another one, once: the
// ticket of the first is spent.
type Chat struct {
	user *User
	peer string

	mu      sync.Mutex
	link    *link
	joined  chan struct{} // closed when the peer is in
	unacked []sent        // in order of sending
	left    bool
	again   bool // the second switchboard session was used up
}

type sent struct {
	trid uint32
	text string
}

// Call asks for a switchboard, calls peer to it, and returns when peer has
// come.
func (u *User) Call(ctx context.Context, peer string) (*Chat, error) {
	c := &Chat{user: u, peer: peer}
	u.mu.Lock()
	u.chats[c] = true
	u.mu.Unlock()
	if err := c.call(ctx); err != nil {
		u.report(Trouble, peer, "call: "+err.Error())
		return c, fmt.Errorf("call %s: %w", peer, err)
	}
	return c, nil
}

// callsFor is how long a call is tried again whose opens are lost: as long as people
// wait for each other.
const callsFor = 2 * time.Minute

// call opens a switchboard session and waits for the peer. An open whose answer
// was lost has spent its ticket, so that each further one asks for a fresh XFR: the
// first at once, the others after pauses that grow. The user hears of it when it
// lasts.
func (c *Chat) call(ctx context.Context) error {
	began, pause := time.Now(), time.Duration(0)
	for tries := 1; ; tries++ {
		err := c.callOnce(ctx)
		if err == nil || !c.openLost() || time.Since(began) > callsFor {
			return err
		}
		if tries == patience {
			c.user.report(Trouble, c.peer, "call, still trying: "+err.Error())
		}
		select {
		case <-time.After(pause):
		case <-ctx.Done():
			return err
		}
		pause = min(2*pause+500*time.Millisecond, 5*time.Second)
	}
}

// openLost reports whether the switchboard session is over because nobody knows
// what became of its open. One that goes on is not waited for: the peer may just
// not have come.
func (c *Chat) openLost() bool {
	c.mu.Lock()
	l := c.link
	c.mu.Unlock()
	if l == nil {
		return false
	}
	cause, _ := l.ending()
	return cause == session.OpenLost
}

func (c *Chat) callOnce(ctx context.Context) error {
	ns, err := c.user.signedInLink(ctx)
	if err != nil {
		return err
	}
	xfr, err := ns.ask(ctx, "XFR", "SB")
	if err != nil {
		return err
	}
	l, joined := c.newLink(xfr.Arg(2))
	if _, err = l.ask(ctx, "USR", c.user.opt.Email, xfr.Arg(4)); err != nil {
		return err
	}
	reply, err := l.ask(ctx, "CAL", c.peer)
	switch code, _ := reply.ErrorCode(); {
	case code == msnp.AlreadyThere: // a call that was lost, and repeated under a new id, had come
		c.peerCame()
	case err != nil:
		return err
	}
	select {
	case <-joined:
		return nil
	case <-ctx.Done():
		return fmt.Errorf("%s did not come: %w", c.peer, context.Cause(ctx))
	}
}

// newLink begins a switchboard session at address, host:port; over HTTP the
// port is of no interest. Where the chat was left meanwhile nothing can be asked on it:
// nobody would end its session any more.
func (c *Chat) newLink(address string) (*link, chan struct{}) {
	host, _, err := net.SplitHostPort(address)
	if err != nil {
		host = address
	}
	joined := make(chan struct{})
	var l *link
	l = c.user.newLink("SB", host, c.hear, func(end session.Cause) { c.sessionOver(l, end) })
	c.mu.Lock()
	l.ended = c.left
	c.link, c.joined = l, joined
	c.mu.Unlock()
	return l, joined
}

// rung answers a call from a contact. The ticket is good for one open.
func (u *User) rung(rng msnp.Command) {
	c := &Chat{user: u, peer: rng.Arg(4)}
	u.mu.Lock()
	u.chats[c] = true
	u.mu.Unlock()
	u.work.Go(func() {
		l, _ := c.newLink(rng.Arg(1))
		if _, err := l.ask(u.ctx, "ANS", u.opt.Email, rng.Arg(3), rng.Arg(0)); err != nil {
			u.report(Trouble, c.peer, "answer the call: "+err.Error())
			return
		}
		select {
		case u.invited <- c:
		default: // nobody waits for so many invitations
		}
	})
}

// Invited returns the next chat to which a contact called the user.
func (u *User) Invited(ctx context.Context) (*Chat, error) {
	select {
	case c := <-u.invited:
		return c, nil
	case <-ctx.Done():
		return nil, fmt.Errorf("nobody called: %w", context.Cause(ctx))
	}
}

// hear handles what the switchboard says unasked.
func (c *Chat) hear(m msnp.Command) {
	switch m.Name {
	case "JOI":
		c.peerCame()
	case "MSG":
		c.received(m)
	case "ACK", "NAK":
		c.acknowledged(m)
	}
}

func (c *Chat) peerCame() {
	c.mu.Lock()
	defer c.mu.Unlock()
	select {
	case <-c.joined:
	default:
		close(c.joined)
	}
}

func (c *Chat) received(m msnp.Command) {
	message, err := msnp.ParseMessage(m.Payload)
	if err == nil && message.IsText() {
		c.user.report(Received, m.Arg(0), message.Text)
	}
}

func (c *Chat) acknowledged(m msnp.Command) {
	trid, _ := m.TrID()
	c.mu.Lock()
	i := slices.IndexFunc(c.unacked, func(s sent) bool { return s.trid == trid })
	var text string
	if i >= 0 {
		text = c.unacked[i].text
		c.unacked = slices.Delete(c.unacked, i, i+1)
	}
	c.mu.Unlock()
	if m.Name == "NAK" {
		c.user.report(Trouble, c.peer, "not delivered: "+text)
	}
}

// Send queues a message to the peer. An error means that it will not be sent;
// what becomes of it later is reported.
func (c *Chat) Send(text string) error {
	payload := msnp.PlainMessage(text).Payload()
	if len(payload) > msnp.MaxMessage {
		return fmt.Errorf("send to %s: %d bytes are more than the %d that a switchboard takes", c.peer, len(payload), msnp.MaxMessage)
	}
	c.mu.Lock()
	l := c.link
	if c.left || l == nil {
		c.mu.Unlock()
		return fmt.Errorf("send to %s: %w", c.peer, errSessionOver)
	}
	trid := l.nextTrID()
	c.unacked = append(c.unacked, sent{trid, text})
	c.mu.Unlock()
	command := msnp.Numbered("MSG", trid, "A").WithPayload(payload)
	if !l.submit(command) {
		c.doubt()
		return fmt.Errorf("send to %s: %w", c.peer, errSessionOver)
	}
	return nil
}

// Leave says OUT to the switchboard and waits for the end of the session. When
// ctx ends first, the session is dropped where it stands.
func (c *Chat) Leave(ctx context.Context) error {
	c.mu.Lock()
	c.left = true
	l := c.link
	c.mu.Unlock()
	defer c.forget()
	if l == nil {
		return nil
	}
	err := l.leave(ctx)
	if err != nil {
		l.drop() // nobody would end it any more
	}
	return err
}

func (c *Chat) forget() {
	c.user.mu.Lock()
	defer c.user.mu.Unlock()
	delete(c.user.chats, c)
}

// sessionOver tells the user what is in doubt and calls the peer anew if the
// session was lost.
func (c *Chat) sessionOver(l *link, end session.Cause) {
	c.mu.Lock()
	lost := !c.left && c.link == l && c.user.ctx.Err() == nil && end != session.OpenLost
	retry := lost && !c.again && end != session.ByServer
	c.again = c.again || retry
	c.mu.Unlock()
	c.doubt()
	switch {
	case !lost || end == session.ByServer: // what it said last was heard
		return
	case !retry:
		c.user.report(Trouble, c.peer, "the chat is over: "+string(end))
		return
	}
	c.user.report(Reopened, c.peer, "chat "+string(end))
	if err := c.call(c.user.ctx); err != nil && c.user.ctx.Err() == nil && !c.wasLeft() {
		c.user.report(Trouble, c.peer, "call again: "+err.Error())
	}
}

func (c *Chat) wasLeft() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.left
}

// doubt reports the messages of which nobody knows whether they arrived.
func (c *Chat) doubt() {
	c.mu.Lock()
	texts := c.unacked
	c.unacked = nil
	c.mu.Unlock()
	for _, s := range texts {
		c.user.report(Uncertain, c.peer, s.text)
	}
}

func (c *Chat) drop() {
	c.mu.Lock()
	l := c.link
	c.left = true
	c.mu.Unlock()
	if l != nil {
		l.drop()
	}
}
