package catalogue

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"
)

// Error is a mistake in a case file.
type Error struct {
	File         string
	Line, Column int    // of the offending word, from 1; columns count characters
	Message      string // on one line; names the word and what is allowed
}

// Error has the form that editors turn into a link.
func (e *Error) Error() string {
	return fmt.Sprintf("%s:%d:%d: %s", e.File, e.Line, e.Column, e.Message)
}

// place is a character of a file.
type place struct{ line, column int }

// problems gathers the mistakes of one file. A matrix repeats a mistake in
// each of its combinations, hence one mistake at a place is enough.
type problems struct {
	file string
	list []*Error
	seen map[place]bool
}

func (p *problems) add(at place, format string, args ...any) {
	if p.seen[at] {
		return
	}
	p.seen[at] = true
	message := strings.ReplaceAll(fmt.Sprintf(format, args...), "\n", " ")
	p.list = append(p.list, &Error{p.file, at.line, at.column, message})
}

// unknown is add for a word that is not among those allowed.
func (p *problems) unknown(at place, what, word string, allowed []string) {
	p.add(at, "unknown %s %q; %s", what, word, suggest(word, allowed))
}

// err joins the mistakes in the order of the file.
func (p *problems) err() error {
	slices.SortStableFunc(p.list, func(a, b *Error) int {
		return cmp.Or(a.Line-b.Line, a.Column-b.Column)
	})
	errs := make([]error, len(p.list))
	for i, e := range p.list {
		errs[i] = e
	}
	return errors.Join(errs...)
}
