// Package msnp is the grammar of the MSN Messenger protocol: one command per
// line, some followed by a payload of counted bytes, and the few encodings
// that stand inside them (nicknames, MIME messages, the challenge).
//
// It reads a byte stream, so it does not care how an HTTP gateway cut that
// stream into bodies. It deliberately knows nothing of connections, sessions,
// HTTP, or the order in which commands make sense: the messenger and the
// clients know that. It starts no goroutines and holds no state besides a
// Decoder's unread bytes. The gateway, the messenger, the clients and the
// oracles import it.
package msnp

import (
	"fmt"
	"strconv"
	"strings"
)

// Command is one MSNP command: a line, and the payload if it has one.
type Command struct {
	// Name is three upper-case letters, or three digits for an error.
	Name string
	// Args are the parameters after the name, without a payload's length.
	Args []string
	// Payload is the counted bytes after the line. Nil means that the command
	// has none; a payload command of length 0 has an empty, non-nil one.
	Payload []byte
}

// New makes a command without a payload.
func New(name string, args ...string) Command {
	return Command{Name: name, Args: args}
}

// Numbered makes a command whose first parameter is the transaction id.
func Numbered(name string, trid uint32, args ...string) Command {
	return Command{Name: name, Args: append([]string{strconv.FormatUint(uint64(trid), 10)}, args...)}
}

// WithPayload is c carrying p, which c keeps; nil becomes an empty payload.
func (c Command) WithPayload(p []byte) Command {
	if p == nil {
		p = []byte{}
	}
	c.Payload = p
	return c
}

// Arg is parameter i, from 0, or "" where there is none.
func (c Command) Arg(i int) string {
	if i < 0 || i >= len(c.Args) {
		return ""
	}
	return c.Args[i]
}

// withoutTrID are the commands that never carry a transaction id, although
// the first parameter of some is a number (RNG's session, LSG's group).
var withoutTrID = map[string]bool{
	"OUT": true, "PNG": true, "QNG": true,
	"RNG": true, "JOI": true, "BYE": true,
	"NLN": true, "FLN": true, "NOT": true, "UBX": true,
	"LSG": true, "LST": true, "BPR": true,
}

// TrID is the command's transaction id, 0 to 4294967295. It is absent from
// commands that never have one, and where the first parameter is no number.
func (c Command) TrID() (id uint32, ok bool) {
	if withoutTrID[c.Name] || !digits(c.Arg(0)) {
		return 0, false
	}
	n, err := strconv.ParseUint(c.Arg(0), 10, 32)
	return uint32(n), err == nil
}

// digits reports whether s is one or more decimal digits and nothing else.
func digits(s string) bool {
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return false
		}
	}
	return s != ""
}

// Bytes is the command as it stands on the wire, the line ended by CRLF, a
// payload's length as the last parameter.
func (c Command) Bytes() []byte { return c.AppendTo(nil) }

// AppendTo appends the command's wire form to b. A space or line end inside a
// parameter is percent-encoded: no parameter can forge a second command. An
// empty parameter leaves only its space, which readers skip.
func (c Command) AppendTo(b []byte) []byte {
	b = append(b, c.Name...)
	for _, arg := range c.Args {
		b = appendArg(append(b, ' '), arg)
	}
	if c.Payload != nil {
		b = strconv.AppendInt(append(b, ' '), int64(len(c.Payload)), 10)
	}
	b = append(b, '\r', '\n')
	return append(b, c.Payload...)
}

func appendArg(b []byte, arg string) []byte {
	for i := range len(arg) {
		switch arg[i] {
		case ' ', '\r', '\n':
			b = appendEscape(b, arg[i])
		default:
			b = append(b, arg[i])
		}
	}
	return b
}

// ErrorCode reports whether c is an error reply, and which.
func (c Command) ErrorCode() (Code, bool) {
	if len(c.Name) != 3 || !digits(c.Name) {
		return 0, false
	}
	n, err := strconv.Atoi(c.Name)
	return Code(n), err == nil
}

// String is the command on one line, for messages to people. Parameters with
// unprintable bytes are quoted, long ones and the payload abbreviated.
func (c Command) String() string {
	words := []string{printable(c.Name)}
	for _, arg := range c.Args {
		words = append(words, printable(arg))
	}
	if c.Payload != nil {
		words = append(words, fmt.Sprintf("[%d bytes: %s]", len(c.Payload), excerpt(c.Payload, shownPayload)))
	}
	return strings.Join(words, " ")
}
