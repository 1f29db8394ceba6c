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

var switchboardCommands = map[string]func(*switchboard, msnp.Command){
	"USR": (*switchboard).begin,
	"ANS": (*switchboard).answer,
	"CAL": (*switchboard).call,
	"MSG": (*switchboard).message,
	"PNG": (*switchboard).ping,
	"OUT": (*switchboard).out,
}

// uninvited are the commands that a client may use before it is let in.
var uninvited = map[string]bool{"USR": true, "ANS": true, "OUT": true}

func newSwitchboard(l *link) session {
	l.decoder.MaxPayload = msnp.MaxMessage
	return &switchboard{link: l}
}

func (s *switchboard) command(c msnp.Command) {
	work, exists := switchboardCommands[c.Name]
	_, numbered := c.TrID()
	switch {
	case s.chat == nil && !uninvited[c.Name]:
		s.giveUp("not expected before USR or ANS", c)
	case !exists:
		s.log.Info("unknown command ignored", "user", s.user, "command", c.String())
	case !numbered && !untracked[c.Name]:
		s.giveUp("no transaction id", c)
	default:
		work(s, c)
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
	t := s.m.redeem(withoutPlace(c.Arg(1)), c.Arg(2), "")
	if t == nil {
		s.turnAway(c)
		return
	}
	s.enter(t.user, s.m.newChat())
	s.send(msnp.New("USR", c.Arg(0), "OK", withPlace(s.user, c.Arg(1)), msnp.EncodeNick(t.user.nick)))
	s.chat.join(s)
}

// ANS n email ticket session: who is there already, then OK.
func (s *switchboard) answer(c msnp.Command) {
	if s.chat != nil {
		s.refuse(c, msnp.NotExpected)
		return
	}
	t := s.m.redeem(withoutPlace(c.Arg(1)), c.Arg(2), or(c.Arg(3), "none"))
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

// plausible tells whether email could be one.
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
