package wire

import (
	"bytes"
	"fmt"
)

// Answer is the whole of an answer.
type Answer struct {
	Head []byte // start line, fields and blank line
	Body []byte // as it stands on the wire
	Then string // FIN: the connection is closed after it, on both faces; "" leaves it open
}

// bytes are those that go to the peer.
func (a Answer) bytes() []byte { return bytes.Join([][]byte{a.Head, a.Body}, nil) }

// equals reports whether the peer cannot tell the two apart.
func (a Answer) equals(b Answer) bool {
	return bytes.Equal(a.Head, b.Head) && bytes.Equal(a.Body, b.Body) && a.Then == b.Then
}

// Plain is the body without chunks.
func (a Answer) Plain() []byte {
	if _, chunked := framing(a.Head); !chunked {
		return a.Body
	}
	s := stream{answers: true, phase: inChunks}
	for rest := a.Body; len(rest) > 0; {
		n, m := s.step(rest)
		if n == 0 || m != 0 {
			break
		}
		rest = rest[n:]
	}
	return s.body
}

// withPlain is the answer with another body, which Content-Length frames.
func (a Answer) withPlain(body []byte) Answer {
	return Answer{Head: framedBy(a.Head, len(body)), Body: body, Then: a.Then}
}

// page is a proxy's own answer: a short page, and fields as "Name: value".
func page(status, title string, fields ...string) Answer {
	body := fmt.Sprintf("<html><head><title>%s</title></head><body><h1>%s</h1></body></html>\n", title, title)
	head := "HTTP/1.1 " + status + "\r\nContent-Type: text/html\r\n"
	for _, f := range fields {
		head += f + "\r\n"
	}
	head += fmt.Sprintf("Content-Length: %d\r\n\r\n", len(body))
	return Answer{Head: []byte(head), Body: []byte(body)}
}
