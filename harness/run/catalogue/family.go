package catalogue

import (
	"regexp"
	"slices"
	"strings"
)

// family is one document of a case file: texts with holes, and the matrix that
// fills them.
type family struct {
	begin          place
	id, title, why text
	proves         []text
	chain, contact []text
	faults         []text
	dialect, think text // empty means the default
	level, proxy   text // likewise
	clients        text // likewise
	knobs          []setting
	workload       text // a name, or else
	steps          []text
	axes           []axis
	except         []exception
}

// Keys of a document, in the order in which they read best.
func familyKeys() []string {
	return []string{"id", "title", "why", "proves", "matrix", "except", "level", "chain", "contact", "clients", "proxy", "faults", "gateway", "workload"}
}

// family reads a document. It is nil after a mistake in its form, so that
// its expansions are not reported too.
func (p *problems) family(n *node, v Vocabulary) *family {
	before := len(p.list)
	values := p.object(n, familyKeys()...)
	if len(p.list) == before { // an unknown key is likely to be the missing one
		p.need(n, values, "id", "title", "why", "proves", "chain", "workload")
	}
	f := &family{begin: n.begin}
	f.id, f.title, f.why = p.text(values["id"]), p.text(values["title"]), p.text(values["why"])
	f.proves, f.chain, f.faults = p.texts(values["proves"]), p.texts(values["chain"]), p.texts(values["faults"])
	f.contact = p.texts(values["contact"])
	if len(f.faults) > mostFaults {
		p.add(f.faults[mostFaults].begin, "a case has at most %d faults", mostFaults)
	}
	f.axes = p.matrix(values["matrix"])
	f.except = p.exceptions(values["except"], f.axes)
	f.level, f.proxy = p.text(values["level"]), p.text(values["proxy"])
	if n := values["clients"]; n != nil {
		f.clients = p.scalar(n)
	}
	p.gateway(f, values["gateway"], v)
	p.user(f, values["workload"])
	f.checkAxes(p)
	if len(p.list) > before {
		return nil
	}
	return f
}

// mostFaults is how many faults a case may have: each is looked at for each event.
const mostFaults = 1000

// setting is a knob with its value, which may have holes.
type setting struct {
	knob  string
	value text
}

func (p *problems) gateway(f *family, n *node, v Vocabulary) {
	values := p.object(n, append([]string{"dialect", "think"}, v.Knobs...)...)
	f.dialect, f.think = p.text(values["dialect"]), p.text(values["think"])
	for _, knob := range slices.Sorted(slices.Values(v.Knobs)) {
		if values[knob] != nil && knob != "think" {
			f.knobs = append(f.knobs, setting{knob, p.scalar(values[knob])})
		}
	}
}

// user reads the workload: the name of one, or its steps.
func (p *problems) user(f *family, n *node) {
	if n == nil {
		return
	}
	if n.kind != aList {
		f.workload = p.text(n)
		return
	}
	f.steps = p.texts(n)
	if len(f.steps) == 0 {
		p.add(n.begin, "a workload has at least one step")
	}
}

// texts are all that may have holes.
func (f *family) texts() []text {
	all := []text{f.id, f.title, f.why, f.dialect, f.think, f.level, f.proxy, f.clients, f.workload}
	for _, s := range f.knobs {
		all = append(all, s.value)
	}
	for _, list := range [][]text{f.proves, f.chain, f.contact, f.faults, f.steps} {
		all = append(all, list...)
	}
	return all
}

// A template is a text with ${axis} in it, the name of an axis of the matrix.

// holes finds the axes of t: each as the offsets of its $ and past its }.
func (p *problems) holes(t text) [][2]int {
	var found [][2]int
	for from := 0; ; {
		n := strings.Index(t.value[from:], "${")
		if n < 0 {
			return found
		}
		length := strings.IndexByte(t.value[from+n:], '}')
		if length < 0 {
			p.add(t.place(from+n), "${ has no }")
			return found
		}
		found = append(found, [2]int{from + n, from + n + length + 1})
		from += n + length + 1
	}
}

// axes are the names in the holes of t.
func (p *problems) axes(t text) []text {
	var names []text
	for _, hole := range p.holes(t) {
		names = append(names, t.slice(hole[0]+2, hole[1]-1))
	}
	return names
}

// fill puts values into the holes of t. Unknown axes were reported before and
// stay as they are.
func (p *problems) fill(t text, values map[string]text) text {
	filled, from := text{begin: t.begin}, 0
	for _, hole := range p.holes(t) {
		value, ok := values[t.value[hole[0]+2:hole[1]-1]]
		if !ok {
			continue
		}
		filled = filled.join(t.slice(from, hole[0])).join(value)
		from = hole[1]
	}
	return filled.join(t.slice(from, len(t.value)))
}

// checkAxes wants each hole to name an axis, each axis to be in some text, and
// those of which there is a choice to be in the id.
func (f *family) checkAxes(p *problems) {
	used := f.usedAxes(p)
	for _, a := range f.axes {
		name := a.name.value
		if !used[name] {
			p.add(a.name.begin, "axis %q is not used: no text has ${%s}", name, name)
		} else if len(a.values) > 1 && !strings.Contains(f.id.value, "${"+name+"}") {
			p.add(f.id.begin, "the id lacks ${%s} and would be given more than once", name)
		}
	}
}

func (f *family) usedAxes(p *problems) map[string]bool {
	names := axisNames(f.axes)
	used := map[string]bool{}
	for _, t := range f.texts() {
		for _, axis := range p.axes(t) {
			used[axis.value] = true
			if !slices.Contains(names, axis.value) {
				p.unknown(axis.begin, "axis", axis.value, names)
			}
		}
	}
	return used
}

// expand makes the cases of a family. There are none if anything is wrong with
// one of them.
func (f *family) expand(p *problems, v Vocabulary, taken map[string]string) []Case {
	var cases []Case
	if room := mostCases - len(taken); exceeds(f.axes, room) {
		p.add(f.begin, "the matrix has more combinations than there may be cases: all files together have at most %d, %d of them before this", mostCases, len(taken))
		return nil
	}
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

// mostCases bounds what the matrices of all files come to.
const mostCases = 100_000

// longestID is the length of the longest id, in characters: with endings such as
// .pcapng it still is the name of a file.
const longestID = 120

// misspelt reports whether a text is no id, and the offset from which it is not.
// A run keeps a case in a folder of that name, so that no two ids may differ only
// in what a file system or a reader overlooks.
func misspelt(id string) (at int, wrong bool) {
	sound := regexp.MustCompile(`^(?:[a-z0-9]+-)*[a-z0-9]*`).FindString(id)
	switch {
	case sound != id:
		return len(sound), true
	case id == "" || strings.HasSuffix(id, "-"):
		return max(0, len(id)-1), true
	}
	return longestID, len(id) > longestID
}
