package messenger

import (
	"crypto/sha1"
	"fmt"
	"slices"
	"strings"

	"gauntlet/harness/judge/history"
	"gauntlet/harness/msn/msnp"
)

// directory is who there is: the accounts, where each is signed in, and who
// hears of whom.
type directory struct {
	*monitor
	accounts map[string]*account // by lower-case email
	order    []*account          // the same, as they came: the order of broadcasts
}

func key(email string) string { return strings.ToLower(email) }

// register adds an account, or completes the one of that email.
func (d *directory) register(a Account) *account {
	known := d.accounts[key(a.Email)]
	if known == nil {
		known = &account{lists: lists{version: 1}}
		d.accounts[key(a.Email)] = known
		d.order = append(d.order, known)
	}
	known.email, known.password = a.Email, a.Password
	known.nick = or(a.Nick, a.Email)
	for _, c := range a.Contacts {
		known.list(c, forward|allow)
	}
	return known
}

// signIn puts a on o, taking it from where it was; its presence is announced
// later, by CHG.
func (d *directory) signIn(a *account, o online) {
	if old := a.online; old != nil {
		d.signOut(a, "replaced")
		old.evict(msnp.New("OUT", "OTH"))
	}
	a.online, a.status, a.clientID, a.picture, a.personal = o, "", "", "", nil
	d.observe(history.Event{Kind: history.SignedIn, User: a.email})
}

// signOut takes a from where it is and tells its watchers. Text is one of OUT,
// lost, too slow, garbage, replaced, challenge, shutdown.
func (d *directory) signOut(a *account, text string) {
	seen := a.visible()
	a.online, a.status = nil, ""
	d.observe(history.Event{Kind: history.SignedOut, User: a.email, Text: text})
	if seen {
		d.tellWatchers(a, a.absence)
	}
}

// tellWatchers tells everybody who is signed in, has announced a presence, and
// may see a, in the words of each one's version.
func (d *directory) tellWatchers(a *account, words func(version int) []msnp.Command) {
	for _, w := range d.order {
		if w.online != nil && w.status != "" && w.watches(a) {
			for _, c := range words(w.online.speaks()) {
				w.online.send(c)
			}
		}
	}
}

// guid is a contact's id from MSNP10 on, always the same for one address.
func guid(email string) string {
	h := sha1.Sum([]byte(key(email)))
	return fmt.Sprintf("%x-%x-%x-%x-%x", h[0:4], h[4:6], h[6:8], h[8:10], h[10:16])
}

// emailOf is the address that a parameter means: an address itself, or the id
// of somebody whom we know; empty if it is neither.
func (d *directory) emailOf(parameter string) string {
	if strings.Contains(parameter, "@") {
		return parameter
	}
	for _, a := range d.order {
		if strings.EqualFold(guid(a.email), parameter) {
			return a.email
		}
	}
	return ""
}

// tellListed tells a user that somebody has listed them, in the words of their
// version; later ones ask for it by SOAP.
func (d *directory) tellListed(a, by *account) {
	if a.online == nil {
		return
	}
	switch v := a.online.speaks(); {
	case v < properties:
		a.online.send(msnp.New("ADD", "0", "RL", fmt.Sprint(a.version), by.email, msnp.EncodeNick(by.nick)))
	case v < soapLists:
		a.online.send(msnp.New("ADC", "0", "RL", "N="+by.email, "F="+msnp.EncodeNick(by.nick)))
	}
}

// roster is all that SYN shows of a's lists: a's own entries in their order,
// then those who have a on theirs.
func (d *directory) roster(a *account) []entry {
	all := slices.Clone(a.entries)
	for _, other := range d.order {
		if other.bits(a.email)&forward == 0 {
			continue
		}
		if i := a.find(other.email); i >= 0 {
			all[i].bits |= reverse
		} else {
			all = append(all, entry{other.email, reverse})
		}
	}
	return all
}

// nickOf is the nickname of email as a parameter.
func (d *directory) nickOf(email string) string {
	if a := d.accounts[key(email)]; a != nil {
		return msnp.EncodeNick(a.nick)
	}
	return msnp.EncodeNick(email)
}

// announce changes a's status and tells the watchers.
func (d *directory) announce(a *account, status, clientID string) {
	seen := a.visible()
	a.status, a.clientID = status, clientID
	switch {
	case a.visible():
		d.tellWatchers(a, a.presence)
	case seen:
		d.tellWatchers(a, a.absence)
	}
}

// What the login and contact services ask.

// Login issues a ticket. The login endpoints of MSNP clients use it; the
// clients then sign in with it. The error is errCredentials.
func (m *Messenger) Login(email, password string) (Passport, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	a := m.accounts[key(email)]
	if a == nil || a.password != "" && a.password != password {
		return Passport{}, errCredentials
	}
	return m.passports.issue(a), nil
}

// Holder is the email of the account that a ticket was issued to, bare or as a
// contact service is shown it (t=value&p=…); false if it is not good.
func (m *Messenger) Holder(ticket string) (email string, ok bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	p, known := m.passports[ticketValue(ticket)]
	if !known || !p.good() {
		return "", false
	}
	return p.account.email, true
}

// Listed is one other user on somebody's lists, as the contact services of
// later clients show it.
type Listed struct {
	ID, Email, Nick                 string
	Forward, Allow, Block, Reversed bool
}

// Person is what there is to know of an account.
type Person struct {
	ID, Email, Nick string
	Lists           []Listed
}

// Person tells of an account; false if there is none.
func (m *Messenger) Person(email string) (Person, bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	a := m.accounts[key(email)]
	if a == nil {
		return Person{}, false
	}
	p := Person{ID: guid(a.email), Email: a.email, Nick: a.nick}
	for _, e := range m.roster(a) {
		l := Listed{
			ID: guid(e.email), Email: e.email, Nick: e.email,
			Forward: e.bits&forward != 0, Allow: e.bits&allow != 0, Block: e.bits&block != 0, Reversed: e.bits&reverse != 0,
		}
		if other := m.accounts[key(e.email)]; other != nil {
			l.Nick = other.nick
		}
		p.Lists = append(p.Lists, l)
	}
	return p, true
}

// Rename gives an account another nickname, and tells whoever watches it. An
// account that there is not keeps none.
func (m *Messenger) Rename(email, nick string) {
	m.do(func() {
		a := m.accounts[key(email)]
		if a == nil {
			return
		}
		a.nick = nick
		if a.visible() {
			m.tellWatchers(a, a.presence)
		}
	})
}
