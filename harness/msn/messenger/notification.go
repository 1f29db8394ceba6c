package messenger

import (
	"gauntlet/harness/judge/history"
	"gauntlet/harness/msn/msnp"
)

// notification is a client of the notification server. It passes through four
// stages; what may be said at which one is the table loginSteps. Once signed
// in, everything but MSG may be said: what is unknown is logged and ignored.
type notification struct {
	*link
	stage    stage
	protocol int      // the version of MSNP, once agreed
	nonce    string   // what an SSO client has to sign
	claimed  string   // the email of the first USR
	account  *account // once signed in
	trial    trial    // the challenges
}

type stage int

const (
	fresh     stage = iota // wants VER
	versioned              // wants CVR or the first USR, which names the user
	named                  // wants the second USR, with the ticket
	signedIn
)

// loginSteps is what a client may say before it is signed in. CVR may be left
// out. Another command that exists is answered with 715, one that doesn't
// is not answered; either way the connection is closed.
var loginSteps = map[stage]map[string]bool{
	fresh:     {"VER": true, "OUT": true},
	versioned: {"CVR": true, "USR": true, "OUT": true},
	named:     {"CVR": true, "USR": true, "OUT": true},
}

// notificationCommands are the commands that exist.
var notificationCommands = map[string]func(*notification, msnp.Command){
	"VER": (*notification).version,
	"CVR": (*notification).client,
	"USR": (*notification).authenticate,
	"SYN": (*notification).sync,
	"GTC": (*notification).setting,
	"BLP": (*notification).setting,
	"PRP": (*notification).setting,
	"REA": (*notification).rename,
	"ADD": (*notification).add,
	"REM": (*notification).remove,
	"CHG": (*notification).change,
	"QRY": (*notification).query,
	"XFR": (*notification).transfer,
	"PNG": (*notification).ping,
	"OUT": (*notification).out,
	"ADC": (*notification).addByID,
	"SBP": (*notification).property,
	"UUX": (*notification).personal,
	"GCF": (*notification).configuration,
	"ADL": (*notification).addListed,
	"RML": (*notification).removeListed,
	"FQY": (*notification).findNetworks,
	"ADG": (*notification).disabled,
	"REG": (*notification).disabled,
	"RMG": (*notification).disabled,
	"URL": (*notification).disabled,
	"IMS": (*notification).disabled,
	"SND": (*notification).disabled,
	"SDC": (*notification).disabled,
}

// untracked are the commands that need no transaction id.
var untracked = map[string]bool{"PNG": true, "OUT": true}

func newNotification(l *link) session {
	return &notification{link: l, trial: newTrial()}
}

func (n *notification) command(c msnp.Command) {
	work, known := notificationCommands[c.Name]
	known = known && exists(c.Name, or(n.protocol, oldest))
	_, numbered := c.TrID()
	switch {
	case n.stage != signedIn && !loginSteps[n.stage][c.Name]:
		n.misplaced(c, known && numbered)
	case c.Name == "MSG":
		n.giveUp("a message to the notification server", c)
	case !known:
		n.log.Info("unknown command ignored", "user", n.user, "command", c.String())
	case !numbered && !untracked[c.Name]:
		n.giveUp("no transaction id", c)
	default:
		work(n, c)
	}
}

func (n *notification) misplaced(c msnp.Command, answer bool) {
	if answer {
		n.refuse(c, msnp.NotExpected)
	}
	n.observe(history.Event{Kind: history.SignInRefused, Text: c.Name + " is not expected while signing in"})
	n.giveUp("not expected while signing in", c)
}

// giveUp hangs up on a client that makes no sense.
func (n *notification) giveUp(why string, c msnp.Command) {
	n.log.Warn(why, "user", n.user, "command", c.String())
	n.leave("garbage")
}

// refuse answers c with an error.
func (l *link) refuse(c msnp.Command, code msnp.Code) {
	trid, _ := c.TrID()
	l.log.Debug("refused", "user", l.user, "command", c.String(), "error", code.String())
	l.send(code.Reply(trid))
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
func (n *notification) speaks() int { return n.protocol }

func (n *notification) out(msnp.Command) { n.leave("OUT") }

func (n *notification) disabled(c msnp.Command) { n.refuse(c, msnp.CommandDisabled) }

// leave signs out and hangs up.
func (n *notification) leave(text string) {
	n.lost(text)
	n.end()
}

func (n *notification) lost(text string) {
	if n.account != nil && n.account.online == online(n) {
		n.m.signOut(n.account, text)
	}
}

func (n *notification) close(last msnp.Command, text string) {
	if n.stage == signedIn {
		n.send(last)
	}
	n.leave(text)
}

func (n *notification) evict(last msnp.Command) {
	n.send(last)
	n.end()
}
