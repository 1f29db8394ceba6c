package proxies

import (
	"fmt"
	"strings"
)

// SpecError says which word of a box's or chain's text is wrong and what may
// stand in its place.
type SpecError struct {
	Text    string   // the whole text
	Offset  int      // where Word begins in Text, in bytes from 0
	Word    string   // the offending word; empty where the text ends too early
	Problem string   // what is wrong with it
	Allowed []string // what may stand there
}

// Error is one line: the problem, the word, its place, what is allowed.
func (e *SpecError) Error() string {
	what := fmt.Sprintf("%q", e.Word)
	if e.Word == "" {
		what = "the end"
	}
	text := fmt.Sprintf("box %q: %s at offset %d: %s", e.Text, what, e.Offset, e.Problem)
	if len(e.Allowed) > 0 {
		text += "; allowed: " + strings.Join(e.Allowed, ", ")
	}
	return text
}
