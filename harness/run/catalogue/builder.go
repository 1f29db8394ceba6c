package catalogue

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"gauntlet/harness/judge/requirement"
	"gauntlet/harness/run/near"
	"gauntlet/harness/run/workload"
	"gauntlet/proxies"
	"gauntlet/proxies/fault"
)

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

// chain reads the boxes. Each text is a box, or several with arrows between,
// or `direct`, so that an axis can offer whole routes.
func (b builder) chain(texts []text) (chain proxies.Chain, ok bool) {
	ok = true
	for _, t := range texts {
		t = b.text(t)
		boxes, err := b.vocabulary.Boxes.ParseChain(t.value)
		if err != nil {
			b.box(t, err)
			ok = false
		}
		chain = append(chain, boxes...)
	}
	return chain, ok
}

// contact reads the boxes of the contact's own way; nil if it has none.
func (b builder) contact() proxies.Chain {
	if b.family.contact == nil {
		return nil
	}
	chain, _ := b.chain(b.family.contact) // its mistakes are noted
	return append(proxies.Chain{}, chain...)
}

func (b builder) box(t text, err error) {
	var wrong *proxies.SpecError
	if !errors.As(err, &wrong) {
		b.add(t.begin, "box: %v", err)
		return
	}
	b.word(t, "unknown box word", wrong.Offset, wrong.Word, wrong.Problem, wrong.Allowed)
}

// faults reads the schedule. A hop is counted only if the chain is known.
func (b builder) faults(chain proxies.Chain, counted bool) []fault.Fault {
	words := b.vocabulary.Faults
	words.Hops = 0
	if counted {
		words.Hops = len(chain) + 1
	}
	var faults []fault.Fault
	for _, t := range b.family.faults {
		t = b.text(t)
		f, err := fault.Parse(t.value, words)
		if err != nil {
			b.fault(t, err)
		}
		faults = append(faults, f)
	}
	return faults
}

func (b builder) fault(t text, err error) {
	var wrong *fault.SyntaxError
	if !errors.As(err, &wrong) {
		b.add(t.begin, "fault: %v", err)
		return
	}
	what := "unknown fault word"
	if _, known := fault.Effects()[wrong.Word]; known {
		what = "misplaced fault word"
	}
	b.word(t, what, wrong.Offset, wrong.Word, wrong.Problem, wrong.Allowed)
}

// word reports a word inside of t, with all of t since it may have been put
// together from several places.
func (b builder) word(t text, what string, offset int, word, problem string, allowed []string) {
	if word == "" {
		b.add(t.place(offset), "%q ends too early: %s; %s", t.value, problem, near.Suggest(word, allowed))
		return
	}
	b.add(t.place(offset), "%s %q; %s; %s in %q", what, word, near.Suggest(word, allowed), problem, t.value)
}

// workload reads what the user does: a name, or steps.
func (b builder) workload() workload.Script {
	if b.family.steps != nil {
		return b.script()
	}
	name := b.text(b.family.workload)
	b.among(name, "workload", workload.Names())
	script, _ := workload.Named(name.value) // else reported
	return script
}

func (b builder) script() workload.Script {
	var lines []string
	sound := true
	for _, t := range b.family.steps {
		t = b.text(t)
		lines = append(lines, t.value)
		sound = b.step(t) && sound
	}
	if !sound {
		return nil
	}
	return b.order(lines)
}

// step checks one step by itself.
func (b builder) step(t text) bool {
	_, err := workload.ParseStep(t.value)
	if err != nil {
		b.add(t.place(argument(t.value)), "%v", err)
	}
	return err == nil
}

// argument is the offset of what follows the verb of a step, 0 if its verb is
// not known.
func argument(step string) int {
	for _, form := range workload.Allowed() {
		verb := regexp.MustCompile(` [A-Z].*`).ReplaceAllString(form, "")
		if rest, ok := strings.CutPrefix(step, verb+" "); ok {
			return len(step) - len(strings.TrimLeft(rest, " "))
		}
	}
	return 0
}

// order checks that each step can follow those before it.
func (b builder) order(lines []string) workload.Script {
	for i := range lines {
		if _, err := workload.Parse(lines[:i+1]); err != nil {
			_, message, _ := strings.Cut(err.Error(), ": ") // its line counts the steps
			b.add(b.text(b.family.steps[i]).begin, "step %d: %s", i+1, message)
			return nil
		}
	}
	script, _ := workload.Parse(lines) // just parsed
	return script
}

// name fills a text for people, text one for the harness.
func (b builder) name(t text) text { return b.fill(t, b.combination.names) }

func (b builder) text(t text) text { return b.fill(t, b.combination.texts) }

func (b builder) id(taken map[string]string) string {
	id := b.name(b.family.id)
	if at, wrong := misspelt(id.value); wrong {
		b.add(id.place(at), "id %.130q: an id has lower-case letters and digits, single hyphens between them, and at most %d characters: its folder has this name", id.value, longestID)
	} else if where, ok := taken[id.value]; ok {
		b.add(id.begin, "id %q is given already at %s", id.value, where)
	}
	taken[id.value] = fmt.Sprintf("%s:%d", b.file, id.begin.line)
	return id.value
}

func (b builder) sentence(t text) string {
	filled := b.name(t)
	if filled.value == "" {
		b.add(t.begin, "this text is empty")
	}
	return filled.value
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
		var wrong *WordError
		switch err := b.vocabulary.Turn(s.knob, t.value); {
		case errors.As(err, &wrong):
			b.word(t, s.knob+":", wrong.Offset, wrong.Word, wrong.Problem, wrong.Allowed)
		case err != nil:
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

func requirements() []string {
	var ids []string
	for _, id := range requirement.IDs() {
		ids = append(ids, string(id))
	}
	return ids
}

// mostClients is how large a crowd may be.
const mostClients = 1000
