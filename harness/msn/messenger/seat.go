package messenger

import (
	"errors"
	"fmt"
	"slices"

	"gauntlet/harness/msn/msnp"
)

// seat is a contact's place in a chat.
type seat struct {
	contact *Contact
	chat    *chat
	others  []string // who is there, as the contact has been told; lower-case emails
	calls   string   // whom the contact has called to it, so too
}

// awaits reports whether email was called here or has come.
func (s *seat) awaits(email string) bool { return s.calls == email || s.shares(email) }

// shares reports whether email is in the chat.
func (s *seat) shares(email string) bool { return slices.Contains(s.others, email) }

func (s *seat) who() *account { return s.contact.account }

// send is the switchboard telling the contact something. The contact hears it
// when all that came before has been observed.
func (s *seat) send(cmd msnp.Command) {
	m := s.contact.m
	switch cmd.Name {
	case "JOI":
		m.later(func() { m.do(func() { s.joined(cmd.Arg(0)) }) })
	case "BYE":
		m.later(func() { m.do(func() { s.left(cmd.Arg(0)) }) })
	case "MSG":
		m.later(func() { s.hear(cmd) })
	}
}

func (s *seat) joined(email string) {
	s.others = append(s.others, key(email))
	s.contact.change()
}

// left notes who left. Like a client, the contact doesn't stay alone.
func (s *seat) left(email string) {
	if i := slices.Index(s.others, key(email)); i >= 0 {
		s.others = slices.Delete(s.others, i, i+1)
	}
	if len(s.chat.members) == 1 {
		s.contact.rise(s)
	}
	s.contact.change()
}

// hear takes in a message; called without the mutex.
func (s *seat) hear(cmd msnp.Command) {
	message, err := msnp.ParseMessage(cmd.Payload)
	if err != nil || !message.IsText() {
		return // a typing notice, or nothing that a user would see
	}
	c, from := s.contact, cmd.Arg(0)
	c.m.mu.Lock()
	c.received = append(c.received, message.Text)
	c.change()
	tell, echo := c.onMessage, c.echoes
	c.m.mu.Unlock()
	if tell != nil {
		tell(from, message.Text)
	}
	if echo {
		c.m.do(func() { s.echo(message.Text) })
	}
}

// echo sends back what came. Whoever sent it may have left: that is no error.
func (s *seat) echo(text string) {
	if err := s.say(text); err != nil {
		s.contact.m.log.Debug("echo", "user", s.contact.account.email, "error", err)
	}
}

func (s *seat) say(text string) error {
	payload := msnp.PlainMessage(text).Payload()
	if len(payload) > msnp.MaxMessage {
		return fmt.Errorf("send: message of %d bytes, at most %d fit", len(payload), msnp.MaxMessage)
	}
	if s.chat.relay(s, payload) == 0 {
		return errors.New("send: nobody is in the chat")
	}
	return nil
}

// part says the last words; the mutex is held.
func (s *seat) part() {
	texts := s.contact.parting
	s.contact.parting = nil
	for _, text := range texts {
		if err := s.say(text); err != nil {
			s.contact.m.log.Warn("last words unsaid", "user", s.contact.account.email, "error", err)
		}
	}
}
