package wire

import (
	"slices"
	"strconv"

	"gauntlet/proxies/http1"
)

// greeted is a mark of our own: the bytes are SOCKS, and HTTP may follow.
const greeted http1.Mark = 1 << 7

// maxBody is how much of a body is kept.
const maxBody = 1 << 20

// stream follows the messages in one direction of a connection, and what SOCKS
// says before the first of them. It is fed in pieces of any size and keeps the
// start of the body that came last; the slice is fresh for each message unless
// Reuse is set.
type stream struct {
	http1.Reader
	greeting greeting
	met      bool // something has come

	body     []byte // without chunk framing, at most maxBody of it
	bodySize int
}

// between reports whether the next bytes begin a message of HTTP.
func (s *stream) between() bool { return s.State() == http1.Between && !s.greeting.underway }

// step uses bytes of data up to the next mark and returns how many, and the
// mark. No mark and not all bytes used means that an answer's beginning is too
// short to tell whether it is one: come again with more bytes after these.
func (s *stream) step(data []byte) (used int, m http1.Mark) {
	if s.greets(data) {
		return s.takeGreeting(data)
	}
	for used < len(data) && m == 0 {
		n, part, reached := s.Next(data[used:])
		if part == http1.Body {
			s.keep(data[used : used+n])
		}
		if reached&http1.Began != 0 {
			s.begin()
		}
		if used, m = used+n, reached; n == 0 {
			break
		}
	}
	return used, m
}

// greets reports whether the bytes are those of SOCKS.
func (s *stream) greets(data []byte) bool {
	if !s.met && !s.Answers {
		if s.met = true; len(data) > 0 && beginsSocks(data[0]) {
			s.greet(data[0])
		}
	}
	return s.greeting.underway
}

// begin makes ready for the body of another message.
func (s *stream) begin() {
	s.bodySize = 0
	if s.Reuse {
		s.body = s.body[:0]
		return
	}
	s.body = nil
}

// keep copies a piece of the body, as far as there is room.
func (s *stream) keep(piece []byte) {
	s.bodySize += len(piece)
	room := min(len(piece), maxBody-len(s.body))
	s.body = append(s.body, piece[:room]...)
}

// misread is what the step that gave up, and those before it, had taken for
// HTTP and told nobody of.
func (s *stream) misread(piece []byte) []byte {
	if len(s.Head()) > 0 {
		return s.Head()
	}
	return slices.Concat(s.greeting.untold, piece)
}

// note says what is missing of the kept body, if anything is.
func (s *stream) note() string {
	if s.bodySize == len(s.body) {
		return ""
	}
	return "the first " + strconv.Itoa(len(s.body)) + " of " + strconv.Itoa(s.bodySize) + " bytes"
}
