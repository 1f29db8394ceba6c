package yamlfile

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"

	"gauntlet/harness/run/near"
)

// Error is a mistake in a file.
type Error struct {
	File         string
	Line, Column int    // of the offending word, from 1; columns count characters
	Message      string // on one line; names the word and what is allowed
}

// Error has the form that editors turn into a link.
func (e *Error) Error() string {
	return fmt.Sprintf("%s:%d:%d: %s", e.File, e.Line, e.Column, e.Message)
}

// Place is a character of a file, from 1; the zero value is none.
type Place struct{ Line, Column int }

// Mistakes gathers what is wrong with a file. One mistake at a place is enough:
// what is read many times, as in a matrix, repeats it.
type Mistakes struct {
	File string
	list []*Error
	seen map[Place]bool
}

// Add notes a mistake.
func (m *Mistakes) Add(at Place, format string, args ...any) {
	if m.seen[at] {
		return
	}
	if m.seen == nil {
		m.seen = map[Place]bool{}
	}
	m.seen[at] = true
	message := strings.ReplaceAll(fmt.Sprintf(format, args...), "\n", " ")
	m.list = append(m.list, &Error{m.File, at.Line, at.Column, message})
}

// Unknown is Add for a word that is not among those allowed.
func (m *Mistakes) Unknown(at Place, what, word string, allowed []string) {
	m.Add(at, "unknown %s %q; %s", what, word, near.Suggest(word, allowed))
}

// Among notes t unless it is one of the words allowed.
func (m *Mistakes) Among(t Text, what string, allowed []string) bool {
	if slices.Contains(allowed, t.Value) {
		return true
	}
	m.Unknown(t.Begin, what, t.Value, allowed)
	return false
}

// Count is how many mistakes there are so far.
func (m *Mistakes) Count() int { return len(m.list) }

// Err joins the mistakes in the order of the file; nil if there are none.
func (m *Mistakes) Err() error {
	slices.SortStableFunc(m.list, func(a, b *Error) int {
		return cmp.Or(a.Line-b.Line, a.Column-b.Column)
	})
	errs := make([]error, len(m.list))
	for i, e := range m.list {
		errs[i] = e
	}
	return errors.Join(errs...)
}
