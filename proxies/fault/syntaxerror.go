package fault

import (
	"fmt"
	"strings"
)

// SyntaxError says what is wrong in a fault's line, where, and what may stand
// there instead.
type SyntaxError struct {
	Text    string   // the whole line
	Offset  int      // of Word in Text, in bytes
	Word    string   // what stands there; "" at the end of the line
	Problem string   // lower case, without the word
	Allowed []string // what may stand there; N is a number, D a duration
}

// Error names the word, its place and what is allowed there.
func (e *SyntaxError) Error() string {
	where := fmt.Sprintf("%q", e.Word)
	if e.Word == "" {
		where = "the end"
	}
	return fmt.Sprintf("fault %q: at byte %d, %s: %s; allowed here: %s",
		e.Text, e.Offset, where, e.Problem, strings.Join(e.Allowed, ", "))
}
