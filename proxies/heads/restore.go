// Package heads edits the heads of HTTP messages on their way through a
// connection: what a server of net/http is about to read, and what net/http has
// written, which spells and orders fields as it likes. It decides nothing: what a
// head becomes is its user's to say. It starts no goroutine. Boxes import it.
package heads

import (
	"slices"
	"strings"

	"gauntlet/proxies/http1"
)

// Restore writes a head that net/http generated the way its original came:
// fields in the original's order and spelling, untouched lines byte for byte.
// Fields that the original lacks follow at the end, except Host, which leads.
// What the generated head lacks stays away: the box removed it.
func Restore(original *http1.Head, generated []byte, start string) []byte {
	written := http1.Parse(generated)
	left := written.Fields
	out := line(make([]byte, 0, 2*len(generated)), start)
	if !original.Has("Host") {
		if host, ok := take(left, "Host", ""); ok {
			out = line(out, "Host: "+host)
		}
	}
	for _, f := range original.Fields {
		value, ok := take(left, f.Name, f.Value)
		switch {
		case ok && value == f.Value && !f.Folded():
			out = line(out, strings.TrimRight(f.Raw, "\r\n"))
		case ok:
			out = line(out, f.Name+": "+value)
		}
	}
	for _, f := range left {
		if f.Name != "" {
			out = line(out, f.Name+": "+f.Value)
		}
	}
	return line(out, "")
}

func line(out []byte, text string) []byte { return append(append(out, text...), "\r\n"...) }

// take takes the value of a field out of those that are left, the wanted one if
// it is there; a field that was taken has no name.
func take(left []http1.Field, name, wanted string) (value string, ok bool) {
	at := -1
	for i := range left {
		if left[i].Name != "" && left[i].Is(name) && (at < 0 || left[i].Value == wanted && left[at].Value != wanted) {
			at = i
		}
	}
	if at < 0 {
		return "", false
	}
	left[at].Name = ""
	return left[at].Value, true
}

// RequestLine puts the client's own target into the request line that
// net/http made, in the form (absolute or origin) that net/http chose.
func RequestLine(original *http1.Head, generated string) string {
	parts := strings.SplitN(generated, " ", 3)
	if len(parts) != 3 {
		return generated
	}
	prefix := ""
	if scheme, rest, absolute := cutScheme(parts[1]); absolute {
		authority, _, _ := strings.Cut(rest, "/")
		authority, _, _ = strings.Cut(authority, "?")
		prefix = scheme + "://" + authority
	}
	return parts[0] + " " + prefix + inOriginForm(original.Target()) + " " + parts[2]
}

// inOriginForm is a target without the server that it names, byte for byte;
// net/url would re-encode some of it.
func inOriginForm(target string) string {
	_, after, absolute := cutScheme(target)
	if !absolute {
		return target
	}
	if at := strings.IndexAny(after, "/?"); at >= 0 {
		return "/" + strings.TrimPrefix(after[at:], "/")
	}
	return "/"
}

func cutScheme(target string) (scheme, rest string, absolute bool) {
	scheme, rest, absolute = strings.Cut(target, "://")
	return scheme, rest, absolute && !strings.HasPrefix(target, "/")
}

// StatusLine keeps the box's own HTTP version and the server's own code and
// reason: net/http knows only one reason for each code.
func StatusLine(original *http1.Head, generated string) string {
	version, _, _ := strings.Cut(generated, " ")
	_, status, ok := strings.Cut(original.Start(), " ")
	if !ok {
		return generated
	}
	return version + " " + status
}

// WithVersion puts a version, such as 1.0, in place of that in a status line or
// request line.
func WithVersion(line, version string) string {
	at := strings.Index(line, "HTTP/1.")
	if at < 0 {
		return line
	}
	return line[:at] + "HTTP/" + version + line[at+len("HTTP/1.0"):]
}

// Sort sorts the fields of a head by their names, Host in front.
func Sort(head []byte) []byte {
	h := http1.Parse(head)
	rank := func(f http1.Field) string {
		if f.Is("Host") {
			return ""
		}
		return strings.ToLower(f.Name)
	}
	slices.SortStableFunc(h.Fields, func(a, b http1.Field) int { return strings.Compare(rank(a), rank(b)) })
	return h.Bytes()
}

// Lower writes the names of all fields in lower case, and one blank before their values.
func Lower(head []byte) []byte {
	h := http1.Parse(head)
	for i, f := range h.Fields {
		if strings.Contains(f.Raw, ":") {
			h.Fields[i] = http1.NewField(strings.ToLower(f.Name), f.Value)
		}
	}
	return h.Bytes()
}

// Edit has each of edits change a head, one after the other.
func Edit(edits []func([]byte) []byte, head []byte) []byte {
	for _, edit := range edits {
		head = edit(head)
	}
	return head
}

// StartLine is the first line of a head, without its end.
func StartLine(head []byte) string { return string(http1.StartLine(head)) }
