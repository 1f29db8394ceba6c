package history

import (
	"encoding/base64"
	"strconv"
	"unicode/utf8"
)

// Events are most of a history, and to write their lines by encoding/json costs
// more than all else that is done to store them. So they are put together here,
// into the same bytes.

// appendEvent appends the line of an event; whole says that it could be done: a
// text that is not UTF-8 has to be written in another way.
func appendEvent(b []byte, e *Event, ref string) (line []byte, whole bool) {
	l := lineBuilder{b: append(b, eventBegins...), whole: true}
	l.b = strconv.AppendInt(l.b, int64(e.Seq), 10)
	l.b = append(l.b, `,"at":`...)
	l.b = strconv.AppendInt(l.b, int64(e.At), 10)
	l.text(`,"from":`, string(e.From))
	l.text(`,"kind":`, string(e.Kind))
	l.number(`,"hop":`, e.Hop)
	l.number(`,"conn":`, e.Conn)
	l.number(`,"exchange":`, e.Exchange)
	l.optional(`,"user":`, e.User)
	l.optional(`,"server":`, e.Server)
	l.number(`,"session":`, e.Session)
	l.optional(`,"id":`, e.ID)
	l.optional(`,"newId":`, e.NewID)
	l.optional(`,"action":`, e.Action)
	l.number(`,"status":`, e.Status)
	l.labels(e.Labels)
	l.optional(`,"fault":`, e.Fault)
	l.optional(`,"by":`, e.By)
	l.optional(`,"how":`, e.How)
	l.number(`,"given":`, e.Given)
	l.optional(`,"text":`, e.Text)
	if ref == "" {
		l.payload(e.Data)
	}
	l.optional(`,"ref":`, ref)
	return append(l.b, '}', '\n'), l.whole
}

// appendBlob appends the line of data that events refer to.
func appendBlob(b []byte, ref string, data []byte) []byte {
	l := lineBuilder{b: append(b, blobBegins...)}
	l.quote(ref)
	l.payload(data)
	return append(l.b, '}', '\n')
}

// lineBuilder puts the fields of a line together.
type lineBuilder struct {
	b     []byte
	whole bool // each text was UTF-8
}

func (l *lineBuilder) number(name string, n int) {
	if n != 0 {
		l.b = strconv.AppendInt(append(l.b, name...), int64(n), 10)
	}
}

func (l *lineBuilder) optional(name, text string) {
	if text != "" {
		l.text(name, text)
	}
}

func (l *lineBuilder) text(name, text string) {
	l.b = append(l.b, name...)
	l.quote(text)
}

func (l *lineBuilder) labels(labels []string) {
	if len(labels) == 0 {
		return
	}
	for i, label := range labels {
		before := ","
		if i == 0 {
			before = `,"labels":[`
		}
		l.text(before, label)
	}
	l.b = append(l.b, ']')
}

// payload appends data as pack stores it.
func (l *lineBuilder) payload(data []byte) {
	switch {
	case len(data) == 0:
	case readable(data):
		l.text(`,"raw":`, string(data))
	default:
		l.b = append(l.b, `,"raw64":"`...)
		l.b = append(base64.StdEncoding.AppendEncode(l.b, data), '"')
	}
}

const hexDigits = "0123456789abcdef"

// quote appends text as a JSON string, escaped as encoding/json does without its
// care for HTML: U+2028 and U+2029 end a line in JavaScript.
func (l *lineBuilder) quote(text string) {
	l.b = append(l.b, '"')
	kept := 0
	for i := 0; i < len(text); {
		c := text[i]
		if c >= ' ' && c != '"' && c != '\\' && c < utf8.RuneSelf {
			i++
			continue
		}
		r, size := rune(c), 1
		if c >= utf8.RuneSelf {
			r, size = utf8.DecodeRuneInString(text[i:])
		}
		l.whole = l.whole && (r != utf8.RuneError || size > 1)
		if r < utf8.RuneSelf || r == '\u2028' || r == '\u2029' {
			l.b = appendEscaped(append(l.b, text[kept:i]...), r)
			kept = i + size
		}
		i += size
	}
	l.b = append(append(l.b, text[kept:]...), '"')
}

func appendEscaped(b []byte, r rune) []byte {
	switch r {
	case '"', '\\':
		return append(b, '\\', byte(r))
	case '\b':
		return append(b, `\b`...)
	case '\f':
		return append(b, `\f`...)
	case '\n':
		return append(b, `\n`...)
	case '\r':
		return append(b, `\r`...)
	case '\t':
		return append(b, `\t`...)
	}
	return append(b, '\\', 'u', hexDigits[r>>12&15], hexDigits[r>>8&15], hexDigits[r>>4&15], hexDigits[r&15])
}
