package messenger

import (
	"gauntlet/harness/judge/history"
	"gauntlet/harness/msn/msnp"
)

// visitor is a client of the notification server as all parts of the dialogue
// know it: its connection, its version and, once it has signed in, its account.
type visitor struct {
	*link
	protocol int // the version of MSNP, once agreed
	account  *account
}

// notification is the dialogue with a client of the notification server. It is
// put together of parts, each with what it has to remember; what the commands
// are, and when they may be said, is notificationCommands.
type notification struct {
	*visitor
	signIn
	synchronisation
	listEditing
	presence
	*trial
}

func newNotification(l *link) session {
	v := &visitor{link: l}
	t := newTrial(v)
	return &notification{v, signIn{visitor: v, stage: fresh}, synchronisation{v}, listEditing{v}, presence{v, t}, t}
}

// verb is a command of the notification server.
type verb struct {
	takes        string // its parameters; n is a transaction id
	early        stage  // of the sign-in at which it may be said; afterwards it always may
	since, until int    // the versions that have it; 0 = the first, the last
	work         func(*notification, msnp.Command)
}

// notificationCommands are the commands that exist. One that is said too early
// is answered with 715, and a command that does not exist is not; either way the
// connection is closed. Once the client is signed in, unknown commands are
// ignored, but MSG, which belongs to the switchboard, ends it.
var notificationCommands = map[string]verb{
	"VER": {takes: "n protocols… [CVR0]", early: fresh, work: (*notification).version},
	"CVR": {takes: "n locale os version arch library version name email", early: versioned | named, work: (*notification).client},
	"USR": {takes: "n TWN|SSO I email, n TWN S ticket, n SSO S ticket proof [place]", early: versioned | named, work: (*notification).authenticate},
	"OUT": {early: fresh | versioned | named, work: (*notification).out},
	"PNG": {work: (*notification).ping},

	"SYN": {takes: "n version, n lists settings", until: contactTypes, work: (*notification).sync},
	"GTC": {takes: "n A|N", until: contactTypes, work: (*notification).setting},
	"BLP": {takes: "n AL|BL", work: (*notification).setting},
	"PRP": {takes: "n key value", work: (*notification).setting},
	"SBP": {takes: "n contact property value", since: properties, work: (*notification).property},
	"REA": {takes: "n email nick", until: objects, work: (*notification).rename},

	"ADD": {takes: "n list email nick [group]", until: objects, work: (*notification).add},
	"ADC": {takes: "n list N=email [F=nick], n FL C=id group", since: properties, until: contactTypes, work: (*notification).addByID},
	"REM": {takes: "n list email|id [group]", until: contactTypes, work: (*notification).remove},
	"ADL": {takes: "n, a listing", since: soapLists, work: (*notification).addListed},
	"RML": {takes: "n, a listing", since: soapLists, work: (*notification).removeListed},
	"FQY": {takes: "n, a listing", since: soapLists, work: (*notification).findNetworks},

	"CHG": {takes: "n status [abilities [picture]]", work: (*notification).change},
	"UUX": {takes: "n, XML", since: personal, work: (*notification).personal},
	"QRY": {takes: "n client-id, 32 digits", work: (*notification).query},
	"XFR": {takes: "n SB", work: (*notification).transfer},
	"GCF": {takes: "n file", since: personal, work: (*notification).configuration},

	"ADG": {takes: "n …", work: (*notification).disabled},
	"REG": {takes: "n …", work: (*notification).disabled},
	"RMG": {takes: "n …", work: (*notification).disabled},
	"URL": {takes: "n …", work: (*notification).disabled},
	"IMS": {takes: "n …", work: (*notification).disabled},
	"SND": {takes: "n …", work: (*notification).disabled},
	"SDC": {takes: "n …", work: (*notification).disabled},
}

// exists reports whether a version has the command.
func (v verb) exists(version int) bool {
	return v.work != nil && version >= v.since && (v.until == 0 || version <= v.until)
}

// numbered reports whether c has the transaction id that a command with those
// parameters needs.
func numbered(takes string, c msnp.Command) bool {
	_, has := c.TrID()
	return has || takes == ""
}

func (n *notification) command(c msnp.Command) {
	v := notificationCommands[c.Name]
	known := v.exists(or(n.protocol, oldest))
	switch _, hasID := c.TrID(); {
	case n.stage != signedIn && v.early&n.stage == 0:
		n.misplaced(c, known && hasID)
	case c.Name == "MSG":
		n.giveUp("a message to the notification server", c)
	case !known:
		n.log.Info("unknown command ignored", "user", n.user, "command", c.String())
	case !numbered(v.takes, c):
		n.giveUp("no transaction id: want "+c.Name+" "+v.takes, c)
	default:
		v.work(n, c)
	}
}

func (v *visitor) misplaced(c msnp.Command, answer bool) {
	if answer {
		v.refuse(c, msnp.NotExpected)
	}
	v.observe(history.Event{Kind: history.SignInRefused, Text: c.Name + " is not expected while signing in"})
	v.giveUp("not expected while signing in", c)
}

// giveUp hangs up on a client that makes no sense.
func (v *visitor) giveUp(why string, c msnp.Command) {
	v.log.Warn(why, "user", v.user, "command", c.String())
	v.leave("garbage")
}

// ping is answered, from MSNP9 on, with the seconds until the next is welcome.
func (n *notification) ping(msnp.Command) {
	if n.protocol >= objects {
		n.send(msnp.New("QNG", "50"))
		return
	}
	n.send(msnp.New("QNG"))
}

// speaks is the version in which others' presence is told to the client.
func (v *visitor) speaks() int { return v.protocol }

func (n *notification) out(msnp.Command) { n.leave("OUT") }

func (n *notification) disabled(c msnp.Command) { n.refuse(c, msnp.CommandDisabled) }

// leave signs out and hangs up.
func (v *visitor) leave(text string) {
	v.lost(text)
	v.end()
}

func (v *visitor) lost(text string) {
	if v.account != nil && v.account.online == online(v) {
		v.m.signOut(v.account, text)
	}
}

func (v *visitor) close(last msnp.Command, text string) {
	if v.account != nil {
		v.send(last)
	}
	v.leave(text)
}

func (v *visitor) evict(last msnp.Command) {
	v.send(last)
	v.end()
}

// shields is a client's configuration that forbids nothing.
const shields = `<?xml version="1.0" encoding="utf-8" ?><config><shield><cli maj="7" min="0" minbld="0" maxbld="9999" deny=" " /></shield><block></block></config>`

// GCF n file: the one file that there is.
func (n *notification) configuration(c msnp.Command) {
	n.send(msnp.New("GCF", c.Args...).WithPayload([]byte(shields)))
}

// XFR n SB: a ticket for a new chat. A user who hasn't announced a presence,
// or hides, may have none.
func (n *notification) transfer(c msnp.Command) {
	if c.Arg(1) != "SB" {
		n.refuse(c, msnp.InvalidParameter)
		return
	}
	if !n.account.visible() {
		n.refuse(c, msnp.NotAllowedHidden)
		return
	}
	t, ok := n.m.tickets.issue(n.account, nil)
	if !ok {
		n.refuse(c, msnp.ChangingTooFast)
		return
	}
	n.send(msnp.New("XFR", c.Arg(0), "SB", n.m.options.Switchboard, "CKI", t))
}
