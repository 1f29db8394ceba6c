package catalogue

import (
	"slices"
	"strconv"
	"time"

	"gauntlet/harness/judge/requirement"
	"gauntlet/proxies"
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

func (b builder) knobs() []Knob {
	var knobs []Knob
	for _, s := range b.family.knobs {
		t := b.text(s.value)
		if err := b.vocabulary.Turn(s.knob, t.value); err != nil {
			b.add(t.begin, "%v", err)
		}
		knobs = append(knobs, Knob{s.knob, t.value})
	}
	return knobs
}

func (b builder) level() requirement.Level {
	t := b.text(b.family.level)
	if t.value != "" {
		b.among(t, "level", []string{string(requirement.Must), string(requirement.Should)})
	}
	return requirement.Level(t.value)
}

// mostClients is how large a crowd may be.
const mostClients = 1000

func (b builder) clients() int {
	t := b.text(b.family.clients)
	if t.value == "" {
		return 0
	}
	n, err := strconv.Atoi(t.value)
	if err != nil || n < 2 || n > mostClients {
		b.add(t.begin, "clients: %q is not a number from 2 to %d", t.value, mostClients)
	}
	return n
}

// proxy reads what the client is told. Of boxes that no client is told of it can
// be told nothing.
func (b builder) proxy(chain proxies.Chain, known bool) ProxySetting {
	t := b.text(b.family.proxy)
	setting := ProxySetting(t.value)
	if t.value != "" && b.among(t, "proxy setting", ProxySettings()) && setting.OfBox() && known && chain.Explicit() == nil {
		b.add(t.begin, "proxy: %s: the chain %q has no box that a client is told of", t.value, chain)
	}
	return setting
}
