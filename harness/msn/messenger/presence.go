package messenger

import (
	"bytes"
	"slices"
	"strings"

	"gauntlet/harness/msn/msnp"
)

// statuses are what a user can announce. FLN is not among them: one signs out
// by OUT.
var statuses = map[string]bool{
	"NLN": true, "BSY": true, "IDL": true, "BRB": true,
	"AWY": true, "PHN": true, "LUN": true, "HDN": true,
}

// presence is the part of the dialogue about who is there: the user itself,
// and those on its lists.
type presence struct {
	*visitor
	trial *trial // begins with the first presence
}

// CHG n status [client id [picture]]
func (p *presence) change(c msnp.Command) {
	if !statuses[c.Arg(1)] {
		p.refuse(c, msnp.InvalidParameter)
		return
	}
	first := p.account.status == ""
	p.send(msnp.New("CHG", c.Args...))
	p.account.picture = c.Arg(3)
	p.m.announce(p.account, c.Arg(1), c.Arg(2))
	if first {
		p.sendPresences(c.Arg(0))
		p.trial.begin()
	}
}

// sendPresences tells which contacts are there already.
func (p *presence) sendPresences(trid string) {
	for _, e := range p.account.entries {
		other := p.m.accounts[key(e.email)]
		if other != nil && other.visible() && p.account.watches(other) {
			p.sendPresence(trid, other)
		}
	}
}

// sendPresence tells of one contact who is there already.
func (v *visitor) sendPresence(trid string, other *account) {
	v.send(other.seen(v.protocol, "ILN", trid))
	v.sendPersonal(other)
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

// onePart and twoParts are a client's abilities as versions before and from
// MSNP16 on write them.
func onePart(id string) string {
	one, _, _ := strings.Cut(id, ":")
	return or(one, "0")
}

func twoParts(id string) string {
	if strings.Contains(id, ":") {
		return id
	}
	return or(id, "0") + ":0"
}

// UUX n, and XML: what the user says of itself besides the presence. Data goes
// to the watchers as it is; what clients of MSNP16 and later say of the place
// where they are is the servers' affair.
func (p *presence) personal(c msnp.Command) {
	p.send(msnp.New("UUX", c.Arg(0)).WithPayload(nil))
	if text := bytes.TrimSpace(c.Payload); len(text) > 0 && !bytes.HasPrefix(text, []byte("<Data")) {
		return
	}
	p.account.personal = c.Payload
	if p.account.visible() {
		p.m.tellWatchers(p.account, p.account.message)
	}
}

// message is a's personal message in a version's words; none before MSNP11.
func (a *account) message(version int) []msnp.Command {
	switch {
	case version < personal || len(a.personal) == 0:
		return nil
	case version >= networks:
		return []msnp.Command{msnp.New("UBX", a.email, live).WithPayload(a.personal)}
	}
	return []msnp.Command{msnp.New("UBX", a.email).WithPayload(a.personal)}
}

func (v *visitor) sendPersonal(other *account) {
	for _, c := range other.message(v.protocol) {
		v.send(c)
	}
}
