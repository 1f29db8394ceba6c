package http1

import (
	"bufio"
	"errors"
	"io"
)

// Message is a message that was read whole, or as much of it as came.
type Message struct {
	Head    []byte // with its blank line; what there is of it if it broke off
	Body    []byte // without chunk framing
	Interim bool   // an answer that another follows
	ToEnd   bool   // the body ended with the connection
}

// errTooLarge is what Receive returns of a body beyond its limit.
var errTooLarge = errors.New("the body is larger than the limit")

// Receive takes one message out of in, by what r says of it. An interim answer
// is a message of its own. The error is that of in (io.EOF before the first
// byte, else io.ErrUnexpectedEOF), or r.Err(). A body of more than limit bytes
// is not read on; 0 sets no limit.
func Receive(in *bufio.Reader, r *Reader, limit int) (m Message, err error) {
	for want := 1; ; {
		data, err := peek(in, want)
		if err != nil {
			return m, m.ends(r, len(data), err)
		}
		n, part, mark := r.Next(data)
		want = 1
		if n == 0 && mark == 0 {
			want = len(data) + 1
		}
		if part == Body {
			m.Body = append(m.Body, data[:n]...)
		}
		_, _ = in.Discard(n) // it has just been peeked at
		if m.Interim = mark&Interim != 0; part != Blank {
			m.Head = r.Head()
		}
		switch {
		case mark&Astray != 0:
			return m, r.Err()
		case limit > 0 && len(m.Body) > limit:
			return m, errTooLarge
		case mark&(Done|Interim) != 0:
			return m, nil
		}
	}
}

// peek waits for want bytes and returns all that have come.
func peek(in *bufio.Reader, want int) ([]byte, error) {
	data, err := in.Peek(want)
	if err != nil {
		return data, err
	}
	return in.Peek(in.Buffered())
}

// ends says what it means that no more bytes come.
func (m *Message) ends(r *Reader, rest int, err error) error {
	switch {
	case !errors.Is(err, io.EOF):
		return err
	case r.Close():
		m.ToEnd = true
		return nil
	case r.State() == Between && rest == 0:
		return io.EOF
	}
	return io.ErrUnexpectedEOF
}
