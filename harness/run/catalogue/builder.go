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
	"gauntlet/harness/run/yamlfile"
	"gauntlet/proxies"
	"gauntlet/proxies/fault"
	"gauntlet/proxies/syntax"
)

// builder makes one case of a family.
type builder struct {
	problems
	vocabulary  Vocabulary
	family      family
	begin       yamlfile.Place
	combination combination
}

func (b builder) build(taken map[string]string) Case {
	f := b.family
	c := Case{File: b.File, Line: f.ID.Begin.Line}
	c.ID = b.id(taken)
	c.Title, c.Why = b.sentence(f.Title), b.sentence(f.Why)
	c.Proves = b.proves()
	c.Level, c.Clients = b.level(), b.clients()
	c.Dialect, c.Think, c.Knobs = b.dialect(), b.think(), b.knobs()
	chain, ok := b.chain(f.Chain)
	c.Contact, c.Proxy = b.contact(), b.proxy(chain, ok)
	c.Account = b.account()
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
		boxes, err := b.vocabulary.Boxes.ParseChain(t.Value)
		if err != nil {
			b.wrong(t, "unknown box word", err)
			ok = false
		}
		chain = append(chain, boxes...)
	}
	return chain, ok
}

// contact reads the boxes of the contact's own way; nil if it has none.
func (b builder) contact() proxies.Chain {
	if b.family.Contact == nil {
		return nil
	}
	chain, _ := b.chain(b.family.Contact) // its mistakes are noted
	return append(proxies.Chain{}, chain...)
}

// faults reads the schedule. A hop is counted only if the chain is known.
func (b builder) faults(chain proxies.Chain, counted bool) []fault.Fault {
	words := b.vocabulary.Faults
	words.Hops = 0
	if counted {
		words.Hops, words.Streams = len(chain)+1, chain.Streams()
	}
	var faults []fault.Fault
	for _, t := range b.family.Faults {
		t = b.text(t)
		f, err := fault.Parse(t.Value, words)
		if err != nil {
			b.wrong(t, faultMistake(err), err)
		}
		faults = append(faults, f)
	}
	return faults
}

// faultMistake names a mistake in a fault: some words are known, and stand where
// they mean nothing.
func faultMistake(err error) string {
	var wrong *syntax.Error
	if errors.As(err, &wrong) {
		if _, known := (fault.Effect{Name: wrong.Word}).Kind(); known || wrong.Problem == fault.OverHTTP2 {
			return "misplaced fault word"
		}
	}
	return "unknown fault word"
}

// wrong shows a mistake at the word of t that it is about, with all of t since it
// may have been put together from several places.
func (b builder) wrong(t text, what string, err error) {
	var wrong *syntax.Error
	switch errors.As(err, &wrong); {
	case wrong == nil:
		b.Add(t.Begin, "%v", err)
	case wrong.Word == "":
		b.Add(t.Place(wrong.Offset), "%q ends too early: %s; %s", t.Value, wrong.Problem, near.Suggest(wrong.Word, wrong.Allowed))
	default:
		b.Add(t.Place(wrong.Offset), "%s %q; %s; %s in %q", what, wrong.Word, near.Suggest(wrong.Word, wrong.Allowed), wrong.Problem, t.Value)
	}
}

// workload reads what the user does: a name, or steps.
func (b builder) workload() workload.Script {
	if user := b.family.Workload; user.Alone {
		name := b.text(user.Texts[0].Text)
		b.Among(name, "workload", workload.Names())
		script, _ := workload.Named(name.Value) // else reported
		return script
	}
	var lines []string
	sound := true
	for _, t := range b.family.Workload.Texts {
		step := b.text(t.Text)
		lines = append(lines, step.Value)
		sound = b.step(step) && sound
	}
	if !sound {
		return nil
	}
	return b.order(lines)
}

