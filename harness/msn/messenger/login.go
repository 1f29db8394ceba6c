package messenger

import (
	"fmt"
	"strings"
	"time"

	"gauntlet/harness/msn/msnp"
)

// CVR n locale os version arch library version name email: the answer
// recommends the client's own version. The addresses in it lead nowhere.
func (n *notification) client(c msnp.Command) {
	v := or(c.Arg(6), "5.0.0544")
	n.send(msnp.New("CVR", c.Arg(0), v, v, v, "http://download.invalid/client", "http://download.invalid/info"))
}

// USR n TWN I email, then USR n TWN S ticket; from MSNP15 on, SSO instead of
// TWN.
func (n *notification) authenticate(c msnp.Command) {
	method, value := strings.Join(c.Args[1:min(3, len(c.Args))], " "), c.Arg(3)
	first, second := "TWN I", "TWN S"
	if n.protocol >= singleSignOn {
		first, second = "SSO I", "SSO S"
	}
	switch {
	case n.stage == signedIn:
		n.refuse(c, msnp.AlreadySignedIn)
	case value == "":
		n.refuse(c, msnp.InvalidParameter)
		n.end()
	case n.stage == versioned && method == first:
		n.named(c, value)
	case n.stage == named && method == second && n.protocol >= singleSignOn:
		n.proven(c)
	case n.stage == named && method == second:
		n.ticket(c, strings.Join(c.Args[3:], " "))
	default:
		n.misplaced(c, true)
	}
}

// named accepts any email: whether it exists is told with the ticket.
func (n *notification) named(c msnp.Command, email string) {
	n.stage, n.claimed, n.user = named, email, email
	if n.protocol >= singleSignOn {
		n.challengeToSign(c)
		return
	}
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
	if a == nil || !n.m.admits(a, ticket) {
		n.turnAway(c, "no such account or a wrong ticket")
		return
	}
	n.welcome(c, a)
}

// welcome signs a in. The nickname is told here up to MSNP9, later with the
// lists or by SOAP.
func (n *notification) welcome(c msnp.Command, a *account) {
	n.stage, n.account, n.user = signedIn, a, a.email
	n.m.signIn(a, n)
	args := []string{c.Arg(0), "OK", a.email}
	if n.protocol < properties {
		args = append(args, msnp.EncodeNick(a.nick))
	}
	n.send(msnp.New("USR", append(args, "1", "0")...))
	if n.protocol >= personal {
		n.send(msnp.New("SBS", "0", "null"))
	}
	n.send(n.profile())
}

// ticketValue is what stands behind t= in "t=value&p=…".
func ticketValue(ticket string) string {
	t, _, _ := strings.Cut(strings.TrimPrefix(ticket, "t="), "&")
	return t
}

// admits tells whether a ticket is good for a: one that Login has issued to a
// or, where the login service is not played, a's password itself.
func (m *Messenger) admits(a *account, ticket string) bool {
	if !strings.HasPrefix(ticket, "t=") {
		return false
	}
	t := ticketValue(ticket)
	if p, issued := m.passports[t]; issued {
		return p.account == a && time.Now().Before(p.expires)
	}
	return a.password == "" || t == a.password || msnp.DecodeNick(t) == a.password
}
