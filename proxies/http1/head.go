package http1

import (
	"bytes"
	"slices"
	"strings"
)

// Head is a message's head: start line, fields, blank line. Its zero value is
// an empty one.
type Head struct {
	Fields []Field

	start string // with its line end and the blank lines before it
	end   string // the blank line; "" if the head is not whole
}

// Field is one header field. Raw is what is written: a field is changed by
// putting that of NewField in its place.
type Field struct {
	Name  string // as it is spelt; the whole line if it has no colon
	Value string // without blanks around it; folded lines are joined by a space
	Raw   string // all of its bytes, line ends included
}

// NewField returns the field as it is usually written.
func NewField(name, value string) Field {
	return Field{name, value, name + ": " + value + "\r\n"}
}

// Is reports whether the field has that name, in any case.
func (f Field) Is(name string) bool { return strings.EqualFold(trim(f.Name), name) }

// Folded reports whether the field stands on several lines.
func (f Field) Folded() bool { return strings.Count(f.Raw, "\n") > 1 }

// Parse reads a head, of which the end may be missing. It accepts anything;
// Bytes gives back what it was given. The head is copied unless it is a string.
func Parse[T []byte | string](raw T) Head {
	text := string(raw)
	blank := lead(text)
	line := lineOf(text[blank:])
	h := Head{start: text[:blank+len(line)]}
	text = text[len(h.start):]
	if n := strings.Count(text, "\n"); n > 1 {
		h.Fields = make([]Field, 0, n-1)
	}
	for text != "" {
		f := nextField(text)
		if f.Raw == "" {
			h.end = text
			break
		}
		h.Fields = append(h.Fields, f)
		text = text[len(f.Raw):]
	}
	return h
}

// lineOf is the first line of text with its end.
func lineOf(text string) string {
	if n := strings.IndexByte(text, '\n'); n >= 0 {
		return text[:n+1]
	}
	return text
}

// nextField reads the field that text begins with; Raw is empty at the blank
// line.
func nextField(text string) Field {
	line := lineOf(text)
	if lead(line) == len(line) {
		return Field{}
	}
	name, value, _ := strings.Cut(line, ":")
	f := Field{Name: trimEnd(name), Value: trim(value), Raw: line}
	for strings.HasSuffix(f.Raw, "\n") && len(f.Raw) < len(text) && strings.IndexByte(" \t", text[len(f.Raw)]) >= 0 {
		more := lineOf(text[len(f.Raw):])
		f.Raw = text[:len(f.Raw)+len(more)]
		f.Value = trim(f.Value + " " + trim(more))
	}
	return f
}

// Bytes are the head as it is written.
func (h *Head) Bytes() []byte { return h.AppendTo(nil) }

// AppendTo appends the head as it is written.
func (h *Head) AppendTo(b []byte) []byte {
	size := len(h.start) + len(h.end)
	for _, f := range h.Fields {
		size += len(f.Raw)
	}
	b = append(slices.Grow(b, size), h.start...)
	for _, f := range h.Fields {
		b = append(b, f.Raw...)
	}
	return append(b, h.end...)
}

// Start is the request line or status line, without its line end.
func (h *Head) Start() string { return trimEnd(h.start[lead(h.start):]) }

// SetStart puts another line in its place.
func (h *Head) SetStart(line string) {
	was := h.Start()
	if at := strings.Index(h.start, was); was != "" {
		h.start = h.start[:at] + line + h.start[at+len(was):]
		return
	}
	h.start = line + "\r\n"
}

// Lists reports whether a field's value, which is a list, has a word in it in whatever
// spelling, as the options of Connection are (RFC 9110, section 7.6.1).
func Lists(value, word string) bool {
	for item := range strings.SplitSeq(value, ",") {
		if strings.EqualFold(strings.Trim(item, " \t"), word) {
			return true
		}
	}
	return false
}

