package proxies

import (
	"bytes"
	"slices"
	"strings"
)

// respell writes a head that net/http generated the way its original came:
// fields in the original's order and spelling, untouched lines byte for byte.
// Fields that the original lacks follow at the end, except Host, which leads.
// What the generated head lacks stays away: the box removed it.
func respell(original *head, generated []byte, start string) []byte {
	made := parseHead(generated)
	left := values(made)
	var out bytes.Buffer
	line := func(s string) { out.WriteString(s + "\r\n") }
	line(start)
	if host := left["Host"]; len(host) > 0 && !original.has("Host") {
		line("Host: " + host[0])
		delete(left, "Host")
	}
	for _, f := range original.fields {
		if text, ok := f.restore(left); ok {
			line(text)
		}
	}
	for _, f := range made.fields {
		if rest := left[f.key()]; len(rest) > 0 {
			line(f.name + ": " + rest[0])
			left[f.key()] = rest[1:]
		}
	}
	line("")
	return out.Bytes()
}

// values gathers a head's values by canonical name.
func values(h *head) map[string][]string {
	all := map[string][]string{}
	for _, f := range h.fields {
		all[f.key()] = append(all[f.key()], f.value)
	}
	return all
}

// restore takes the value that belongs to f out of left and gives its line:
// the very one that came, if the value is the same.
func (f field) restore(left map[string][]string) (string, bool) {
	key := f.key()
	rest := left[key]
	if len(rest) == 0 {
		return "", false
	}
	at := slices.Index(rest, f.value)
	same := at >= 0
	value := rest[max(at, 0)]
	left[key] = slices.Delete(rest, max(at, 0), max(at, 0)+1)
	if same && f.line != "" {
		return f.line, true
	}
	return f.name + ": " + value, true
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
