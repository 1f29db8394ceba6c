package http1

import (
	"bytes"
	"errors"
	"iter"
	"strconv"
	"strings"
)

// Framing is what a head says of its body's length.
type Framing struct {
	Chunked bool
	Length  int64 // -1 if no Content-Length says it, or it does not count
}

// errLength is what FramingOf returns where fields contradict each other or
// cannot be understood.
var errLength = errors.New("no length can be read from the head")

// Values are those of the fields of that name, in order, without blanks around
// them and with folded lines joined. It costs less than Parse, for a look at one
// field or two.
func Values(head []byte, name string) iter.Seq[string] {
	return func(yield func(string) bool) {
		for is, value := range fields(head) {
			if isName(is, name) && !yield(unfold(value)) {
				return
			}
		}
	}
}

// unfold is a value as Head has it.
func unfold(value []byte) string {
	if bytes.IndexByte(value, '\n') < 0 {
		return string(trim(value))
	}
	return nextField(":" + string(value)).Value
}

// fields are the names and raw values of a head's fields.
func fields(head []byte) iter.Seq2[[]byte, []byte] {
	return func(yield func(name, value []byte) bool) {
		_, rest := cutLine(head[lead(head):])
		for len(rest) > 0 {
			var line []byte
			line, rest = cutField(rest)
			name, value, _ := bytes.Cut(line, []byte(":"))
			if !yield(trim(name), value) {
				return
			}
		}
	}
}

// FramingOf reads the fields of a head that say how long the body is.
func FramingOf(head []byte) (f Framing, err error) {
	var coding, length field
	for name, value := range fields(head) {
		switch {
		case isName(name, "Content-Length"):
			length.add(value)
		case isName(name, "Transfer-Encoding"):
			coding.add(value)
		}
	}
	f.Length = -1
	switch {
	case coding.seen:
		f.Chunked = bytes.EqualFold(coding.last, []byte("chunked"))
		if !f.Chunked {
			err = errLength
		}
	case length.seen:
		f.Length, err = length.number()
	}
	return f, err
}

// field gathers the values of all fields of a name: a list.
type field struct {
	seen, differ bool
	last         []byte
}

func (l *field) add(value []byte) {
	for more := true; more; {
		var item []byte
		item, value, more = bytes.Cut(value, []byte(","))
		item = trim(item)
		l.differ = l.differ || l.seen && !bytes.Equal(l.last, item)
		l.seen, l.last = true, item
	}
}

func (l *field) number() (int64, error) {
	n, err := strconv.ParseUint(string(l.last), 10, 63)
	if err != nil || l.differ {
		return -1, errLength
	}
	return int64(n), nil
}

// isName compares without converting: it runs on every line of every head.
func isName(name []byte, want string) bool {
	return len(name) == len(want) && bytes.EqualFold(name, []byte(want))
}

// cutLine cuts b behind its first line.
func cutLine(b []byte) (line, rest []byte) {
	n := bytes.IndexByte(b, '\n') + 1
	if n == 0 {
		n = len(b)
	}
	return b[:n], b[n:]
}

// cutField cuts b behind its first line and those that continue it.
func cutField(b []byte) (line, rest []byte) {
	line, rest = cutLine(b)
	for len(rest) > 0 && (rest[0] == ' ' || rest[0] == '\t') {
		more, _ := cutLine(rest)
		line, rest = b[:len(line)+len(more)], b[len(line)+len(more):]
	}
	return line, rest
}

// statusOf is the number after the first blank of a status line, 0 if there is
// none.
func statusOf(line []byte) int {
	_, rest, _ := bytes.Cut(line, []byte(" "))
	n, _ := strconv.Atoi(string(rest[:min(len(rest), 3)]))
	return max(n, 0)
}

// methodOf is the method of a request; the usual ones cost no memory.
func methodOf(head []byte) string {
	method, _, _ := bytes.Cut(head, []byte(" "))
	for _, usual := range [...]string{"POST", "GET", "HEAD", "CONNECT"} {
		if string(method) == usual {
			return usual
		}
	}
	return strings.TrimSpace(string(method))
}
