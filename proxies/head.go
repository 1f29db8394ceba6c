package proxies

import (
	"bytes"
	"net/textproto"
	"strings"
)

// head is a message head as it came over the wire.
type head struct {
	raw    string // all of it
	start  string // the request line or status line, without its line end
	fields []field
}

// field is one header field of a head.
type field struct {
	name  string // in the spelling in which it came
	value string // trimmed
	line  string // the whole line without its end; "" if it was folded
	key   string // the name as net/http writes it
}

// parseHead splits raw, which ends with its empty line. It is lenient: what
// net/http refuses never comes to be used.
func parseHead(raw []byte) *head {
	h := &head{raw: string(raw)}
	h.start, h.fields = splitHead(h.raw, make([]field, 0, bytes.Count(raw, []byte("\n"))))
	return h
}

// splitHead appends the fields of a head to fields.
func splitHead(raw string, fields []field) (start string, all []field) {
	start, rest, more := cutLine(strings.TrimRight(raw, "\r\n"))
	for more {
		var line string
		line, rest, more = cutLine(rest)
		if strings.HasPrefix(line, " ") || strings.HasPrefix(line, "\t") {
			fold(fields, line)
			continue
		}
		name, value, _ := strings.Cut(line, ":")
		fields = append(fields, field{name, textproto.TrimString(value), line, textproto.CanonicalMIMEHeaderKey(name)})
	}
	return start, fields
}

// cutLine takes the first line, without its end.
func cutLine(text string) (line, rest string, more bool) {
	line, rest, more = strings.Cut(text, "\n")
	return strings.TrimSuffix(line, "\r"), rest, more
}

// fold joins a continuation line to its field, as RFC 9112 bids a proxy do.
func fold(fields []field, line string) {
	if n := len(fields); n > 0 {
		f := &fields[n-1]
		f.value, f.line = f.value+" "+textproto.TrimString(line), ""
	}
}

// has tells whether a field with that canonical name was there.
func (h *head) has(key string) bool {
	for _, f := range h.fields {
		if f.key == key {
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
