package messenger

import (
	"strconv"

	"gauntlet/harness/msn/msnp"
)

// SYN n version: the lists, unless the client has them already.
func (n *notification) sync(c msnp.Command) {
	if n.protocol >= properties {
		n.syncProperties(c)
		return
	}
	version := strconv.Itoa(n.account.version)
	switch c.Arg(1) {
	case "":
		n.refuse(c, msnp.InvalidParameter)
	case version:
		n.send(msnp.New("SYN", c.Arg(0), version))
	default:
		n.sendLists(c.Arg(0), version)
	}
}

// sendLists sends one command per thing known; none of them has a TrID.
func (n *notification) sendLists(trid, version string) {
	all := n.m.roster(n.account)
	n.send(msnp.New("SYN", trid, version, strconv.Itoa(len(all)), "1"))
	n.send(msnp.New("GTC", "A"))
	n.send(msnp.New("BLP", "AL"))
	n.send(msnp.New("LSG", "0", "Other%20Contacts", "0"))
	for _, e := range all {
		n.sendEntry(e)
	}
}

func (n *notification) sendEntry(e entry) {
	args := []string{e.email, n.m.nickOf(e.email), strconv.Itoa(e.bits)}
	if e.bits&forward != 0 {
		args = append(args, "0") // its group
	}
	n.send(msnp.New("LST", args...))
	n.send(msnp.New("BPR", "MOB", "N"))
}

// GTC n A|N, BLP n AL|BL, PRP n key value: confirmed with the lists' version,
// and not kept.
func (n *notification) setting(c msnp.Command) {
	if len(c.Args) < 2 {
		n.refuse(c, msnp.InvalidParameter)
		return
	}
	n.account.version++
	if c.Name == "PRP" && c.Arg(1) == "MFN" {
		n.account.nick = msnp.DecodeNick(c.Arg(2))
	}
	n.send(msnp.New(c.Name, n.confirmed(c, 1)...))
	if c.Name == "PRP" && n.account.visible() {
		n.m.tellWatchers(n.account, n.account.presence)
	}
}

// REA n email nick: the user's own nickname is kept and shown to watchers;
// what others are called is the client's affair, and merely confirmed.
func (n *notification) rename(c msnp.Command) {
	if len(c.Args) != 3 {
		n.refuse(c, msnp.InvalidParameter)
		return
	}
	n.account.version++
	if key(c.Arg(1)) == key(n.account.email) {
		n.account.nick = msnp.DecodeNick(c.Arg(2))
	}
	n.send(msnp.New("REA", n.confirmed(c, 1)...))
	if n.account.visible() {
		n.m.tellWatchers(n.account, n.account.presence)
	}
}
