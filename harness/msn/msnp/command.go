package msnp

import "strconv"

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

// digits tells whether s is one or more decimal digits and nothing else.
func digits(s string) bool {
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return false
		}
	}
	return s != ""
}
