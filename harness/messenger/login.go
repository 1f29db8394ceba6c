package messenger

import (
	"fmt"
	"slices"
	"strings"

	"gauntlet/harness/msnp"
)

// VER n protocols… [CVR0]: of what the client offers, in its order, the server
// names what it has too; without MSNP8 that is 0, and the end.
func (n *notification) version(c msnp.Command) {
	if n.stage != fresh {
		n.refuse(c, msnp.NotExpected)
		return
	}
	args := []string{c.Arg(0)}
	if !slices.Contains(c.Args[1:], "MSNP8") {
		n.send(msnp.New("VER", append(args, "0")...))
		n.end()
		return
	}
	for _, offer := range c.Args[1:] {
		if (offer == "MSNP8" || offer == "CVR0") && !slices.Contains(args, offer) {
			args = append(args, offer)
		}
	}
	n.stage = versioned
	n.send(msnp.New("VER", args...))
}

// CVR n locale os version arch library version name email: the answer
// recommends the client's own version. The addresses in it lead nowhere.
func (n *notification) client(c msnp.Command) {
	v := or(c.Arg(6), "5.0.0544")
	n.send(msnp.New("CVR", c.Arg(0), v, v, v, "http://download.invalid/client", "http://download.invalid/info"))
}

// USR n TWN I email, then USR n TWN S ticket.
func (n *notification) authenticate(c msnp.Command) {
	method, value := strings.Join(c.Args[1:min(3, len(c.Args))], " "), c.Arg(3)
	switch {
	case n.stage == signedIn:
		n.refuse(c, msnp.AlreadySignedIn)
	case value == "":
		n.refuse(c, msnp.InvalidParameter)
		n.end()
	case n.stage == versioned && method == "TWN I":
		n.named(c, value)
	case n.stage == named && method == "TWN S":
		n.ticket(c, strings.Join(c.Args[3:], " "))
	default:
		n.misplaced(c, true)
	}
}

// named accepts any email: whether it exists is told with the ticket.
func (n *notification) named(c msnp.Command, email string) {
	n.stage, n.claimed, n.user = named, email, email
	n.send(msnp.New("USR", c.Arg(0), "TWN", "S", n.m.passportPolicy()))
}

// passportPolicy is what a client takes to Passport to get a ticket. No part
// of it means anything here but to look as usual.
func (m *Messenger) passportPolicy() string {
	return fmt.Sprintf("lc=1033,id=507,tw=40,fs=1,ru=http%%3A%%2F%%2Fmessenger%%2Emsn%%2Ecom,ct=%d,kpp=1,kv=5,ver=2.1.0173.1,tpf=%016x%016x",
		1062764229, m.random.Uint64(), m.random.Uint64())
}

func (n *notification) ticket(c msnp.Command, ticket string) {
	a := n.m.accounts[key(n.claimed)]
	if a == nil || !a.admits(ticket) {
		n.log.Warn("sign-in refused", "user", n.claimed, "account", a != nil)
		n.refuse(c, msnp.AuthFailed)
		n.end()
		return
	}
	n.stage, n.account, n.user = signedIn, a, a.email
	n.m.signIn(a, n)
	n.send(msnp.New("USR", c.Arg(0), "OK", a.email, msnp.EncodeNick(a.nick), "1", "0"))
	n.send(n.profile())
}

// admits tells whether a ticket, "t=value&p=…", is good for a.
func (a *account) admits(ticket string) bool {
	t, found := strings.CutPrefix(ticket, "t=")
	t, _, _ = strings.Cut(t, "&")
	return found && (a.password == "" || t == a.password || msnp.DecodeNick(t) == a.password)
}
