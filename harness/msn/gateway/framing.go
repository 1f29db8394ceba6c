package gateway

import (
	"bytes"
	"strconv"
)

// place is where in the stream of requests a connection is.
type place int

const (
	between place = iota // before a request; CR and LF are skipped here
	inHead
	inBody
	lost // a request that says its length otherwise than by Content-Length: from here on all bytes pass
)

// framing follows the requests on a connection closely enough to know where
// each begins. It trusts what it reads: what is malformed, net/http refuses.
type framing struct {
	at    place
	begun int    // requests whose first byte was seen
	left  uint64 // bytes of the present body still to come
	line  []byte // beginning of a head line that is not complete yet
}

// enoughLine is how much of a head line is kept: no line that matters is longer.
const enoughLine = 64

// filter moves the framing on over p and takes out what stands between
// requests; the first kept bytes of p are what remains, and same hears of them.
func (f *framing) filter(p []byte, same *duplicate) (kept int) {
	for rest := p; len(rest) > 0; {
		begun := f.begun
		n := f.pass(rest)
		if n == 0 {
			rest = rest[1:] // a stray CR or LF
			continue
		}
		if f.begun > begun {
			same.begins()
		}
		f.follow(rest[:n], same)
		if &p[kept] != &rest[0] {
			copy(p[kept:], rest[:n])
		}
		kept += n
		rest = rest[n:]
	}
	return kept
}

// follow has the bytes compared with those of the request before.
func (f *framing) follow(piece []byte, same *duplicate) {
	if f.at == lost {
		same.forget()
		return
	}
	same.comes(piece)
}

// pass is how many bytes at the start of rest belong to the present part of a
// request.
func (f *framing) pass(rest []byte) int {
	switch f.at {
	case between:
		if rest[0] == '\r' || rest[0] == '\n' {
			return 0
		}
		f.at = inHead
		f.begun++
		return f.passHead(rest)
	case inHead:
		return f.passHead(rest)
	case inBody:
		return f.passBody(rest)
	}
	return len(rest)
}

func (f *framing) passBody(rest []byte) int {
	n := min(f.left, uint64(len(rest)))
	if f.left -= n; f.left == 0 {
		f.at = between
	}
	return int(n)
}

// passHead goes to the end of a line, or of rest.
func (f *framing) passHead(rest []byte) int {
	end := bytes.IndexByte(rest, '\n')
	if end < 0 {
		f.keep(rest)
		return len(rest)
	}
	line := rest[:end]
	if len(f.line) > 0 {
		f.keep(line)
		line = f.line
	}
	f.endLine(bytes.TrimSuffix(line, []byte("\r")))
	f.line = f.line[:0]
	return end + 1
}

func (f *framing) keep(part []byte) {
	room := max(enoughLine-len(f.line), 0)
	f.line = append(f.line, part[:min(room, len(part))]...)
}

// endLine looks at a complete line of a head; the empty one ends it.
func (f *framing) endLine(line []byte) {
	if len(line) == 0 {
		f.at = inBody
		if f.left == 0 {
			f.at = between
		}
		return
	}
	name, value, _ := bytes.Cut(line, []byte(":"))
	switch {
	case bytes.EqualFold(name, []byte("Content-Length")):
		n, err := strconv.ParseUint(string(bytes.TrimSpace(value)), 10, 63)
		if f.left = n; err != nil {
			f.at = lost
		}
	case bytes.EqualFold(name, []byte("Transfer-Encoding")):
		f.at = lost
	}
}
