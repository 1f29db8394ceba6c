package proxies

import (
	"bytes"
	"strconv"
	"strings"
)

// requestReader follows the bytes that a client sends and picks out the heads
// of its requests. It needs the framing of bodies for that, since the next
// head may come in the same read as the end of a body (pipelining); it parses
// a copy and changes nothing.
type requestReader struct {
	heads  []*head // whole heads that nobody has asked for yet
	buffer []byte  // the head, chunk-size line or trailer being gathered
	skip   int64   // bytes of body still to come before anything else
	part   part
}

// part is what the reader is in the middle of, body bytes apart.
type part int

const (
	inHead part = iota
	inChunkSize
	inChunkEnd
	inTrailer
	lost // nothing more to follow: a tunnel, or a message that net/http refuses
)

// feed takes the next bytes.
func (r *requestReader) feed(p []byte) {
	for len(p) > 0 && r.part != lost {
		if r.skip > 0 {
			n := min(r.skip, int64(len(p)))
			r.skip, p = r.skip-n, p[n:]
			continue
		}
		if n := r.whole(p); n > 0 {
			r.headDone(p[:n])
			p = p[n:]
			continue
		}
		p = r.line(p)
	}
}

// line gathers up to the next line end and acts on it.
func (r *requestReader) line(p []byte) []byte {
	n := bytes.IndexByte(p, '\n') + 1
	if n == 0 {
		r.buffer = append(r.buffer, p...)
		return nil
	}
	r.buffer = append(r.buffer, p[:n]...)
	text := strings.TrimRight(string(r.lastLine()), "\r\n")
	switch r.part {
	case inHead:
		r.headLine(text)
	case inChunkSize:
		r.chunkSize(text)
	case inChunkEnd:
		r.turn(inChunkSize)
	case inTrailer:
		if text == "" {
			r.turn(inHead)
		}
	}
	return p[n:]
}

func (r *requestReader) lastLine() []byte {
	before := bytes.TrimSuffix(r.buffer, []byte("\n"))
	return r.buffer[bytes.LastIndexByte(before, '\n')+1:]
}

// headLine ends the head at an empty line; one that leads is tolerated, as
// net/http does after a POST.
func (r *requestReader) headLine(text string) {
	if text != "" {
		return
	}
	if len(bytes.TrimLeft(r.buffer, "\r\n")) == 0 {
		r.buffer = nil
		return
	}
	r.headDone(bytes.TrimLeft(r.buffer, "\r\n"))
}

func (r *requestReader) headDone(raw []byte) {
	h := parseHead(raw)
	r.heads = append(r.heads, h)
	r.body(h)
}

// whole is the length of the head that p begins with, if all of it has come at
// once, as it mostly does; else 0.
func (r *requestReader) whole(p []byte) int {
	if r.part != inHead || len(r.buffer) > 0 || p[0] == '\r' || p[0] == '\n' {
		return 0
	}
	return max(0, headEnd(p))
}

// body finds out what follows a head.
func (r *requestReader) body(h *head) {
	r.turn(inHead)
	if strings.HasPrefix(h.start, "CONNECT ") {
		r.turn(lost)
	}
	for _, f := range h.fields {
		switch f.key {
		case "Transfer-Encoding":
			r.skip = 0
			r.turn(inChunkSize)
			return
		case "Content-Length":
			r.skip, _ = strconv.ParseInt(f.value, 10, 64)
		}
	}
}

func (r *requestReader) chunkSize(text string) {
	size, _, _ := strings.Cut(text, ";")
	n, err := strconv.ParseInt(strings.TrimSpace(size), 16, 64)
	switch {
	case err != nil:
		r.turn(lost)
	case n == 0:
		r.turn(inTrailer)
	default:
		r.turn(inChunkEnd)
		r.skip = n
	}
}

func (r *requestReader) turn(to part) { r.part, r.buffer = to, nil }
