package http1

import (
	"bytes"
	"errors"
	"net/http"
)

// State is where in a message a Reader stands.
type State uint8

// The states.
const (
	Between    State = iota // before a message; blank lines may come
	InHead                  // up to the blank line
	InBody                  // a known number of bytes is left
	InChunks                // in a chunked body or its trailer
	UntilClose              // the body ends with the connection
	Lost                    // what follows is not read
)

// Part says what bytes are.
type Part uint8

// The parts of a stream.
const (
	Blank   Part = iota // line ends before a message
	Heading             // of a head
	Body                // of a body, as its sender means it
	Frame               // a chunk's size, its line end, or the trailer
	Foreign             // none of HTTP
)

// Mark says what Reader.Next has reached.
type Mark uint8

// The marks, of which several may come together.
const (
	Began    Mark = 1 << iota // the next byte is the first of a message; never said of an interim answer
	HeadDone                  // the byte before ended a head
	Done                      // the byte before ended a message
	Interim                   // the byte before ended the head of an interim answer
	Astray                    // from here on, and what stands in Head if anything does, is not HTTP
)

// What a Reader can be lost by.
var (
	ErrNotHTTP = errors.New("not HTTP")
	errTooLong = errors.New("a head of more than 1 MiB")
	errChunk   = errors.New("a malformed chunk")
)

const maxHead = 1 << 20

// Reader follows the messages in one direction of a connection. Its zero value
// reads requests.
//
// # Theory of operation
//
//	Between ──first byte──► InHead ──blank line──► InBody, InChunks, UntilClose
//	   ▲                       │ no body               │ last byte, Close
//	   └───────────────────────┴───────────────────────┘
//
// Whatever cannot be read leads to Lost, and so does Abandon: for the bytes
// that follow an upgrade the Reader has no opinion. A head is collected and
// read when it is complete. Only the class of an answer's status must be known
// earlier, since an interim answer begins nothing: that is why Next may ask for
// more bytes before it takes the first.
type Reader struct {
	// Answers has the Reader read answers.
	Answers bool
	// Reuse says that nobody keeps what Head returns beyond the next message.
	Reuse bool
	// Method is that of the request at hand. Where answers are read its owner
	// sets it before each: that to HEAD has no body.
	Method string

	state  State
	class  byte // of an answer's status
	head   []byte
	line   int // where the last line of head begins
	status int
	frames Framing
	vague  error // why frames says nothing
	left   int64
	chunk  chunk
	err    error
}

// Next uses bytes of data up to the next point of interest: it returns how
// many, which part of a message they are, and what is reached behind them. No
// bytes and no mark mean that the beginning of an answer is too short to tell
// what it is: come again with these bytes and more.
func (r *Reader) Next(data []byte) (n int, p Part, m Mark) {
	if len(data) == 0 {
		return 0, Blank, 0
	}
	switch r.state {
	case Between:
		return r.begin(data)
	case InHead:
		n, m = r.takeHead(data)
		return n, Heading, m
	case InBody:
		n, m = r.takeBody(data)
		return n, Body, m
	case InChunks:
		return r.takeChunks(data)
	case UntilClose:
		return len(data), Body, 0
	}
	return len(data), Foreign, 0
}

// State is where the Reader stands.
func (r *Reader) State() State { return r.state }

// Head is what has come of the head of the message at hand, or the head of the
// last one. The bytes are the caller's to keep unless Reuse is set.
func (r *Reader) Head() []byte { return r.head }

// Status is that of the last answer whose head was complete.
func (r *Reader) Status() int { return r.status }

// Framing is what FramingOf says of the last head that was complete.
func (r *Reader) Framing() (Framing, error) { return r.frames, r.vague }

// Interim reports whether the answer at hand has a status of 1xx. It may still
// be a final one: 101.
func (r *Reader) Interim() bool { return r.class == '1' }

// Err is what the Reader was lost by; nil if it was abandoned.
func (r *Reader) Err() error { return r.err }

// Abandon makes the Reader pass all that follows: the connection has become
// something else.
func (r *Reader) Abandon() { r.state = Lost }

// Restart has the next byte begin a message, whatever was expected.
func (r *Reader) Restart() { r.state = Between }

// Close tells that the connection has ended in this direction and reports
// whether that completes a message.
func (r *Reader) Close() (done bool) {
	done = r.state == UntilClose
	if done {
		r.state = Between
	}
	return done
}

