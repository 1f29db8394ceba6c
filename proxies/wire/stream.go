package wire

import (
	"bytes"
	"slices"
)

// phase is where in a message a stream stands.
type phase uint8

const (
	between    phase = iota // before a message; blank lines may come
	inHead                  // up to the blank line
	inBody                  // a known number of bytes is left
	inChunks                // a chunked body: see chunks
	untilClose              // the body ends with the connection
	inGreeting              // SOCKS comes before HTTP
	notHTTP                 // all bytes pass unread
)

// mark tells what a step has reached.
type mark uint8

const (
	began    mark = 1 << iota // the next byte is the first of a message
	headDone                  // the byte before ended a head
	done                      // the byte before ended a message; may come with headDone
	interim                   // the byte before ended a 1xx head, which is no answer
	opaque                    // what follows, and what stands in head, is not HTTP
	greeted                   // the bytes are SOCKS, and HTTP may follow
)

const (
	maxHead = 1 << 20 // a longer head is not taken for HTTP
	maxBody = 1 << 20 // how much of a body is kept
)

// stream follows the messages in one direction of a connection. It is fed in
// pieces of any size and keeps a copy of the head and of the start of the body
// that came last; both slices are fresh for each message unless reuse is set.
type stream struct {
	answers bool   // requests otherwise
	reuse   bool   // nobody keeps head and body: their room may serve again
	method  string // of the request: read from requests, set by the owner for answers

	phase  phase
	head   []byte
	line   int // where the last line of head begins
	status int // of the answer whose head came last
	class  byte
	left   int64
	chunks chunks

	greeting greeting
	met      bool // something has come

	body     []byte // without chunk framing, at most maxBody of it
	bodySize int
}

// step uses bytes of data up to the next mark and returns how many, and the
// mark. No mark and not all bytes used means that an answer's beginning is too
// short to tell whether it is one: come again with more bytes after these.
func (s *stream) step(data []byte) (int, mark) {
	switch s.phase {
	case between:
		return s.begin(data)
	case inHead:
		return s.takeHead(data)
	case inBody:
		return s.takeBody(data)
	case inChunks:
		return s.takeChunks(data)
	case inGreeting:
		return s.takeGreeting(data)
	case untilClose:
		s.keep(data)
	}
	return len(data), 0
}

// begin skips blank lines and looks at what a message begins with.
func (s *stream) begin(data []byte) (int, mark) {
	blank := len(data) - len(bytes.TrimLeft(data, "\r\n"))
	rest := data[blank:]
	if len(rest) == 0 {
		return blank, 0
	}
	first := !s.met
	s.met = true
	if first && !s.answers && beginsSocks(rest[0]) {
		s.greet(rest[0])
		n, m := s.takeGreeting(rest)
		return blank + n, m
	}
	http, known := beginsRequest(rest), true
	if s.answers {
		s.class, http, known = beginsAnswer(rest)
	}
	switch {
	case !known:
		return blank, 0
	case !http:
		return blank, s.giveUp()
	}
	s.fresh(len(rest))
	if s.answers && s.class == '1' {
		n, m := s.takeHead(rest)
		return blank + n, m
	}
	return blank, began
}

// fresh makes ready for a message of which come bytes have come.
func (s *stream) fresh(come int) {
	s.phase, s.line, s.bodySize = inHead, 0, 0
	if s.reuse {
		s.head, s.body = s.head[:0], s.body[:0]
		return
	}
	s.head, s.body = make([]byte, 0, min(come, 1<<10)), nil
}

// giveUp stops parsing for good; head keeps only what was wrongly taken for one.
func (s *stream) giveUp() mark {
	if s.phase != inHead {
		s.head = nil
	}
	s.phase = notHTTP
	return opaque
}

// misread is what the step that gave up, and those before it, had taken for
// HTTP and told nobody of.
func (s *stream) misread(piece []byte) []byte {
	if len(s.head) > 0 {
		return s.head
	}
	return slices.Concat(s.greeting.untold, piece)
}

// takeBody counts a body of known length.
func (s *stream) takeBody(data []byte) (int, mark) {
	n := int(min(s.left, int64(len(data))))
	s.keep(data[:n])
	if s.left -= int64(n); s.left > 0 {
		return n, 0
	}
	s.phase = between
	return n, done
}

// keep copies a piece of the body, as far as there is room.
func (s *stream) keep(piece []byte) {
	s.bodySize += len(piece)
	room := min(len(piece), maxBody-len(s.body))
	s.body = append(s.body, piece[:room]...)
}

// beginsRequest reports whether the first byte can begin a method. That of TLS
// cannot.
func beginsRequest(data []byte) bool {
	c := data[0]
	return c >= 'A' && c <= 'Z' || c >= 'a' && c <= 'z' || c >= '0' && c <= '9' || bytes.IndexByte([]byte("!#$%&'*+-.^_`|~"), c) >= 0
}

// beginsAnswer reads the class of a status ('1' to '9') off the beginning of a
// status line; known is false while more bytes are needed to tell.
func beginsAnswer(data []byte) (class byte, http, known bool) {
	const start = "HTTP/"
	n := min(len(data), len(start))
	if string(data[:n]) != start[:n] {
		return 0, false, true
	}
	const version = 16 // no version is longer
	blank := bytes.IndexByte(data[:min(len(data), version)], ' ')
	switch {
	case blank < 0:
		return 0, len(data) < version, len(data) >= version
	case blank+1 == len(data):
		return 0, true, false
	}
	class = data[blank+1]
	return class, class >= '1' && class <= '9', true
}
