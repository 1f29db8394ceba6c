package messenger

import (
	"slices"

	"gauntlet/harness/msn/msnp"
)

// statuses are what a user can announce. FLN is not among them: one signs out
// by OUT.
var statuses = map[string]bool{
	"NLN": true, "BSY": true, "IDL": true, "BRB": true,
	"AWY": true, "PHN": true, "LUN": true, "HDN": true,
}

// CHG n status [client id [picture]]
func (n *notification) change(c msnp.Command) {
	if !statuses[c.Arg(1)] {
		n.refuse(c, msnp.InvalidParameter)
		return
	}
	first := n.account.status == ""
	n.send(msnp.New("CHG", c.Args...))
	n.account.picture = c.Arg(3)
	n.m.announce(n.account, c.Arg(1), c.Arg(2))
	if first {
		n.sendPresences(c.Arg(0))
		n.beginChallenges()
	}
}

// announce changes a's status and tells the watchers.
func (m *Messenger) announce(a *account, status, clientID string) {
	seen := a.visible()
	a.status, a.clientID = status, clientID
	switch {
	case a.visible():
		m.tellWatchers(a, a.presence)
	case seen:
		m.tellWatchers(a, a.absence)
	}
}

// sendPresences tells which contacts are there already.
func (n *notification) sendPresences(trid string) {
	for _, e := range n.account.entries {
		other := n.m.accounts[key(e.email)]
		if other != nil && other.visible() && n.account.watches(other) {
			n.sendPresence(trid, other)
		}
	}
}

// sendPresence tells of one contact who is there already.
func (n *notification) sendPresence(trid string, other *account) {
	n.send(other.seen(n.protocol, "ILN", trid))
	n.sendPersonal(other)
}

// presence is what a's watchers are told when a comes or changes.
func (a *account) presence(version int) []msnp.Command {
	return slices.Concat([]msnp.Command{a.seen(version, "NLN")}, a.message(version))
}

// seen is a's presence: verb NLN without, ILN with a number. From MSNP14 on
// the network stands behind the address; some clients of MSNP18 ignore the
// other form that Messenger used then, 1:address.
func (a *account) seen(version int, verb string, trid ...string) msnp.Command {
	args := slices.Concat(trid, []string{a.status, a.email})
	if version >= networks {
		args = append(args, live)
	}
	args = append(args, msnp.EncodeNick(a.nick))
	return msnp.New(verb, append(args, a.abilities(version)...)...)
}

// abilities are the numbers by which a client says what it can do, and its
// picture. Up to MSNP8 they are told only if there are any; later they have to
// be there.
func (a *account) abilities(version int) []string {
	id := a.clientID
	switch {
	case version <= oldest && id == "":
		return nil
	case version <= oldest:
		return []string{id}
	case version >= endpoints:
		id = twoParts(id)
	default:
		id = onePart(id)
	}
	if a.picture != "" && a.picture != "0" {
		return []string{id, a.picture}
	}
	return []string{id}
}

// absence is what a's watchers are told when a goes.
func (a *account) absence(version int) []msnp.Command {
	switch {
	case version >= endpoints:
		return []msnp.Command{msnp.New("FLN", a.email, live, "0:0")}
	case version >= soapLists:
		return []msnp.Command{msnp.New("FLN", a.email, live)}
	}
	return []msnp.Command{msnp.New("FLN", a.email)}
}
