package msnp

import (
	"errors"
	"fmt"
)

// What a SyntaxError can wrap.
var (
	errName    = errors.New("a command begins with three capitals or three digits")
	errLine    = errors.New("line too long")
	errBareCR  = errors.New("carriage return inside a line")
	errLength  = errors.New("payload length missing or no number")
	errPayload = errors.New("payload too long")
	errNumber  = errors.New("an error reply is three digits and a transaction id")
)

// SyntaxError tells that a stream is not MSNP, and where.
type SyntaxError struct {
	Offset int64  // of the offending command's first byte in the stream
	Near   []byte // that command's bytes as far as they were read, abbreviated
	Err    error  // what is wrong
}

func (e *SyntaxError) Error() string {
	return fmt.Sprintf("not MSNP at byte %d, %s: %v", e.Offset, Excerpt(e.Near, shownPayload), e.Err)
}

// Unwrap gives what is wrong.
func (e *SyntaxError) Unwrap() error { return e.Err }

// fault describes an error in the command at the start of unread, of which
// size bytes are known to belong to it.
func (d *Decoder) fault(err error, size int) error {
	near := d.unread[:min(size, shownPayload+1)]
	return &SyntaxError{Offset: d.offset, Near: append([]byte{}, near...), Err: err}
}

// line finds the first line of unread; size counts its end too, 0 means that
// the end is not there yet. It judges byte by byte in the order of the stream,
// so that the same stream fails in the same way however it was cut.
func (d *Decoder) line() (line []byte, size int, err error) {
	for i, b := range d.unread {
		if b == '\n' {
			return d.endLine(i)
		}
		if err := d.judge(i, b); err != nil {
			return nil, 0, d.fault(err, len(d.unread))
		}
	}
	return nil, 0, nil
}

func (d *Decoder) endLine(i int) ([]byte, int, error) {
	line := d.unread[:i]
	if i > 0 && line[i-1] == '\r' {
		line = line[:i-1]
	}
	if len(line) < 3 {
		return nil, 0, d.fault(errName, i+1)
	}
	return line, i + 1, nil
}

// judge tells whether b may stand at position i of a line.
func (d *Decoder) judge(i int, b byte) error {
	switch {
	case i > 0 && d.unread[i-1] == '\r':
		return errBareCR
	case b == '\r':
		return nil
	case i >= orDefault(d.MaxLine, DefaultMaxLine):
		return errLine
	case !nameByte(d.unread, i):
		return errName
	}
	return nil
}

// nameByte tells whether line[i] agrees with a name of three capitals or three
// digits, ended by a space or the line's end.
func nameByte(line []byte, i int) bool {
	switch {
	case i > 3:
		return true
	case i == 3:
		return line[i] == ' '
	case i == 0:
		return capital(line[i]) || digit(line[i])
	}
	return digit(line[0]) == digit(line[i]) && (capital(line[i]) || digit(line[i]))
}

func capital(b byte) bool { return b >= 'A' && b <= 'Z' }
func digit(b byte) bool   { return b >= '0' && b <= '9' }
