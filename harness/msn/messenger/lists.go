package messenger

import (
	"slices"
	"strconv"

	"gauntlet/harness/msn/msnp"
)

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

func (a *account) find(email string) int {
	return slices.IndexFunc(a.entries, func(e entry) bool { return key(e.email) == key(email) })
}

func (a *account) bits(email string) int {
	if i := a.find(email); i >= 0 {
		return a.entries[i].bits
	}
	return 0
}

// list puts email on the lists in bits.
func (a *account) list(email string, bits int) {
	if i := a.find(email); i >= 0 {
		a.entries[i].bits |= bits
		return
	}
	a.entries = append(a.entries, entry{email, bits})
}

// unlist takes email from the lists in bits.
func (a *account) unlist(email string, bits int) {
	i := a.find(email)
	if i < 0 {
		return
	}
	if a.entries[i].bits &^= bits; a.entries[i].bits == 0 {
		a.entries = slices.Delete(a.entries, i, i+1)
	}
}

// roster is all that SYN shows of a's lists: a's own entries in their order,
// then those who have a on theirs.
func (m *Messenger) roster(a *account) []entry {
	all := slices.Clone(a.entries)
	for _, other := range m.order {
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
func (m *Messenger) nickOf(email string) string {
	if a := m.accounts[key(email)]; a != nil {
		return msnp.EncodeNick(a.nick)
	}
	return msnp.EncodeNick(email)
}

// ADD n list email nick [group]
func (n *notification) add(c msnp.Command) {
	bit := listNames[c.Arg(1)]
	if other, code := n.addable(bit, c.Arg(2), true); code != 0 {
		n.refuse(c, code)
	} else {
		n.added(c, other, bit)
	}
}

// addable is whom email means, or why they cannot be put on a list. Whoever is
// there already can only where that is not new.
func (n *notification) addable(bit int, email string, isNew bool) (*account, msnp.Code) {
	other, bits := n.m.accounts[key(email)], n.account.bits(email)
	switch {
	case bit == 0 || email == "":
		return nil, msnp.InvalidParameter
	case other == nil:
		return nil, msnp.InvalidUser
	case isNew && bits&bit != 0:
		return nil, msnp.AlreadyThere
	case opposite(bits, bit):
		return nil, msnp.OppositeList
	case len(n.account.entries) >= entriesPerList:
		return nil, msnp.ListFull
	}
	return other, 0
}

// opposite tells whether bit contradicts the lists in bits: nobody is both
// allowed and blocked.
func opposite(bits, bit int) bool {
	return bit == allow && bits&block != 0 || bit == block && bits&allow != 0
}

func (n *notification) added(c msnp.Command, other *account, bit int) {
	n.account.list(other.email, bit)
	n.account.version++
	n.send(msnp.New("ADD", n.confirmed(c, 2)...))
	if bit == forward {
		n.befriended(c.Arg(0), other)
	}
}

// befriended shows the new contact's presence, and tells the new contact.
func (n *notification) befriended(trid string, other *account) {
	n.m.tellListed(other, n.account)
	if n.account.status != "" && other.visible() && n.account.watches(other) {
		n.sendPresence(trid, other)
	}
}

// REM n list email [group]
func (n *notification) remove(c msnp.Command) {
	bit, email := listNames[c.Arg(1)], n.m.emailOf(c.Arg(2))
	switch {
	case bit == 0 || email == "":
		n.refuse(c, msnp.InvalidParameter)
	case n.account.bits(email)&bit == 0:
		n.refuse(c, msnp.NotOnList)
	default:
		n.account.unlist(email, bit)
		n.account.version++
		n.send(msnp.New("REM", n.confirmed(c, 2)...))
	}
}

// confirmed are c's parameters, up to MSNP9 with the lists' version put in at
// position i, which is how every change of the lists is confirmed.
func (n *notification) confirmed(c msnp.Command, i int) []string {
	if n.protocol >= properties {
		return c.Args
	}
	return slices.Insert(slices.Clone(c.Args), i, strconv.Itoa(n.account.version))
}
