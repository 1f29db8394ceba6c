package messenger

import (
	"slices"

	"gauntlet/harness/msn/msnp"
)

// account is a user as the servers know one. Guarded by the mutex.
type account struct {
	email    string
	nick     string
	password string
	lists
	online   online // where the user is signed in; nil = nowhere
	status   string // NLN, BSY …; "" = signed out or not yet announced
	clientID string // as the client gave it with CHG; may be ""
	picture  string // likewise, the description of a picture
	personal []byte // the personal message, as XML; nil = none
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

func (a *account) visible() bool { return a.status != "" && a.status != "HDN" }

// watches reports whether w has a on the forward list and isn't blocked by a.
func (w *account) watches(a *account) bool {
	return w.bits(a.email)&forward != 0 && a.bits(w.email)&block == 0
}

// The lists on which a user keeps others, as the bits that LST shows. The
// reverse list isn't kept: it is who has the user on the forward list.
const (
	forward = 1 << iota
	allow
	block
	reverse
)

var listNames = map[string]int{"FL": forward, "AL": allow, "BL": block}

// entry is one other user on one's lists.
type entry struct {
	email string
	bits  int
}

// lists are all that one user keeps of others.
type lists struct {
	entries []entry
	version int // grows with each change
}

func (l *lists) find(email string) int {
	return slices.IndexFunc(l.entries, func(e entry) bool { return key(e.email) == key(email) })
}

func (l *lists) bits(email string) int {
	if i := l.find(email); i >= 0 {
		return l.entries[i].bits
	}
	return 0
}

// list puts email on the lists in bits.
func (l *lists) list(email string, bits int) {
	if i := l.find(email); i >= 0 {
		l.entries[i].bits |= bits
		return
	}
	l.entries = append(l.entries, entry{email, bits})
}

// unlist takes email from the lists in bits.
func (l *lists) unlist(email string, bits int) {
	i := l.find(email)
	if i < 0 {
		return
	}
	if l.entries[i].bits &^= bits; l.entries[i].bits == 0 {
		l.entries = slices.Delete(l.entries, i, i+1)
	}
}
