package catalogue

import (
	"regexp"
	"slices"
	"strings"

	"gauntlet/harness/run/yamlfile"
)

type text = yamlfile.Text

// family is one document of a case file as it is written: texts with holes, and
// the matrix that fills them. Its keys are in the order in which they read best;
// what is left out is empty.
type family struct {
	ID       text                                   `yaml:"id"`
	Title    text                                   `yaml:"title"`
	Why      text                                   `yaml:"why"`
	Proves   []text                                 `yaml:"proves"`
	Matrix   yamlfile.Mapping[yamlfile.Named]       `yaml:"matrix"`
	Except   []yamlfile.Mapping[yamlfile.OneOrMore] `yaml:"except"`
	Level    text                                   `yaml:"level"`
	Chain    []text                                 `yaml:"chain"`
	Contact  []text                                 `yaml:"contact"`
	Clients  yamlfile.Scalar                        `yaml:"clients"`
	Proxy    text                                   `yaml:"proxy"`
	Account  yamlfile.Mapping[yamlfile.Scalar]      `yaml:"account"` // who the user is
	Faults   []text                                 `yaml:"faults"`
	Gateway  yamlfile.Mapping[yamlfile.Scalar]      `yaml:"gateway"`  // dialect, think and knobs
	Workload yamlfile.OneOrMore                     `yaml:"workload"` // the name of one, or its steps
}

// problems are the mistakes of a file of cases.
type problems struct{ *yamlfile.Mistakes }

// sound notes what the decoder cannot know of a family, and reports whether it can
// be expanded: else its mistakes would be told once for each of its cases.
func (p problems) sound(d yamlfile.Document[family], v Vocabulary) bool {
	f, before := d.Content, p.Count()
	missing := f.missing()
	if missing != "" && !d.Flawed {
		p.Add(d.Begin, "missing: %s", missing)
	}
	if len(f.Faults) > mostFaults {
		p.Add(f.Faults[mostFaults].Begin, "a case has at most %d faults", mostFaults)
	}
	if !f.Workload.Alone && f.Workload.Texts != nil && len(f.Workload.Texts) == 0 {
		p.Add(f.Workload.Begin, "a workload has at least one step")
	}
	for _, e := range f.Gateway {
		p.Among(e.Key, "key", append([]string{"dialect", "think"}, v.Knobs...))
	}
	for _, e := range f.Account {
		p.Among(e.Key, "key", accountKeys())
	}
	if d.Flawed && f.Matrix == nil && (f.hasHoles() || f.Except != nil) {
		return false // the matrix itself could not be read
	}
	p.matrix(f.Matrix)
	p.exceptions(f.Except, f.Matrix)
	if !d.Flawed {
		p.holesOf(f)
	}
	return p.Count() == before && missing == ""
}

// missing names the keys that a family needs and does not have.
func (f family) missing() string {
	var keys []string
	need := func(key string, there bool) {
		if !there {
			keys = append(keys, key)
		}
	}
	need("id", f.ID.Given())
	need("title", f.Title.Given())
	need("why", f.Why.Given())
	need("proves", f.Proves != nil)
	need("chain", f.Chain != nil)
	need("workload", f.Workload.Texts != nil)
	return strings.Join(keys, ", ")
}

// mostFaults is how many faults a case may have: each is looked at for each event.
const mostFaults = 1000

// texts are all that may have holes.
func (f family) texts() []text {
	all := []text{f.ID, f.Title, f.Why, f.Level, f.Proxy, f.Clients.Text}
	for _, e := range slices.Concat(f.Gateway, f.Account) {
		all = append(all, e.Value.Text)
	}
	for _, s := range f.Workload.Texts {
		all = append(all, s.Text)
	}
	return slices.Concat(all, f.Proves, f.Chain, f.Contact, f.Faults)
}

// hasHoles reports whether a text has a ${axis} in it.
func (f family) hasHoles() bool {
	return slices.ContainsFunc(f.texts(), func(t text) bool { return strings.Contains(t.Value, "${") })
}

