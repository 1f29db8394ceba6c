package messenger

import (
	"slices"
	"strconv"
	"strings"

	"gauntlet/harness/msn/msnp"
)

// switchboard is a client of the switchboard. It begins with USR, which opens
// a chat, or ANS, which answers a ring; until then nothing else is allowed.
type switchboard struct {
	*link
	account *account // once let in
	chat    *chat
}

// order is a command of the switchboard.
type order struct {
	takes string // its parameters; n is a transaction id
	early bool   // it may be said before the client is let in
	work  func(*switchboard, msnp.Command)
}

// switchboardCommands are the commands that exist. One that is said too early
// ends the connection; unknown ones are ignored.
var switchboardCommands = map[string]order{
	"USR": {takes: "n email ticket", early: true, work: (*switchboard).begin},
	"ANS": {takes: "n email ticket session", early: true, work: (*switchboard).answer},
	"CAL": {takes: "n email", work: (*switchboard).call},
	"MSG": {takes: "n U|N|A|D length, the message", work: (*switchboard).message},
	"PNG": {work: (*switchboard).ping},
	"OUT": {early: true, work: (*switchboard).out},
}

func newSwitchboard(l *link) session {
	l.decoder.MaxPayload = msnp.MaxMessage
	return &switchboard{link: l}
}

func (s *switchboard) command(c msnp.Command) {
	o, exists := switchboardCommands[c.Name]
	switch {
	case s.chat == nil && !o.early:
		s.giveUp("not expected before USR or ANS", c)
	case !exists:
		s.log.Info("unknown command ignored", "user", s.user, "command", c.String())
	case !numbered(o.takes, c):
		s.giveUp("no transaction id: want "+c.Name+" "+o.takes, c)
	default:
		o.work(s, c)
	}
}

func (s *switchboard) giveUp(why string, c msnp.Command) {
	s.log.Warn(why, "user", s.user, "command", c.String())
	s.leave()
}

// USR n email ticket
func (s *switchboard) begin(c msnp.Command) {
	if s.chat != nil {
		s.refuse(c, msnp.NotExpected)
		return
	}
	t := s.m.tickets.redeem(withoutPlace(c.Arg(1)), c.Arg(2), "")
	if t == nil {
		s.turnAway(c)
		return
	}
	s.enter(t.user, newChat(s.m))
	s.send(msnp.New("USR", c.Arg(0), "OK", withPlace(s.user, c.Arg(1)), msnp.EncodeNick(t.user.nick)))
	s.chat.join(s)
}

// ANS n email ticket session: who is there already, then OK.
func (s *switchboard) answer(c msnp.Command) {
	if s.chat != nil {
		s.refuse(c, msnp.NotExpected)
		return
	}
	t := s.m.tickets.redeem(withoutPlace(c.Arg(1)), c.Arg(2), or(c.Arg(3), "none"))
	if t == nil || t.chat.has(t.user) {
		s.turnAway(c)
		return
	}
	s.enter(t.user, t.chat)
	s.introduce(c.Arg(0))
	s.send(msnp.New("ANS", c.Arg(0), "OK"))
	s.chat.join(s)
}

// withoutPlace is the address in one that MSNP16 and later write with the
// place of the user behind it: a@b;{…}.
func withoutPlace(address string) string {
	email, _, _ := strings.Cut(address, ";")
	return email
}

// withPlace is email with the place that said has, if any.
func withPlace(email, said string) string {
	if _, place, has := strings.Cut(said, ";"); has {
		return email + ";" + place
	}
	return email
}

// introduce names the members; IRO carries the number of the ANS.
func (s *switchboard) introduce(trid string) {
	of := strconv.Itoa(len(s.chat.members))
	for i, o := range s.chat.members {
		a := o.who()
		s.send(msnp.New("IRO", trid, strconv.Itoa(i+1), of, a.email, msnp.EncodeNick(a.nick)))
	}
}

func (s *switchboard) enter(a *account, c *chat) {
	s.account, s.chat, s.user = a, c, a.email
}

func (s *switchboard) turnAway(c msnp.Command) {
	s.log.Warn("ticket refused", "command", c.String())
	s.refuse(c, msnp.AuthFailed)
	s.end()
}

// CAL n email
func (s *switchboard) call(c msnp.Command) {
	if code := s.chat.call(s.account, c.Arg(1)); code != 0 {
		s.refuse(c, code)
		return
	}
	s.send(msnp.New("CAL", c.Arg(0), "RINGING", s.chat.id))
}

// plausible reports whether email could be one.
func plausible(email string) bool {
	user, domain, found := strings.Cut(email, "@")
	return found && user != "" && domain != "" && !strings.Contains(domain, "@")
}

func (s *switchboard) ping(msnp.Command) { s.send(msnp.New("QNG")) }

// OUT: the contacts who have something to say to that say it now.
func (s *switchboard) out(msnp.Command) {
	if s.chat != nil {
		for _, o := range slices.Clone(s.chat.members) {
			if contact, ok := o.(*seat); ok {
				contact.part()
			}
		}
	}
	s.leave()
}

func (s *switchboard) leave() {
	s.lost("OUT")
	s.end()
}

func (s *switchboard) lost(string) {
	if s.chat != nil {
		s.chat.leave(s)
	}
}

// close ends the session; a switchboard says nothing at the end.
func (s *switchboard) close(msnp.Command, string) { s.leave() }

func (s *switchboard) who() *account { return s.account }

// receipt is what the sender of a message wants to hear of its fate.
type receipt struct{ delivered, undelivered string }

// receipts are the acknowledgement letters of MSG. Any other, a lower-case one
// too, makes the switchboard hang up without a word.
var receipts = map[string]receipt{
	"U": {},
	"N": {undelivered: "NAK"},
	"A": {delivered: "ACK", undelivered: "NAK"},
	"D": {delivered: "ACK", undelivered: "NAK"}, // from MSNP9 on, for data
}

// MSG n U|N|A|D length, and the message
func (s *switchboard) message(c msnp.Command) {
	wanted, known := receipts[c.Arg(1)]
	if !known || len(c.Args) != 2 {
		s.giveUp("no such acknowledgement", c)
		return
	}
	verb := wanted.undelivered
	if s.chat.relay(s, c.Payload) > 0 {
		verb = wanted.delivered
	}
	if verb != "" {
		s.send(msnp.New(verb, c.Arg(0)))
	}
}
