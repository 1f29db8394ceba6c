package gateway

import (
	"strings"

	"gauntlet/harness/judge/history"
	"gauntlet/harness/msn/msnp"
)

// look reads a body's commands to learn what the gateway has to know of them:
// who signs in, and whether the client leaves. It tells whether PNG is among
// them and unwelcome (S20). A command may have begun in an earlier body. What
// is not MSNP is the messenger's affair: the gateway looks no longer.
func (t *table) look(s *session, body []byte) (png bool) {
	if len(body) == 0 || s.muddled {
		return false
	}
	s.typed.Feed(body)
	for {
		c, more, err := s.typed.Next()
		if err != nil {
			s.muddled, s.typed = true, msnp.Decoder{}
		}
		if err != nil || !more {
			return png
		}
		switch c.Name {
		case "OUT":
			s.left = true
		case "PNG":
			png = png || t.dialect.PNG == PNGRefused
		case "USR", "ANS":
			t.identify(s, whoSigns(s.info.Server, c))
		}
	}
}

// whoSigns is the address in a command that signs in: USR n TWN I who at a
// notification server, USR n who ticket and ANS n who ticket session at a
// switchboard. Later versions append the place to the address.
func whoSigns(server string, c msnp.Command) string {
	who := c.Arg(1)
	if server == string(NS) {
		if c.Name != "USR" || c.Arg(2) != "I" {
			return ""
		}
		who = c.Arg(3)
	}
	who, _, _ = strings.Cut(who, ";")
	return who
}

// identify notes who a session belongs to.
func (t *table) identify(s *session, who string) {
	if who == "" || who == s.info.User {
		return
	}
	s.info.User = who
	t.remember(s.info)
	t.outbox = append(t.outbox, history.Event{
		From: history.AtGateway, Kind: history.SessionIdentified,
		Session: s.info.Session, Server: s.info.Server, User: who,
	})
}

// note records a request that was answered or will be.
func (t *table) note(kind history.Kind, s *session, r *request, seq uint64) {
	t.outbox = append(t.outbox, history.Event{
		From: history.AtGateway, Kind: kind, Session: s.info.Session, Server: s.info.Server, User: s.info.User,
		ID: r.id, NewID: t.issuer.id(s.info.Session, seq), Action: r.action, Data: r.body,
	})
}

// reject records a refusal; number is the session meant, 0 if none is known.
func (t *table) reject(no *refusal, r *request, number int) *refusal {
	e := history.Event{
		From: history.AtGateway, Kind: history.Rejected, Status: no.status, Text: no.reason,
		ID: r.id, Session: number, Action: r.action, Data: r.body, Server: string(r.server),
	}
	if s := t.sessions[number]; s != nil {
		e.Server, e.User = s.info.Server, s.info.User
	}
	t.outbox = append(t.outbox, e)
	return no
}
