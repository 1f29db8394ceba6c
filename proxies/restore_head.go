package proxies

import (
	"bytes"
	"strings"
)

// restoreHead writes a head that net/http generated the way its original came:
// fields in the original's order and spelling, untouched lines byte for byte.
// Fields that the original lacks follow at the end, except Host, which leads.
// What the generated head lacks stays away: the box removed it.
func restoreHead(original *head, generated []byte, start string) []byte {
	var few [16]field // most heads have no more
	_, left := splitHead(string(generated), few[:0])
	out := line(make([]byte, 0, len(generated)+len(original.raw)), start)
	if !original.has("Host") {
		if host, ok := takeField(left, "Host", ""); ok {
			out = line(out, "Host: "+host)
		}
	}
	for _, f := range original.fields {
		value, ok := takeField(left, f.key, f.value)
		switch {
		case ok && value == f.value && f.line != "":
			out = line(out, f.line)
		case ok:
			out = line(out, f.name+": "+value)
		}
	}
	for _, f := range left {
		if f.key != "" {
			out = line(out, f.name+": "+f.value)
		}
	}
	return line(out, "")
}

func line(out []byte, text string) []byte { return append(append(out, text...), "\r\n"...) }

// takeField takes the value of a field out of those that are left, the wanted
// one if it is there; a field that was taken has no key.
func takeField(left []field, key, wanted string) (value string, ok bool) {
	at := -1
	for i := range left {
		if left[i].key == key && (at < 0 || left[i].value == wanted && left[at].value != wanted) {
			at = i
		}
	}
	if at < 0 {
		return "", false
	}
	left[at].key = ""
	return left[at].value, true
}

// requestLine puts the client's own target into the request line that
// net/http made, in the form (absolute or origin) that net/http chose.
func requestLine(original *head, generated string) string {
	parts := strings.SplitN(generated, " ", 3)
	if len(parts) != 3 {
		return generated
	}
	prefix := ""
	if scheme, rest, absolute := strings.Cut(parts[1], "://"); absolute && !strings.HasPrefix(parts[1], "/") {
		authority, _, _ := strings.Cut(rest, "/")
		authority, _, _ = strings.Cut(authority, "?")
		prefix = scheme + "://" + authority
	}
	return parts[0] + " " + prefix + original.target() + " " + parts[2]
}

// statusLine keeps the box's own HTTP version and the server's own code and
// reason: net/http knows only one reason for each code.
func statusLine(original *head, generated string) string {
	version, _, _ := strings.Cut(generated, " ")
	_, status, ok := strings.Cut(original.start, " ")
	if !ok {
		return generated
	}
	return version + " " + status
}

// startLine is the first line of a head, without its end.
func startLine(raw []byte) string {
	line, _, _ := bytes.Cut(raw, []byte("\r\n"))
	return string(line)
}
