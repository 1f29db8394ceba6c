package messenger

import (
	"fmt"
	"time"

	"gauntlet/harness/msn/msnp"
)

// ticket lets one user into the switchboard, once, for two minutes: into a new
// chat, or into the one to which the user was called.
type ticket struct {
	user    *account
	chat    *chat // nil = a new one
	expires time.Time
}

// XFR n SB: a ticket for a new chat. A user who hasn't announced a presence,
// or hides, may have none.
func (n *notification) transfer(c msnp.Command) {
	if c.Arg(1) != "SB" {
		n.refuse(c, msnp.InvalidParameter)
		return
	}
	if !n.account.visible() {
		n.refuse(c, msnp.NotAllowedHidden)
		return
	}
	t, ok := n.m.issue(n.account, nil)
	if !ok {
		n.refuse(c, msnp.ChangingTooFast)
		return
	}
	n.send(msnp.New("XFR", c.Arg(0), "SB", n.m.options.Switchboard, "CKI", t))
}

// issue makes a ticket; false means that the user has too many.
func (m *Messenger) issue(a *account, into *chat) (string, bool) {
	now, held := time.Now(), 0
	for name, t := range m.tickets {
		if !now.Before(t.expires) {
			delete(m.tickets, name)
		} else if t.user == a {
			held++
		}
	}
	if held >= ticketsPerUser {
		return "", false
	}
	name := fmt.Sprintf("%d.%d.%d", 10000000+m.random.Uint32N(90000000), now.Unix(), m.random.Uint32N(100000))
	m.tickets[name] = &ticket{user: a, chat: into, expires: now.Add(ticketLife)}
	return name, true
}

// redeem spends a ticket. It must be user's, unexpired, and for a new chat or
// for the one numbered session; a wrong one is nil and stays unspent.
func (m *Messenger) redeem(user, name, session string) *ticket {
	t := m.tickets[name]
	switch {
	case t == nil || key(t.user.email) != key(user) || !time.Now().Before(t.expires):
		return nil
	case session == "" && t.chat != nil, session != "" && (t.chat == nil || t.chat.id != session):
		return nil
	}
	delete(m.tickets, name)
	return t
}
