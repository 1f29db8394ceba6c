package wire

import (
	"bytes"
	"strconv"
)

// takeHead collects a head line by line.
func (s *stream) takeHead(data []byte) (used int, m mark) {
	for used < len(data) {
		end := bytes.IndexByte(data[used:], '\n') + 1
		if end == 0 {
			s.head = append(s.head, data[used:]...)
			return len(data), s.tooLong()
		}
		s.head = append(s.head, data[used:used+end]...)
		used += end
		if m = s.endLine(); m != 0 {
			return used, m
		}
	}
	return used, 0
}

func (s *stream) tooLong() mark {
	if len(s.head) > maxHead {
		return s.giveUp()
	}
	return 0
}

// endLine looks at the line that head now ends with.
func (s *stream) endLine() mark {
	first := s.line == 0
	line := bytes.TrimRight(s.head[s.line:], "\r\n")
	s.line = len(s.head)
	switch {
	case len(line) == 0:
		return s.endHead()
	case first && !s.answers && !isRequestLine(line):
		return s.giveUp()
	}
	return s.tooLong()
}

// isRequestLine reports whether the line ends in an HTTP version.
func isRequestLine(line []byte) bool {
	last := bytes.LastIndexByte(line, ' ')
	return last > 0 && bytes.HasPrefix(line[last+1:], []byte("HTTP/"))
}

// endHead reads off the complete head how the body will end.
func (s *stream) endHead() mark {
	if s.answers {
		s.status = statusOf(s.head)
	} else {
		s.method = methodOf(s.head)
	}
	if s.answers && s.class == '1' && s.status != 101 {
		s.phase = between
		return interim
	}
	length, chunked := framing(s.head)
	switch {
	case s.bodyless():
		s.phase = between
		return headDone | done
	case chunked:
		s.phase, s.chunks = inChunks, chunks{}
	case length > 0:
		s.phase, s.left = inBody, length
	case length < 0 && s.answers:
		s.phase = untilClose
	default:
		s.phase = between
		return headDone | done
	}
	return headDone
}

// bodyless reports whether an answer has no body whatever its head says.
func (s *stream) bodyless() bool {
	if !s.answers {
		return false
	}
	return s.status/100 == 1 || s.status == 204 || s.status == 304 || s.method == "HEAD" || s.tunnels()
}

// tunnels reports whether an answer makes a tunnel of its connection; in that of
// a CONNECT there may be HTTP again.
func (s *stream) tunnels() bool {
	return s.status == 101 || s.method == "CONNECT" && s.status/100 == 2
}

// methodOf is the method of a request; the usual ones cost no memory.
func methodOf(head []byte) string {
	method, _, _ := bytes.Cut(head, []byte(" "))
	for _, usual := range [...]string{"POST", "GET", "HEAD", "CONNECT"} {
		if string(method) == usual {
			return usual
		}
	}
	return string(method)
}

func statusOf(head []byte) int {
	_, rest, _ := bytes.Cut(head, []byte(" "))
	n, _ := strconv.Atoi(string(rest[:min(len(rest), 3)]))
	return n
}

// framing reads the fields that say how long the body is; length is -1 where
// none says so in a way that can be understood.
func framing(head []byte) (length int64, chunked bool) {
	length = -1
	for len(head) > 0 {
		var line []byte
		line, head, _ = bytes.Cut(head, []byte("\n"))
		name, value, _ := bytes.Cut(line, []byte(":"))
		value = bytes.TrimSpace(value)
		switch {
		case isField(name, "Content-Length"):
			length = lengthOf(value)
		case isField(name, "Transfer-Encoding"):
			chunked = chunked || endsInChunked(value)
		}
	}
	return length, chunked
}

func isField(name []byte, want string) bool {
	return len(name) == len(want) && bytes.EqualFold(name, []byte(want))
}

func lengthOf(value []byte) int64 {
	n, err := strconv.ParseInt(string(value), 10, 64)
	if err != nil || n < 0 {
		return -1
	}
	return n
}

func endsInChunked(value []byte) bool {
	const coding = "chunked"
	return len(value) >= len(coding) && bytes.EqualFold(value[len(value)-len(coding):], []byte(coding))
}
