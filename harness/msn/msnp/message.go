package msnp

import (
	"errors"
	"strings"
)

// The content types of the messages that this harness sends.
const (
	PlainText   = "text/plain; charset=UTF-8"
	Control     = "text/x-msmsgscontrol" // somebody is typing
	ProfileType = "text/x-msmsgsprofile; charset=UTF-8"
)

// MaxMessage is the longest payload of a client's MSG, in bytes.
const MaxMessage = 1664

// Field is one line of a message's head.
type Field struct{ Name, Value string }

// Message is the payload of a MSG: a MIME head and a text.
type Message struct {
	ContentType string  // with its parameters
	Fields      []Field // further lines of the head, in order, after Content-Type
	Text        string  // all that follows the blank line
}

// PlainMessage is what a user typed.
func PlainMessage(text string) Message {
	return Message{ContentType: PlainText, Text: text}
}

// TypingMessage tells a chat that user is typing; its body is one empty line.
func TypingMessage(user string) Message {
	return Message{ContentType: Control, Fields: []Field{{"TypingUser", user}}, Text: "\r\n"}
}

// Payload is the message's wire form.
func (m Message) Payload() []byte {
	b := []byte("MIME-Version: 1.0\r\nContent-Type: " + m.ContentType + "\r\n")
	for _, f := range m.Fields {
		b = append(b, f.Name+": "+f.Value+"\r\n"...)
	}
	return append(append(b, "\r\n"...), m.Text...)
}

// Get is the value of a further head field, whatever the case of its name, or
// "" if there is none.
func (m Message) Get(name string) string {
	for _, f := range m.Fields {
		if strings.EqualFold(f.Name, name) {
			return f.Value
		}
	}
	return ""
}

// IsText reports whether the message is something that a user typed.
func (m Message) IsText() bool {
	kind, _, _ := strings.Cut(m.ContentType, ";")
	return strings.EqualFold(strings.TrimSpace(kind), "text/plain")
}

// ParseMessage reads a MSG's payload. Line ends may be CRLF or LF; names are
// matched whatever their case; MIME-Version is not kept. A payload without a
// blank line is all head, as in the profile. A line without a colon, or no
// Content-Type, is an error.
func ParseMessage(payload []byte) (Message, error) {
	var m Message
	rest := string(payload)
	for rest != "" {
		var line string
		line, rest, _ = strings.Cut(rest, "\n")
		line = strings.TrimSuffix(line, "\r")
		if line == "" {
			m.Text = rest
			break
		}
		if err := m.add(line); err != nil {
			return Message{}, err
		}
	}
	if m.ContentType == "" {
		return Message{}, errors.New("message without a content type")
	}
	return m, nil
}

func (m *Message) add(line string) error {
	name, value, found := strings.Cut(line, ":")
	if !found {
		return errors.New("message head: no colon in " + excerpt([]byte(line), shownPayload))
	}
	name, value = strings.TrimSpace(name), strings.TrimSpace(value)
	switch strings.ToLower(name) {
	case "mime-version":
	case "content-type":
		m.ContentType = value
	default:
		m.Fields = append(m.Fields, Field{name, value})
	}
	return nil
}
