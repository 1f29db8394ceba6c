package proxies

import (
	"cmp"
	"maps"
	"slices"
	"strings"
)

// Quirk is one way in which a box departs from the faithful one: all that there
// is to know of it.
type Quirk struct {
	// Word is its name in a spec's text.
	Word string
	// Help says in one line what a box with it does.
	Help string

	kinds  []Kind    // the boxes for which it means something; nil: those that speak HTTP
	effect effect    // what may follow the word, and what becomes of the box
	bundle []Setting // the quirks for which the word stands; then there is no effect
}

// quirkTable is the registry, by families. Where two quirks do something at the same
// place, the order here is the order in which they do it.
var quirkTable = slices.Concat(
	loginQuirks(), refusalQuirks(), clientQuirks(), connectionQuirks(), // who is served, and on which connections
	fieldQuirks(), headQuirks(), // what the messages say
	repeatQuirks(), answerQuirks(), failureQuirks(), // what becomes of an exchange
	[]Quirk{plain()},
)

// Quirks lists all quirks by their words.
func Quirks() []Quirk {
	return slices.SortedFunc(slices.Values(quirkTable), func(a, b Quirk) int { return cmp.Compare(a.Word, b.Word) })
}

// Argument says what follows the word, "" if nothing does.
func (q Quirk) Argument() string { return q.effect.example }

// Example is a box that has it, with the first of a few usual arguments that it
// takes.
func (q Quirk) Example() string {
	box := string(q.Of()[0])
	if slices.Contains(q.Of(), Forward) {
		box = string(Forward)
	}
	choices := strings.FieldsFunc(q.Argument(), func(r rune) bool { return strings.ContainsRune("|[] ,", r) })
	for _, argument := range append([]string{"", "proxy.example", "alice:secret", "X-Note:a", "30s", "2", "10.0.0.5:80", "for 20s from 10s", "2 by address"}, choices...) {
		text := strings.TrimSpace(box + " " + q.Word + " " + argument)
		if s, err := ParseSpec(text); err == nil && s.String() == text {
			return text
		}
	}
	return box + " " + q.Word
}

// Of are the kinds of boxes for which it means something.
func (q Quirk) Of() []Kind {
	if q.kinds != nil {
		return q.kinds
	}
	return slices.DeleteFunc(slices.Sorted(maps.Keys(registry())), func(k Kind) bool { return !k.speaksHTTP() })
}

// means reports whether the quirk means something for a box.
func (q Quirk) means(k Kind) bool {
	if q.kinds == nil {
		return k.speaksHTTP()
	}
	return slices.Contains(q.kinds, k)
}

// plain is goproxy as it comes out of the box, with nothing done about it: what
// a proxy written in an afternoon does to the protocol.
func plain() Quirk {
	return Quirk{
		Word: plainWord,
		Help: "goproxy as it is: what a proxy written in an afternoon does",
		bundle: []Setting{
			{Word: "cancels"}, {Word: "canonical-names"}, {Word: "completes-cut"}, {"failure-status", "500"}, {Word: "invents-accept-encoding"},
			{Word: "invents-fields"}, {Word: "passes-hop-by-hop"}, {"pool-per-host", "2"}, {Word: "reframes"},
		},
	}
}

// quirkOf finds a quirk by its word.
func quirkOf(word string) (Quirk, bool) {
	if i := slices.IndexFunc(quirkTable, func(q Quirk) bool { return q.Word == word }); i >= 0 {
		return quirkTable[i], true
	}
	return Quirk{}, false
}

// Setting is a quirk that a box has.
type Setting struct {
	Word     string
	Argument string // what follows the word, as it is printed; "" if nothing does
}

// Settings are the quirks of a box, sorted by their words; none make a faithful
// box. They are plain data, and no setting is ever changed in its place.
type Settings []Setting

// find returns what follows the word.
func (s Settings) find(word string) (argument string, set bool) {
	for _, one := range s {
		if one.Word == word {
			return one.Argument, true
		}
	}
	return "", false
}

// With returns the settings with those of more in addition, or in place of their
// namesakes.
func (s Settings) With(more ...Setting) Settings {
	out := s.without(more)
	out = append(out, more...)
	slices.SortFunc(out, func(a, b Setting) int { return cmp.Compare(a.Word, b.Word) })
	return out
}

// without returns the settings less those with a word of others.
func (s Settings) without(others []Setting) Settings {
	out := make(Settings, 0, len(s)+len(others))
	for _, one := range s {
		if _, named := Settings(others).find(one.Word); !named {
			out = append(out, one)
		}
	}
	return out
}

// contains reports whether all of others are set, with the same arguments.
func (s Settings) contains(others []Setting) bool {
	for _, one := range others {
		if !slices.Contains(s, one) {
			return false
		}
	}
	return true
}

// words prints the settings, those of a bundle as the bundle's one word.
func (s Settings) words() []string {
	if len(s) == 0 {
		return nil // most boxes have none, and boxes are printed often
	}
	var out []string
	if all := plain().bundle; s.contains(all) {
		out, s = append(out, plainWord), s.without(all)
	}
	for _, one := range s {
		out = append(out, one.Word)
		if one.Argument != "" {
			out = append(out, one.Argument)
		}
	}
	return out
}

// apply has each quirk that is set change how a box behaves.
func (s Settings) apply(b *behaviour) error {
	for _, q := range quirkTable {
		argument, set := s.find(q.Word)
		if !set {
			continue
		}
		change, err := q.effect.of(argument)
		if err != nil {
			return err
		}
		change(b)
	}
	return nil
}

// flaw finds a setting that no box of that kind can have.
func (s Settings) flaw(k Kind) (word, problem string, allowed []string) {
	for _, one := range s {
		q, known := quirkOf(one.Word)
		if s.lost(one.Word) {
			return one.Word, one.Word + lostProblem, nil
		}
		if !known || q.bundle != nil || !q.means(k) {
			return one.Word, "means nothing for this box", k.vocabulary()
		}
		if _, err := q.effect.of(one.Argument); err != nil {
			return one.Argument, "not what belongs here", strings.Split(q.effect.example, "|")
		}
	}
	return "", "", nil
}

// ofHTTP1 are the quirks that are about the bytes and the connections of HTTP/1.
var ofHTTP1 = []string{
	"asks-version", "canonical-names", "fresh-upstream", "http2", "invents-accept-encoding", "keeps-absolute-form", "lower-case-names", "on-expect",
	"passes-hop-by-hop", "passes-proxy-connection", "pool-bound", "pool-per-host", "reorders-fields", "says-connection", "stale-pool", "takes-cut-head", "upstream-idle",
}

// lost reports whether nothing would come of a quirk: what it is about HTTP/2 has no
// place for.
func (s Settings) lost(word string) bool {
	_, speaks := s.find(upstreamHTTP2Word)
	return speaks && slices.Contains(ofHTTP1, word)
}

const lostProblem = " is about HTTP/1, and means nothing beside " + upstreamHTTP2Word