// step checks one step by itself.
func (b builder) step(t text) bool {
	_, err := workload.ParseStep(t.Value)
	if err != nil {
		b.Add(t.Place(argument(t.Value)), "%v", err)
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
	if script, err := workload.Parse(lines); err == nil {
		return script
	}
	for i := range lines { // which step is it?
		if _, err := workload.Parse(lines[:i+1]); err != nil {
			_, message, _ := strings.Cut(err.Error(), ": ") // its line counts the steps
			b.Add(b.text(b.family.Workload.Texts[i].Text).Begin, "step %d: %s", i+1, message)
			break
		}
	}
	return nil
}

// name fills a text for people, text one for the harness.
func (b builder) name(t text) text { return b.fill(t, b.combination.names) }

func (b builder) text(t text) text { return b.fill(t, b.combination.texts) }

func (b builder) id(taken map[string]string) string {
	id := b.name(b.family.ID)
	if at, wrong := misspelt(id.Value); wrong {
		b.Add(id.Place(at), "id %.130q: an id has lower-case letters and digits, single hyphens between them, and at most %d characters: its folder has this name", id.Value, longestID)
	} else if device.MatchString(id.Value) {
		b.Add(id.Begin, "id %q: Windows has a device of this name, and no folder", id.Value)
	} else if where, ok := taken[id.Value]; ok {
		b.Add(id.Begin, "id %q is given already at %s", id.Value, where)
	}
	taken[id.Value] = fmt.Sprintf("%s:%d", b.File, id.Begin.Line)
	return id.Value
}

func (b builder) sentence(t text) string {
	filled := b.name(t)
	if filled.Value == "" {
		b.Add(t.Begin, "this text is empty")
	}
	return filled.Value
}

func (b builder) proves() []requirement.ID {
	var ids []requirement.ID
	for _, t := range b.family.Proves {
		t = b.text(t)
		id := requirement.ID(t.Value)
		_, known := requirement.ByID(id)
		switch {
		case slices.Contains(ids, id):
			b.Add(t.Begin, "requirement %q is named twice", t.Value)
		case known:
			ids = append(ids, id)
		default:
			b.Among(t, "requirement", requirements())
		}
	}
	if len(b.family.Proves) == 0 {
		b.Add(b.begin, "a case proves at least one requirement; allowed: %v", requirements())
	}
	return ids
}

// gateway is what the gateway's key has; empty if it is left out.
func (b builder) gateway(key string) text {
	for _, e := range b.family.Gateway {
		if e.Key.Value == key {
			return b.text(e.Value.Text)
		}
	}
	return text{}
}

func (b builder) dialect() string {
	t := b.gateway("dialect")
	if t.Value == "" {
		return DefaultDialect
	}
	b.Among(t, "dialect", b.vocabulary.Dialects)
	return t.Value
}

func (b builder) think() time.Duration {
	t := b.gateway("think")
	if t.Value == "" {
		return DefaultThink
	}
	d, err := time.ParseDuration(t.Value)
	if err != nil || d < 0 {
		b.Add(t.Begin, "%q is not a duration; allowed: 0s, or a number and a unit, such as 50ms or 2s", t.Value)
	}
	return d
}

func (b builder) knobs() []Knob {
	var knobs []Knob
	for _, knob := range slices.Sorted(slices.Values(b.vocabulary.Knobs)) {
		t := b.gateway(knob)
		if !t.Given() || knob == "think" {
			continue
		}
		if err := b.vocabulary.Turn(knob, t.Value); err != nil {
			b.wrong(t, knob, err)
		}
		knobs = append(knobs, Knob{knob, t.Value})
	}
	return knobs
}

func (b builder) level() requirement.Level {
	t := b.text(b.family.Level)
	if t.Value != "" {
		b.Among(t, "level", []string{string(requirement.Must), string(requirement.Should)})
	}
	return requirement.Level(t.Value)
}

func (b builder) clients() int {
	t := b.text(b.family.Clients.Text)
	if t.Value == "" {
		return 0
	}
	n, err := strconv.Atoi(t.Value)
	if err != nil || n < 2 || n > mostClients {
		b.Add(t.Begin, "clients: %q is not a number from 2 to %d", t.Value, mostClients)
	}
	return n
}

// proxy reads what the client is told. Of boxes that no client is told of it can
// be told nothing.
func (b builder) proxy(chain proxies.Chain, known bool) ProxySetting {
	t := b.text(b.family.Proxy)
	setting := ProxySetting(t.Value)
	if t.Value == "" || !b.Among(t, "proxy setting", proxySettings()) || !known {
		return setting
	}
	switch box := chain.Explicit(); {
	case setting.OfBox() && box == nil:
		b.Add(t.Begin, "proxy: %s: the chain %q has no box that a client is told of", t.Value, chain)
	case setting == FileDirect && len(chain) > 0:
		b.Add(t.Begin, "proxy: %s: the file says that nobody is on the way, and the chain has %q", t.Value, chain)
	case setting.ByFile() && box != nil && (box.Kind == proxies.Connect || box.Credentials() != ""):
		b.Add(t.Begin, "proxy: %s: a file cannot say that a proxy is to be asked for tunnels, nor with which password", t.Value)
	case setting.ByFile() && b.family.Clients.Given():
		b.Add(t.Begin, "proxy: %s: only one client is told of a file", t.Value)
	}
	return setting
}

// The keys of an account.
const (
	nickKey        = "nick"
	contactNickKey = "contact-nick"
	contactsKey    = "contacts"
)

func accountKeys() []string { return []string{nickKey, contactNickKey, contactsKey} }

// mostContacts is how long the messenger lets a list of contacts be.
const mostContacts = 600

// account reads who the user is.
func (b builder) account() (account Account) {
	for _, e := range b.family.Account {
		t := b.text(e.Value.Text)
		switch e.Key.Value {
		case nickKey:
			account.Nick = t.Value
		case contactNickKey:
			account.ContactNick = t.Value
		case contactsKey:
			n, err := strconv.Atoi(t.Value)
			if err != nil || n < 0 || n > mostContacts {
				b.Add(t.Begin, "contacts: %q is not a number from 0 to %d", t.Value, mostContacts)
			}
			account.Others = n - 1
		}
	}
	return account
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
