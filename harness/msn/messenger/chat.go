package messenger

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strconv"
	"time"

	"gauntlet/harness/judge/history"
	"gauntlet/harness/msn/msnp"
)

// chat is a switchboard session: its members hear each other.
type chat struct {
	m       *Messenger
	id      string // as RNG and CAL name it
	members []member
}

// member is one user's place in a chat: a client's connection, or a scripted
// contact. Called with the mutex held.
type member interface {
	who() *account
	send(c msnp.Command)
}

func newChat(m *Messenger) *chat {
	return &chat{m: m, id: strconv.Itoa(10000000 + int(m.random.Uint32N(90000000)))}
}

func (c *chat) has(a *account) bool {
	return slices.ContainsFunc(c.members, func(o member) bool { return o.who() == a })
}

// join adds a member and tells the others.
func (c *chat) join(who member) {
	for _, o := range c.members {
		o.send(msnp.New("JOI", who.who().email, msnp.EncodeNick(who.who().nick)))
	}
	c.members = append(c.members, who)
}

// leave removes a member and tells the others; a stranger is ignored.
func (c *chat) leave(who member) {
	i := slices.Index(c.members, who)
	if i < 0 {
		return
	}
	c.members = slices.Delete(c.members, i, i+1)
	for _, o := range c.members {
		o.send(msnp.New("BYE", who.who().email))
	}
}

// call rings somebody up to join; code 0 means that it rings.
func (c *chat) call(caller *account, email string) msnp.Code {
	callee := c.m.accounts[key(email)]
	switch {
	case !plausible(email):
		return msnp.InvalidUserName
	case callee == nil || callee.online == nil || !callee.visible():
		return msnp.UserOffline
	case callee.bits(caller.email)&block != 0:
		return msnp.UserOffline // who is blocked isn't told
	case c.has(callee):
		return msnp.AlreadyThere
	case len(c.members) >= membersPerChat:
		return msnp.CallingTooFast
	}
	return c.ring(caller, callee)
}

func (c *chat) ring(caller, callee *account) msnp.Code {
	ticket, ok := c.m.tickets.issue(callee, c)
	if !ok {
		return msnp.CallingTooFast
	}
	callee.online.send(msnp.New("RNG", c.id, c.m.options.Switchboard, "CKI", ticket, caller.email, msnp.EncodeNick(caller.nick)))
	return 0
}

// relay gives a message to every other member, and tells how many there were.
func (c *chat) relay(from member, payload []byte) (receivers int) {
	sender := from.who()
	message, err := msnp.ParseMessage(payload)
	line := msnp.New("MSG", sender.email, msnp.EncodeNick(sender.nick)).WithPayload(payload)
	for _, o := range c.members {
		if o == from {
			continue
		}
		receivers++
		if err == nil && message.IsText() {
			c.m.observe(history.Event{Kind: history.Relayed, User: sender.email, ID: o.who().email, Text: message.Text})
		}
		o.send(line)
	}
	return receivers
}

// ticket lets one user into the switchboard, once, for two minutes: into a new
// chat, or into the one to which the user was called.
type ticket struct {
	user    *account
	chat    *chat // nil = a new one
	expires time.Time
}

// tickets are those that are unspent, by name.
type tickets struct {
	random *rand.Rand
	held   map[string]*ticket
}

// issue makes a ticket; false means that the user has too many.
func (t *tickets) issue(a *account, into *chat) (string, bool) {
	now, own := time.Now(), 0
	for name, one := range t.held {
		if !now.Before(one.expires) {
			delete(t.held, name)
		} else if one.user == a {
			own++
		}
	}
	if own >= ticketsPerUser {
		return "", false
	}
	name := fmt.Sprintf("%d.%d.%d", 10000000+t.random.Uint32N(90000000), now.Unix(), t.random.Uint32N(100000))
	t.held[name] = &ticket{user: a, chat: into, expires: now.Add(ticketLife)}
	return name, true
}

// redeem spends a ticket. It must be user's, unexpired, and for a new chat or
// for the one numbered session; a wrong one is nil and stays unspent.
func (t *tickets) redeem(user, name, session string) *ticket {
	one := t.held[name]
	switch {
	case one == nil || key(one.user.email) != key(user) || !time.Now().Before(one.expires):
		return nil
	case session == "" && one.chat != nil, session != "" && (one.chat == nil || one.chat.id != session):
		return nil
	}
	delete(t.held, name)
	return one
}