// A template is a text with ${axis} in it, the name of an axis of the matrix.

// holes finds the axes of t: each as the offsets of its $ and past its }.
func (p problems) holes(t text) [][2]int {
	var found [][2]int
	for from := 0; ; {
		n := strings.Index(t.Value[from:], "${")
		if n < 0 {
			return found
		}
		length := strings.IndexByte(t.Value[from+n:], '}')
		if length < 0 {
			p.Add(t.Place(from+n), "${ has no }")
			return found
		}
		found = append(found, [2]int{from + n, from + n + length + 1})
		from += n + length + 1
	}
}

// axes are the names in the holes of t.
func (p problems) axes(t text) []text {
	var names []text
	for _, hole := range p.holes(t) {
		names = append(names, t.Slice(hole[0]+2, hole[1]-1))
	}
	return names
}

// fill puts values into the holes of t. Unknown axes were reported before and
// stay as they are.
func (p problems) fill(t text, values map[string]text) text {
	holes := p.holes(t)
	if len(holes) == 0 {
		return t
	}
	filled, from := text{Begin: t.Begin}, 0
	for _, hole := range holes {
		value, ok := values[t.Value[hole[0]+2:hole[1]-1]]
		if !ok {
			continue
		}
		filled = filled.Join(t.Slice(from, hole[0])).Join(value)
		from = hole[1]
	}
	return filled.Join(t.Slice(from, len(t.Value)))
}

// holesOf wants each hole to name an axis, each axis to be in some text, and those
// of which there is a choice to be in the id.
func (p problems) holesOf(f family) {
	names, used := axisNames(f.Matrix), map[string]bool{}
	for _, t := range f.texts() {
		for _, axis := range p.axes(t) {
			used[axis.Value] = true
			p.Among(axis, "axis", names)
		}
	}
	for _, axis := range f.Matrix {
		name := axis.Key.Value
		if !used[name] {
			p.Add(axis.Key.Begin, "axis %q is not used: no text has ${%s}", name, name)
		} else if len(axis.Value.Texts) > 1 && !strings.Contains(f.ID.Value, "${"+name+"}") {
			p.Add(f.ID.Begin, "the id lacks ${%s} and would be given more than once", name)
		}
	}
}

// expand makes the cases of a family. There are none if anything is wrong with
// one of them.
func (p problems) expand(d yamlfile.Document[family], v Vocabulary, taken map[string]string) []Case {
	var cases []Case
	f := d.Content
	if room := mostCases - len(taken); exceeds(f.Matrix, room) {
		p.Add(d.Begin, "the matrix has more combinations than there may be cases: all files together have at most %d, %d of them before this", mostCases, len(taken))
		return nil
	}
	for _, c := range combinations(f.Matrix) {
		if slices.ContainsFunc(f.Except, c.excepted) {
			continue
		}
		b := builder{p, v, f, d.Begin, c}
		cases = append(cases, b.build(taken))
	}
	if len(cases) == 0 {
		p.Add(d.Begin, "except leaves no case")
	}
	return cases
}

// mostCases bounds what the matrices of all files come to.
const mostCases = 100_000

// longestID is the length of the longest id, in characters: with endings such as
// .pcapng it still is the name of a file.
const longestID = 120

// soundID is as much of an id as is spelt well.
var soundID = regexp.MustCompile(`^(?:[a-z0-9]+-)*[a-z0-9]*`)

// misspelt reports whether a text is no id, and the offset from which it is not.
// A run keeps a case in a folder of that name, so that no two ids may differ only
// in what a file system or a reader overlooks.
func misspelt(id string) (at int, wrong bool) {
	sound := soundID.FindString(id)
	switch {
	case sound != id:
		return len(sound), true
	case id == "" || strings.HasSuffix(id, "-"):
		return max(0, len(id)-1), true
	}
	return longestID, len(id) > longestID
}

// device is an id that means a device on Windows, in whatever folder.
var device = regexp.MustCompile(`^(con|prn|aux|nul|com[0-9]|lpt[0-9])$`)
