package msnp

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
)

// The limits of a Decoder that sets none, in bytes.
const (
	DefaultMaxLine    = 8 << 10
	DefaultMaxPayload = 64 << 10
)

// Decoder turns a byte stream, fed in pieces of any size, into commands. The
// zero value reads what a client sends. It is not safe for concurrent use.
//
// It accepts CRLF and bare LF, and skips blank lines: one old client puts a
// CRLF before each command, and the real servers bore it. Anything that cannot
// become a command is an error at its first impossible byte, so that an HTML
// page is recognised although no line of it ever ends.
type Decoder struct {
	From       Side // who sends these commands
	MaxLine    int  // longest line without its end, bytes; 0 = DefaultMaxLine
	MaxPayload int  // longest payload, bytes; 0 = DefaultMaxPayload

	unread []byte
	raw    []byte // the last command's own bytes
	offset int64  // of unread's first byte in the stream
	err    error
}

// Feed appends bytes of the stream; it copies p.
func (d *Decoder) Feed(p []byte) { d.unread = append(d.unread, p...) }

// Write is Feed as an io.Writer; it never fails.
func (d *Decoder) Write(p []byte) (int, error) {
	d.Feed(p)
	return len(p), nil
}

// Buffered is the number of bytes that were fed and belong to no command yet
// returned. Once Next has said false, they are a partial command.
func (d *Decoder) Buffered() int { return len(d.unread) }

// Raw is the last command that Next returned, byte for byte as it was fed. It
// is valid until the next call of Next or Feed.
func (d *Decoder) Raw() []byte { return d.raw }

// Next returns the next command; ok is false when the bytes fed so far hold no
// complete one. The command owns its memory. An error is a *syntaxError and
// final: every later call repeats it.
func (d *Decoder) Next() (c Command, ok bool, err error) {
	if d.err != nil {
		return Command{}, false, d.err
	}
	d.skipBlankLines()
	c, size, err := d.parse()
	if err != nil {
		d.err = err
		return Command{}, false, err
	}
	if size == 0 {
		return Command{}, false, nil
	}
	d.raw = d.unread[:size:size]
	d.consume(size)
	return c, true, nil
}

// Decode reads a complete stream: what is left of a partial command is an
// error that wraps io.ErrUnexpectedEOF. The commands before it are returned.
func Decode(from Side, stream []byte) ([]Command, error) {
	d := Decoder{From: from, MaxPayload: len(stream)}
	d.Feed(stream)
	var all []Command
	for {
		c, ok, err := d.Next()
		if err == nil && !ok && d.Buffered() > 0 {
			err = d.fault(errPartial, len(d.unread))
		}
		if err != nil || !ok {
			return all, err
		}
		all = append(all, c)
	}
}

var errPartial = fmt.Errorf("the stream ends inside a command: %w", io.ErrUnexpectedEOF)

func (d *Decoder) consume(n int) {
	d.unread = d.unread[n:]
	d.offset += int64(n)
}

// skipBlankLines leaves a final CR alone: what follows it decides.
func (d *Decoder) skipBlankLines() {
	for {
		switch {
		case bytes.HasPrefix(d.unread, []byte("\n")):
			d.consume(1)
		case bytes.HasPrefix(d.unread, []byte("\r\n")):
			d.consume(2)
		default:
			return
		}
	}
}

// parse reads the command at the start of unread; size 0 means that it is not
// complete.
func (d *Decoder) parse() (c Command, size int, err error) {
	line, size, err := d.line()
	if err != nil || size == 0 {
		return Command{}, 0, err
	}
	words := split(string(line))
	c = Command{Name: words[0], Args: some(words[1:])}
	if err := d.checkError(c, size); err != nil {
		return Command{}, 0, err
	}
	if !hasPayload(d.From, c) {
		return c, size, nil
	}
	return d.payload(c, size)
}

// split cuts a line at its spaces, of which there may be several in a row. No other
// byte separates words, which is why strings.Fields will not do.
func split(line string) []string {
	words := make([]string, 0, strings.Count(line, " ")+1)
	for word := range strings.SplitSeq(line, " ") {
		if word != "" {
			words = append(words, word)
		}
	}
	return words
}

// payload moves the length out of c's parameters and the bytes into c.
func (d *Decoder) payload(c Command, size int) (Command, int, error) {
	last := len(c.Args) - 1
	if last < 0 || !digits(c.Args[last]) {
		return Command{}, 0, d.fault(errLength, size)
	}
	n, err := strconv.Atoi(c.Args[last])
	if err != nil || n > orDefault(d.MaxPayload, DefaultMaxPayload) {
		return Command{}, 0, d.fault(errPayload, size)
	}
	if len(d.unread) < size+n {
		return Command{}, 0, nil
	}
	c.Args = some(c.Args[:last:last])
	c.Payload = append([]byte{}, d.unread[size:size+n]...)
	return c, size + n, nil
}

// checkError holds an error reply to its form, "NNN TrID": a status page such
// as "404 Not Found" would otherwise pass for one.
func (d *Decoder) checkError(c Command, size int) error {
	if digits(c.Name) && len(c.Args) > 0 && !digits(c.Args[0]) {
		return d.fault(errNumber, size)
	}
	return nil
}

// some is args, nil if empty: decoded commands equal built ones.
func some(args []string) []string {
	if len(args) == 0 {
		return nil
	}
	return args
}

func orDefault(n, standard int) int {
	if n > 0 {
		return n
	}
	return standard
}

// What a syntaxError can wrap.
var (
	errName    = errors.New("a command begins with three capitals or three digits")
	errLine    = errors.New("line too long")
	errBareCR  = errors.New("carriage return inside a line")
	errLength  = errors.New("payload length missing or no number")
	errPayload = errors.New("payload too long")
	errNumber  = errors.New("an error reply is three digits and a transaction id")
)

// syntaxError tells that a stream is not MSNP, and where.
type syntaxError struct {
	Offset int64  // of the offending command's first byte in the stream
	Near   []byte // that command's bytes as far as they were read, abbreviated
	Err    error  // what is wrong
}

func (e *syntaxError) Error() string {
	return fmt.Sprintf("not MSNP at byte %d, %s: %v", e.Offset, excerpt(e.Near, shownPayload), e.Err)
}

// Unwrap gives what is wrong.
func (e *syntaxError) Unwrap() error { return e.Err }

// fault describes an error in the command at the start of unread, of which
// size bytes are known to belong to it.
func (d *Decoder) fault(err error, size int) error {
	near := d.unread[:min(size, shownPayload+1)]
	return &syntaxError{Offset: d.offset, Near: append([]byte{}, near...), Err: err}
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

// judge reports whether b may stand at position i of a line.
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

// nameByte reports whether line[i] agrees with a name of three capitals or three
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
