package proxies

import (
	"bytes"
	"net/textproto"
	"strings"
)

// head is a message head as it came over the wire.
type head struct {
	start  string // the request line or status line, without its line end
	fields []field
}

// field is one header field of a head.
type field struct {
	name  string // in the spelling in which it came
	value string // trimmed
	line  string // the whole line without its end; "" if it was folded
}

// key is the field's name as net/http writes it.
func (f field) key() string { return textproto.CanonicalMIMEHeaderKey(f.name) }

// parseHead splits raw, which ends with its empty line. It is lenient: what
// net/http refuses never comes to be used.
func parseHead(raw []byte) *head {
	h := &head{}
	for i, line := range strings.Split(strings.TrimRight(string(raw), "\r\n"), "\n") {
		line = strings.TrimSuffix(line, "\r")
		switch {
		case i == 0:
			h.start = line
		case strings.HasPrefix(line, " ") || strings.HasPrefix(line, "\t"):
			h.fold(line)
		default:
			name, value, _ := strings.Cut(line, ":")
			h.fields = append(h.fields, field{name, textproto.TrimString(value), line})
		}
	}
	return h
}

// fold joins a continuation line to its field, as RFC 9112 bids a proxy do.
func (h *head) fold(line string) {
	if n := len(h.fields); n > 0 {
		f := &h.fields[n-1]
		f.value, f.line = f.value+" "+textproto.TrimString(line), ""
	}
}

// has tells whether a field with that canonical name was there.
func (h *head) has(key string) bool {
	for _, f := range h.fields {
		if f.key() == key {
			return true
		}
	}
	return false
}

// target is the request line's second word in origin-form, byte for byte;
// net/url would re-encode some of it.
func (h *head) target() string {
	_, rest, _ := strings.Cut(h.start, " ")
	target, _, _ := strings.Cut(rest, " ")
	_, after, absolute := strings.Cut(target, "://")
	if !absolute || strings.HasPrefix(target, "/") {
		return target
	}
	if at := strings.IndexAny(after, "/?"); at >= 0 {
		return "/" + strings.TrimPrefix(after[at:], "/")
	}
	return "/"
}

// headEnd is the length of the head that b begins with, its empty line
// included; -1 while it is incomplete. Bare line feeds end lines too.
func headEnd(b []byte) int {
	for at := 0; ; {
		n := bytes.IndexByte(b[at:], '\n')
		if n < 0 {
			return -1
		}
		if line := b[at : at+n]; at > 0 && len(bytes.TrimSuffix(line, []byte("\r"))) == 0 {
			return at + n + 1
		}
		at += n + 1
	}
}

// isInterim tells whether a head is a 1xx answer, which another head follows.
func isInterim(raw []byte) bool {
	_, status, ok := bytes.Cut(raw[:min(len(raw), 16)], []byte(" "))
	return ok && bytes.HasPrefix(status, []byte("1")) && !bytes.HasPrefix(status, []byte("101"))
}
