package messenger

import "gauntlet/harness/msnp"

// statuses are what a user can announce. FLN is not among them: one signs out
// by OUT.
var statuses = map[string]bool{
	"NLN": true, "BSY": true, "IDL": true, "BRB": true,
	"AWY": true, "PHN": true, "LUN": true, "HDN": true,
}

// CHG n status [client id]
func (n *notification) change(c msnp.Command) {
	if !statuses[c.Arg(1)] {
		n.refuse(c, msnp.InvalidParameter)
		return
	}
	first := n.account.status == ""
	n.send(msnp.New("CHG", c.Args...))
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
		m.tellWatchers(a, a.presence("NLN"))
	case seen:
		m.tellWatchers(a, msnp.New("FLN", a.email))
	}
}

// sendPresences tells which contacts are there already.
func (n *notification) sendPresences(trid string) {
	for _, e := range n.account.entries {
		other := n.m.accounts[key(e.email)]
		if other != nil && other.visible() && n.account.watches(other) {
			n.send(other.presence("ILN", trid))
		}
	}
}
