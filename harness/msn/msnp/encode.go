package msnp

import "strconv"

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
