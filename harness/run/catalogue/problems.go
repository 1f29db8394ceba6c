package catalogue

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/goccy/go-yaml"

	"gauntlet/harness/run/near"
	"gauntlet/harness/run/yamlfile"
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

// WordError is a mistake in one word of a value.
type WordError struct {
	Offset  int // where the word begins in the value, in bytes from 0
	Word    string
	Problem string
	Allowed []string
}

// Error tells it without the place.
func (e *WordError) Error() string {
	return fmt.Sprintf("%q: %s; allowed: %s", e.Word, e.Problem, strings.Join(e.Allowed, ", "))
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
	p.add(at, "unknown %s %q; %s", what, word, near.Suggest(word, allowed))
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

// These check that a node has the form that its key wants. What they return is
// usable, if empty, also after a mistake, so that one run finds all of them.

// object returns the values of a mapping that may have these keys only.
func (p *problems) object(n *node, keys ...string) map[string]*node {
	values := map[string]*node{}
	if n == nil || !p.want(n, aMapping) {
		return values
	}
	for _, e := range n.entries {
		if !slices.Contains(keys, e.key.value) {
			p.unknown(e.key.begin, "key", e.key.value, keys)
			continue
		}
		values[e.key.value] = e.value
	}
	return values
}

// text is the value of a key that takes one; nil stands for an absent key.
func (p *problems) text(n *node) text {
	if n == nil || !p.want(n, aText) {
		return text{}
	}
	return n.text
}

// texts is the value of a key that takes a list of them.
func (p *problems) texts(n *node) []text {
	if n == nil || !p.want(n, aList) {
		return nil
	}
	out := make([]text, 0, len(n.items))
	for _, item := range n.items {
		if p.want(item, aText) {
			out = append(out, item.text)
		}
	}
	return out
}

// scalar is a text that may look like a number: ports and byte counts do.
func (p *problems) scalar(n *node) text {
	if n.kind == aNumber {
		return n.text
	}
	return p.text(n)
}

func (p *problems) want(n *node, k kind) bool {
	if n.kind == k {
		return true
	}
	hint := ""
	if k == aText && (n.kind == aNumber || n.kind == aTruth) {
		hint = "; put it in quotes"
	}
	p.add(n.begin, "%s is wanted here, not %s%s", k, n.kind, hint)
	return false
}

// need reports the keys that a mapping lacks.
func (p *problems) need(n *node, has map[string]*node, keys ...string) {
	missing := slices.DeleteFunc(keys, func(key string) bool { return has[key] != nil })
	if len(missing) > 0 {
		p.add(n.begin, "missing: %s", strings.Join(missing, ", "))
	}
}

// among reports t unless it is one of the words allowed.
func (p *problems) among(t text, what string, allowed []string) bool {
	if slices.Contains(allowed, t.value) {
		return true
	}
	p.unknown(t.begin, what, t.value, allowed)
	return false
}

// parse returns the documents of a file, without those that it cannot read.
func (p *problems) parse(file []byte) []*node {
	if line, column, problem := yamlfile.Excess(file); problem != "" {
		p.add(place{line, column}, "%s", problem)
		return nil
	}
	parsed, err := parseYAML(file)
	if err != nil {
		p.syntax(err)
		return nil
	}
	r := reader{p, lines(file)}
	var documents []*node
	for _, d := range parsed.Docs {
		if d.Body != nil {
			documents = append(documents, r.node(d.Body))
		}
	}
	if len(documents) == 0 {
		p.add(place{1, 1}, "there is no case in this file")
	}
	return documents
}

func (p *problems) syntax(err error) {
	var syntax yaml.Error
	if errors.As(err, &syntax) && syntax.GetToken() != nil {
		p.add(placeOf(syntax.GetToken()), "%s", syntax.GetMessage())
		return
	}
	p.add(place{1, 1}, "%v", err)
}
