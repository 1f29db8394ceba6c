// Package syntax says what is wrong with one word of a text that people write: a
// fault, a box, a knob of the gateway. It knows none of these languages; their
// parsers and whoever shows a mistake at its place import it. It starts no
// goroutine.
package syntax

import (
	"fmt"
	"strings"
)

// Error is a word that cannot stand where it does.
type Error struct {
	In      string   // the kind of text: fault, box
	Text    string   // the whole of it
	Offset  int      // where Word begins in Text, in bytes from 0
	Word    string   // what stands there; empty where the text ends too early
	Problem string   // lower case, without the word
	Allowed []string // what may stand there; N is a number, D a duration
}

// Error is one line: the word, its place, the problem, what is allowed.
func (e *Error) Error() string {
	what := fmt.Sprintf("%q", e.Word)
	if e.Word == "" {
		what = "the end"
	}
	text := fmt.Sprintf("%s %q: at byte %d, %s: %s", e.In, e.Text, e.Offset, what, e.Problem)
	if len(e.Allowed) > 0 {
		text += "; allowed here: " + strings.Join(e.Allowed, ", ")
	}
	return text
}
