package catalogue

import (
	"slices"
	"time"

	"gauntlet/harness/requirement"
)

// among reports t unless it is one of the words allowed.
func (p *problems) among(t text, what string, allowed []string) bool {
	if slices.Contains(allowed, t.value) {
		return true
	}
	p.unknown(t.begin, what, t.value, allowed)
	return false
}

func (b builder) proves() []requirement.ID {
	var ids []requirement.ID
	for _, t := range b.family.proves {
		t = b.text(t)
		id := requirement.ID(t.value)
		if slices.Contains(ids, id) {
			b.add(t.begin, "requirement %q is named twice", t.value)
		} else if b.among(t, "requirement", requirements()) {
			ids = append(ids, id)
		}
	}
	if len(b.family.proves) == 0 {
		b.add(b.family.begin, "a case proves at least one requirement; allowed: %v", requirements())
	}
	return ids
}

func requirements() []string {
	var ids []string
	for _, id := range requirement.IDs() {
		ids = append(ids, string(id))
	}
	return ids
}

func (b builder) dialect() string {
	t := b.text(b.family.dialect)
	if t.value == "" {
		return DefaultDialect
	}
	b.among(t, "dialect", b.vocabulary.Dialects)
	return t.value
}

func (b builder) think() time.Duration {
	t := b.text(b.family.think)
	if t.value == "" {
		return DefaultThink
	}
	d, err := time.ParseDuration(t.value)
	if err != nil || d < 0 {
		b.add(t.begin, "%q is not a duration; allowed: 0s, or a number and a unit, such as 50ms or 2s", t.value)
	}
	return d
}
