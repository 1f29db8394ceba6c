package catalogue

import (
	"fmt"
	"regexp"
	"slices"
)

// expand makes the cases of a family. There are none if anything is wrong with
// one of them.
func (f *family) expand(p *problems, v Vocabulary, taken map[string]string) []Case {
	var cases []Case
	for _, c := range combinations(f.axes) {
		if slices.ContainsFunc(f.except, func(e exception) bool { return e.covers(c) }) {
			continue
		}
		b := builder{p, v, f, c}
		cases = append(cases, b.build(taken))
	}
	if len(cases) == 0 {
		p.add(f.begin, "except leaves no case")
	}
	return cases
}

// builder makes one case of a family.
type builder struct {
	*problems
	vocabulary  Vocabulary
	family      *family
	combination combination
}

func (b builder) build(taken map[string]string) Case {
	f := b.family
	c := Case{File: b.file, Line: f.id.begin.line}
	c.ID = b.id(taken)
	c.Title, c.Why = b.sentence(f.title), b.sentence(f.why)
	c.Proves = b.proves()
	c.Level, c.Clients = b.level(), b.clients()
	c.Dialect, c.Think, c.Knobs = b.dialect(), b.think(), b.knobs()
	chain, ok := b.chain(f.chain)
	c.Contact, c.Proxy = b.contact(), b.proxy(chain, ok)
	c.Chain = chain
	c.Faults = b.faults(chain, ok)
	c.Workload = b.workload()
	return c
}

// name fills a text for people, text one for the harness.
func (b builder) name(t text) text { return b.fill(t, b.combination.names) }
func (b builder) text(t text) text { return b.fill(t, b.combination.texts) }

func (b builder) id(taken map[string]string) string {
	id := b.name(b.family.id)
	first := id.place(firstNot(id.value, idLetters()))
	if !idForm().MatchString(id.value) {
		b.add(first, "id %q: an id has lower-case letters, digits and hyphens, and no hyphen first", id.value)
	} else if where, ok := taken[id.value]; ok {
		b.add(id.begin, "id %q is given already at %s", id.value, where)
	}
	taken[id.value] = fmt.Sprintf("%s:%d", b.file, id.begin.line)
	return id.value
}

func idForm() *regexp.Regexp    { return regexp.MustCompile(`^[a-z0-9][a-z0-9-]*$`) }
func idLetters() *regexp.Regexp { return regexp.MustCompile(`^(?:[a-z0-9][a-z0-9-]*)?`) }

// firstNot is the offset of the first letter that the form does not cover.
func firstNot(text string, form *regexp.Regexp) int { return len(form.FindString(text)) }

func (b builder) sentence(t text) string {
	filled := b.name(t)
	if filled.value == "" {
		b.add(t.begin, "this text is empty")
	}
	return filled.value
}
