package messenger

import (
	"slices"
	"strconv"
	"strings"

	"gauntlet/harness/msn/msnp"
)

// listEditing is the part of the dialogue that changes the user's lists: by ADD
// and REM up to MSNP9, ADC and REM up to MSNP12, ADL and RML from then on.
type listEditing struct{ *visitor }

// ADD n list email nick [group]
func (e *listEditing) add(c msnp.Command) {
	bit := listNames[c.Arg(1)]
	if other, code := e.addable(bit, c.Arg(2), true); code != 0 {
		e.refuse(c, code)
	} else {
		e.added(c, other, bit)
	}
}

// addable is whom email means, or why they cannot be put on a list. Whoever is
// there already can only where that is not new.
func (e *listEditing) addable(bit int, email string, isNew bool) (*account, msnp.Code) {
	other, bits := e.m.accounts[key(email)], e.account.bits(email)
	switch {
	case bit == 0 || email == "":
		return nil, msnp.InvalidParameter
	case other == nil:
		return nil, msnp.InvalidUser
	case isNew && bits&bit != 0:
		return nil, msnp.AlreadyThere
	case opposite(bits, bit):
		return nil, msnp.OppositeList
	case len(e.account.entries) >= entriesPerList:
		return nil, msnp.ListFull
	}
	return other, 0
}

// opposite reports whether bit contradicts the lists in bits: nobody is both
// allowed and blocked.
func opposite(bits, bit int) bool {
	return bit == allow && bits&block != 0 || bit == block && bits&allow != 0
}

func (e *listEditing) added(c msnp.Command, other *account, bit int) {
	e.account.list(other.email, bit)
	e.account.version++
	e.send(msnp.New("ADD", e.confirmed(c, 2)...))
	if bit == forward {
		e.befriended(c.Arg(0), other)
	}
}

// ADC n list N=email [F=nick], or ADC n FL C=id group, from MSNP10 to MSNP12.
// There are no groups here, so the second form changes nothing.
func (e *listEditing) addByID(c msnp.Command) {
	bit := listNames[c.Arg(1)]
	email, byName := strings.CutPrefix(c.Arg(2), "N=")
	if id, byID := strings.CutPrefix(c.Arg(2), "C="); byID {
		email = e.m.emailOf(id)
	}
	if other, code := e.addable(bit, email, byName); code != 0 {
		e.refuse(c, code)
	} else {
		e.addedByID(c, other, bit)
	}
}

func (e *listEditing) addedByID(c msnp.Command, other *account, bit int) {
	e.account.list(other.email, bit)
	e.account.version++
	args := []string{c.Arg(0), c.Arg(1), "N=" + other.email}
	if bit == forward {
		args = append(args, "F="+msnp.EncodeNick(other.nick), "C="+guid(other.email))
	}
	e.send(msnp.New("ADC", args...))
	if bit == forward {
		e.befriended(c.Arg(0), other)
	}
}

// befriended shows the new contact's presence, and tells the new contact.
func (e *listEditing) befriended(trid string, other *account) {
	e.m.tellListed(other, e.account)
	if e.account.status != "" && other.visible() && e.account.watches(other) {
		e.sendPresence(trid, other)
	}
}

// REM n list email [group]
func (e *listEditing) remove(c msnp.Command) {
	bit, email := listNames[c.Arg(1)], e.m.emailOf(c.Arg(2))
	switch {
	case bit == 0 || email == "":
		e.refuse(c, msnp.InvalidParameter)
	case e.account.bits(email)&bit == 0:
		e.refuse(c, msnp.NotOnList)
	default:
		e.account.unlist(email, bit)
		e.account.version++
		e.send(msnp.New("REM", e.confirmed(c, 2)...))
	}
}

// confirmed are c's parameters, up to MSNP9 with the lists' version put in at
// position i, which is how every change of the lists is confirmed.
func (v *visitor) confirmed(c msnp.Command, i int) []string {
	if v.protocol >= properties {
		return c.Args
	}
	return slices.Insert(slices.Clone(c.Args), i, strconv.Itoa(v.account.version))
}

// badListing is the error of ADL, RML and FQY.
const badListing msnp.Code = 241

// ADL n, and a listing: OK even where somebody is listed already, since at
// sign-in all are. Somebody who is unknown is an error after the rest.
func (e *listEditing) addListed(c msnp.Command) {
	all, err := readListing(c.Payload)
	if err != nil {
		e.log.Warn("refused", "user", e.user, "error", err)
		e.refuse(c, badListing)
		return
	}
	for _, l := range all {
		other := e.m.accounts[key(l.email)]
		if other == nil || len(e.account.entries) >= entriesPerList {
			e.refuse(c, msnp.InvalidUser)
			return
		}
		e.listAs(c.Arg(0), other, l.bits)
	}
	e.account.version++
	e.send(msnp.New("ADL", c.Arg(0), "OK"))
}

func (e *listEditing) listAs(trid string, other *account, bits int) {
	fresh := bits &^ e.account.bits(other.email)
	e.account.list(other.email, bits)
	if fresh&forward != 0 {
		e.befriended(trid, other)
	}
}

// RML n, and a listing
func (e *listEditing) removeListed(c msnp.Command) {
	all, err := readListing(c.Payload)
	if err != nil {
		e.log.Warn("refused", "user", e.user, "error", err)
		e.refuse(c, badListing)
		return
	}
	for _, l := range all {
		e.account.unlist(l.email, l.bits)
	}
	e.account.version++
	e.send(msnp.New("RML", c.Arg(0), "OK"))
}

// FQY n, and a listing: on which networks those are; all that we know are on
// Messenger's own.
func (e *listEditing) findNetworks(c msnp.Command) {
	all, err := readListing(c.Payload)
	if err != nil {
		e.refuse(c, badListing)
		return
	}
	strangers := func(l listed) bool { return e.m.accounts[key(l.email)] == nil }
	e.send(msnp.New("FQY", c.Arg(0)).WithPayload(writeNetworks(slices.DeleteFunc(all, strangers))))
}
