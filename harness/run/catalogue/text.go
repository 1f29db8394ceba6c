package catalogue

import (
	"slices"
	"unicode/utf8"
)

// text is a string that remembers for each of its bytes where it was written,
// also after pieces of different origin were joined. So a mistake in the tenth
// word of a fault is shown at that word, even if it came from the matrix.
type text struct {
	value string
	at    []place // one for each byte of value
	begin place   // where value begins, also if it is empty
	end   place   // the place after its last character
}

// place is where the byte at offset was written.
func (t text) place(offset int) place {
	if offset < len(t.at) {
		return t.at[offset]
	}
	return t.end
}

func (t text) slice(from, to int) text {
	return text{t.value[from:to], t.at[from:to], t.place(from), t.place(to)}
}

func (t text) join(more text) text {
	joined := text{value: t.value + more.value, begin: t.begin, end: more.end}
	joined.at = append(append(joined.at, t.at...), more.at...)
	return joined
}

// source is a file as characters, for finding places in it.
type source [][]rune

// style says how a scalar is written in YAML.
type style int

const (
	plain  style = iota // also block scalars
	single              // 'it''s'
	double              // "a\tb"
)

// text finds each character of value in the file from begin on. White space
// may be folded in YAML, so any amount of it stands for any other. A character
// that is not found gets the place where the search stood.
func (s source) text(value string, begin place, how style) text {
	c := &cursor{source: s, at: begin, how: how}
	if how != plain {
		c.step() // over the quote
	}
	t := text{value: value, begin: c.at}
	for len(t.at) < len(value) {
		r, size := utf8.DecodeRuneInString(value[len(t.at):])
		t.at = append(t.at, slices.Repeat([]place{c.find(r)}, size)...)
	}
	t.end = c.at
	t.begin = t.place(0)
	return t
}

func isSpace(r rune) bool { return r == ' ' || r == '\t' || r == '\n' || r == '\r' }
