package messenger

import (
	"encoding/base64"
	"regexp"

	"gauntlet/harness/judge/history"
	"gauntlet/harness/msn/msnp"
)

// nonceBytes are as many as make a nonce of 64 characters: clients pad it by
// eight and encrypt it in blocks of eight.
const nonceBytes = 48

// challengeToSign sends what an SSO client has to make its proof of.
func (n *notification) challengeToSign(c msnp.Command) {
	raw := make([]byte, nonceBytes)
	for i := range raw {
		raw[i] = byte(n.m.random.Uint32())
	}
	n.nonce = base64.StdEncoding.EncodeToString(raw)
	n.send(msnp.New("USR", c.Arg(0), "SSO", "S", "MBI_KEY_OLD", n.nonce))
}

// place is how MSNP16 and later name where a user is. The official client puts
// it in braces, libpurple does not.
var place = regexp.MustCompile(`^(\{[0-9A-Fa-f]{8}(-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}\}|[0-9A-Fa-f]{8}(-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12})$`)

// USR n SSO S ticket proof [place]. A ticket of our own login service has a
// secret, and the proof must fit; one that is the account's password, as in
// tests without that service, has none, and needs no proof.
func (n *notification) proven(c msnp.Command) {
	ticket := c.Arg(3)
	a := n.m.accounts[key(n.claimed)]
	if a == nil || !n.m.admits(a, ticket) {
		n.turnAway(c, "no such account or a wrong ticket")
		return
	}
	if p, ours := n.m.passports[ticketValue(ticket)]; ours {
		if err := msnp.CheckProof(p.Secret, n.nonce, c.Arg(4)); err != nil {
			n.turnAway(c, err.Error())
			return
		}
	}
	if where := c.Arg(5); n.protocol >= endpoints && where != "" && !place.MatchString(where) {
		n.turnAway(c, "not the name of a place: "+where)
		return
	}
	n.welcome(c, a)
}

func (n *notification) turnAway(c msnp.Command, why string) {
	n.log.Warn("sign-in refused", "user", n.claimed, "why", why)
	n.observe(history.Event{Kind: history.SignInRefused, Text: why})
	n.refuse(c, msnp.AuthFailed)
	n.end()
}
