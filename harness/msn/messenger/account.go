package messenger

import (
	"strings"

	"gauntlet/harness/judge/history"
	"gauntlet/harness/msn/msnp"
)

// account is a user as the servers know one. Guarded by the mutex.
type account struct {
	email    string
	nick     string
	password string
	entries  []entry // the user's lists
	version  int     // of the lists; grows with each change
	online   online  // where the user is signed in; nil = nowhere
	status   string  // NLN, BSY …; "" = signed out or not yet announced
	clientID string  // as the client gave it with CHG; may be ""
	picture  string  // likewise, the description of a picture
	personal []byte  // the personal message, as XML; nil = none
}

// online is what an account is signed in on: a client's connection or a
// scripted contact. Called with the mutex held.
type online interface {
	send(c msnp.Command)
	// speaks is the version of MSNP in which it wants to be told things.
	speaks() int
	// evict ends it without signing the account out.
	evict(last msnp.Command)
}

func key(email string) string { return strings.ToLower(email) }

// register adds an account, or completes the one of that email.
func (m *Messenger) register(a Account) *account {
	known := m.accounts[key(a.Email)]
	if known == nil {
		known = &account{version: 1}
		m.accounts[key(a.Email)] = known
		m.order = append(m.order, known)
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
func (m *Messenger) signIn(a *account, o online) {
	if old := a.online; old != nil {
		m.signOut(a, "replaced")
		old.evict(msnp.New("OUT", "OTH"))
	}
	a.online, a.status, a.clientID, a.picture, a.personal = o, "", "", "", nil
	m.observe(history.Event{Kind: history.SignedIn, User: a.email})
}

// signOut takes a from where it is and tells its watchers. Text is one of OUT,
// lost, too slow, garbage, replaced, challenge, shutdown.
func (m *Messenger) signOut(a *account, text string) {
	seen := a.visible()
	a.online, a.status = nil, ""
	m.observe(history.Event{Kind: history.SignedOut, User: a.email, Text: text})
	if seen {
		m.tellWatchers(a, a.absence)
	}
}

func (a *account) visible() bool { return a.status != "" && a.status != "HDN" }

// tellWatchers tells everybody who is signed in, has announced a presence, and
// may see a, in the words of each one's version.
func (m *Messenger) tellWatchers(a *account, words func(version int) []msnp.Command) {
	for _, w := range m.order {
		if w.online != nil && w.status != "" && w.watches(a) {
			for _, c := range words(w.online.speaks()) {
				w.online.send(c)
			}
		}
	}
}

// watches tells whether w has a on the forward list and isn't blocked by a.
func (w *account) watches(a *account) bool {
	return w.bits(a.email)&forward != 0 && a.bits(w.email)&block == 0
}
