package yamlfile

import (
	"context"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/token"
)

// Text is a string that remembers for each of its bytes where it was written,
// also after pieces of different origin were joined. So a mistake in the tenth
// word of a fault is shown at that word, even if it came from the matrix. What
// looks like a number is no Text without quotes.
type Text struct {
	Value string
	Begin Place   // where the value begins, also if it is empty; zero if there is none
	End   Place   // the place after its last character
	at    []Place // one for each byte of the value
}

// Place is where the byte at offset was written.
func (t Text) Place(offset int) Place {
	if offset < len(t.at) {
		return t.at[offset]
	}
	return t.End
}

// Given reports whether there is a text, even an empty one.
func (t Text) Given() bool { return t.Begin != Place{} }

// Slice is a piece of t, by offsets in bytes.
func (t Text) Slice(from, to int) Text {
	return Text{t.Value[from:to], t.Place(from), t.Place(to), t.at[from:to]}
}

// Join puts more behind t.
func (t Text) Join(more Text) Text {
	return Text{t.Value + more.Value, t.Begin, more.End, slices.Concat(t.at, more.at)}
}

// UnmarshalYAML is for the decoder.
func (t *Text) UnmarshalYAML(ctx context.Context, n ast.Node) error {
	if is, _ := textStyle(n); !is {
		return wanted("a text", n)
	}
	*t = scalar(ctx, n)
	return nil
}

// Scalar is a text that may look like a number: ports and byte counts do.
type Scalar struct{ Text }

// UnmarshalYAML is for the decoder.
func (s *Scalar) UnmarshalYAML(ctx context.Context, n ast.Node) error {
	if kindOf(n) != kinds[ast.IntegerType] {
		return s.Text.UnmarshalYAML(ctx, n)
	}
	s.Text = scalar(ctx, n)
	return nil
}

// textStyle reports whether a node is a text, and how it is written.
func textStyle(n ast.Node) (is bool, how style) {
	switch n.(type) {
	case *ast.LiteralNode:
		return true, plain
	case *ast.StringNode:
		return true, map[token.Type]style{token.SingleQuoteType: single, token.DoubleQuoteType: double}[n.GetToken().Type]
	}
	return false, plain
}

// scalar finds a node's text in the file that is being decoded.
func scalar(ctx context.Context, n ast.Node) Text {
	source, _ := ctx.Value(sourceKey{}).(lines) // else no character is found, and all are at the beginning
	if block, is := n.(*ast.LiteralNode); is {
		return source.text(block.Value.Value, Place{begin(n).Line + 1, 1}, plain)
	}
	_, how := textStyle(n)
	return source.text(n.GetToken().Value, begin(n), how)
}

// lines are a file as characters, for finding places in it.
type lines [][]rune

func linesOf(source []byte) lines {
	var all lines
	for line := range strings.Lines(string(source)) {
		all = append(all, []rune(strings.TrimRight(line, "\r\n")))
	}
	return all
}

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
func (s lines) text(value string, begin Place, how style) Text {
	c := &cursor{source: s, at: begin, how: how}
	if how != plain {
		c.step() // over the quote
	}
	t := Text{Value: value, Begin: c.at}
	for len(t.at) < len(value) {
		r, size := utf8.DecodeRuneInString(value[len(t.at):])
		t.at = append(t.at, slices.Repeat([]Place{c.find(r)}, size)...)
	}
	t.End = c.at
	t.Begin = t.Place(0)
	return t
}

func isSpace(r rune) bool { return r == ' ' || r == '\t' || r == '\n' || r == '\r' }