// word is the i-th word of the start line, "" if there are fewer.
func (h *Head) word(i int) string {
	for word := range strings.FieldsSeq(h.start) {
		if i == 0 {
			return word
		}
		i--
	}
	return ""
}

// Method is the first word of a request line.
func (h *Head) Method() string { return h.word(0) }

// Target is the second word of a request line, byte for byte.
func (h *Head) Target() string { return h.word(1) }

// Version is the word that says it, on a request line or a status line; "" if
// none does.
func (h *Head) Version() string {
	for _, i := range []int{0, 2} {
		if word := h.word(i); strings.HasPrefix(word, "HTTP/") {
			return word
		}
	}
	return ""
}

// Status is the status of an answer; 0 if there is no number.
func (h *Head) Status() int { return statusOf([]byte(h.Start())) }

// Get is the value of the first field of that name, "" if there is none.
func (h *Head) Get(name string) string {
	if i := h.index(name); i >= 0 {
		return h.Fields[i].Value
	}
	return ""
}

// Has reports whether there is a field of that name.
func (h *Head) Has(name string) bool { return h.index(name) >= 0 }

// Count is the number of fields of that name.
func (h *Head) Count(name string) (n int) {
	for _, f := range h.Fields {
		if f.Is(name) {
			n++
		}
	}
	return n
}

func (h *Head) index(name string) int {
	return slices.IndexFunc(h.Fields, func(f Field) bool { return f.Is(name) })
}

// Set changes the value of the first field of that name, where it stands and as
// it is spelt, and removes others; it adds the field if there is none.
func (h *Head) Set(name, value string) {
	i := h.index(name)
	if i < 0 {
		h.Add(name, value)
		return
	}
	kept := NewField(h.Fields[i].Name, value)
	rest := slices.DeleteFunc(slices.Clone(h.Fields[i+1:]), func(f Field) bool { return f.Is(name) })
	h.Fields = append(append(slices.Clip(h.Fields[:i]), kept), rest...)
}

// Add puts a field at the end.
func (h *Head) Add(name, value string) {
	h.Fields = append(h.Fields, NewField(name, value))
}

// Remove takes all fields of these names out.
func (h *Head) Remove(names ...string) {
	h.Fields = slices.DeleteFunc(h.Fields, func(f Field) bool { return slices.ContainsFunc(names, f.Is) })
}

// Replace puts what change returns in the place of each field of that name.
func (h *Head) Replace(name string, change func(Field) []Field) {
	var out []Field
	for _, f := range h.Fields {
		if f.Is(name) {
			out = append(out, change(f)...)
			continue
		}
		out = append(out, f)
	}
	h.Fields = out
}

// StartLine is the first line of a head or of what there is of one, without its
// line end; blank lines before it are skipped.
func StartLine(head []byte) []byte {
	line, _, _ := bytes.Cut(head[lead(head):], []byte("\n"))
	return bytes.TrimRight(line, "\r")
}

// Target is the second word of the start line: a request's target, byte for
// byte. It is "" if there is none.
func Target(head []byte) string {
	n := 0
	for word := range bytes.FieldsSeq(StartLine(head)) {
		if n == 1 {
			return string(word)
		}
		n++
	}
	return ""
}

// HeadEnd is the length of the head that b begins with, its blank line and
// blank lines before it included; -1 while it is incomplete.
func HeadEnd(b []byte) int {
	at := lead(b)
	for begin := at; ; {
		n := bytes.IndexByte(b[at:], '\n')
		if n < 0 {
			return -1
		}
		if line := b[at : at+n]; at > begin && len(bytes.Trim(line, "\r")) == 0 {
			return at + n + 1
		}
		at += n + 1
	}
}

// IsInterim reports whether a head is that of an answer which another follows:
// 1xx, but not 101.
func IsInterim(head []byte) bool {
	status := statusOf(StartLine(head))
	return status/100 == 1 && status != 101
}