// begin skips blank lines and looks at what a message begins with.
func (r *Reader) begin(data []byte) (int, Part, Mark) {
	blank := lead(data)
	rest := data[blank:]
	if len(rest) == 0 {
		return blank, Blank, 0
	}
	http, known := beginsRequest(rest[0]), true
	if r.Answers {
		r.class, http, known = beginsAnswer(rest)
	}
	switch {
	case !known:
		return blank, Blank, 0
	case !http:
		return blank, Blank, r.lose(ErrNotHTTP)
	case r.Interim() && blank > 0:
		return blank, Blank, 0
	}
	r.fresh(len(rest))
	if r.Interim() {
		n, m := r.takeHead(rest)
		return n, Heading, m
	}
	return blank, Blank, Began
}

// fresh makes ready for a message of which come bytes have come.
func (r *Reader) fresh(come int) {
	r.state, r.line = InHead, 0
	if r.Reuse {
		r.head = r.head[:0]
		return
	}
	r.head = make([]byte, 0, min(come, 1<<10))
}

// lose gives up; Head keeps only what was wrongly taken for one.
func (r *Reader) lose(err error) Mark {
	if r.state != InHead {
		r.head = nil
	}
	r.state, r.err = Lost, err
	return Astray
}

// takeHead collects a head line by line.
func (r *Reader) takeHead(data []byte) (used int, m Mark) {
	for used < len(data) {
		end := bytes.IndexByte(data[used:], '\n') + 1
		if end == 0 {
			r.head = append(r.head, data[used:]...)
			return len(data), r.tooLong()
		}
		r.head = append(r.head, data[used:used+end]...)
		used += end
		if m = r.endLine(); m != 0 {
			return used, m
		}
	}
	return used, 0
}

func (r *Reader) tooLong() Mark {
	if len(r.head) > maxHead {
		return r.lose(errTooLong)
	}
	return 0
}

// endLine looks at the line that head now ends with.
func (r *Reader) endLine() Mark {
	first := r.line == 0
	line := trimEnd(r.head[r.line:])
	r.line = len(r.head)
	switch {
	case len(line) == 0:
		return r.endHead()
	case first && !r.Answers && !isRequestLine(line):
		return r.lose(ErrNotHTTP)
	}
	return r.tooLong()
}

// endHead reads off the complete head how the body will end.
func (r *Reader) endHead() Mark {
	if !r.Answers {
		r.Method = methodOf(r.head)
	} else if r.status = statusOf(r.head); r.Interim() && r.status != 101 {
		r.state = Between
		return Interim
	}
	r.frames, r.vague = FramingOf(r.head)
	f := r.frames // what cannot be understood says nothing
	switch {
	case r.bodyless():
		r.state = Between
		return HeadDone | Done
	case f.Chunked:
		r.state, r.chunk = InChunks, chunk{}
	case f.Length > 0:
		r.state, r.left = InBody, f.Length
	case f.Length < 0 && r.Answers:
		r.state = UntilClose
	default:
		r.state = Between
		return HeadDone | Done
	}
	return HeadDone
}

// bodyless reports whether an answer has no body whatever its head says.
func (r *Reader) bodyless() bool {
	if !r.Answers {
		return false
	}
	return r.status/100 == 1 || r.status == 204 || r.status == 304 || r.Method == http.MethodHead || r.Method == http.MethodConnect && r.status/100 == 2
}

// takeBody counts a body of known length.
func (r *Reader) takeBody(data []byte) (int, Mark) {
	n := int(min(r.left, int64(len(data))))
	if r.left -= int64(n); r.left > 0 {
		return n, 0
	}
	r.state = Between
	return n, Done
}

// beginsRequest reports whether the byte can begin a method. That of TLS cannot.
func beginsRequest(c byte) bool {
	return c >= 'A' && c <= 'Z' || c >= 'a' && c <= 'z' || c >= '0' && c <= '9' || bytes.IndexByte([]byte("!#$%&'*+-.^_`|~"), c) >= 0
}

// isRequestLine reports whether the line ends in an HTTP version.
func isRequestLine(line []byte) bool {
	last := bytes.LastIndexByte(line, ' ')
	return last > 0 && bytes.HasPrefix(line[last+1:], []byte("HTTP/"))
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
