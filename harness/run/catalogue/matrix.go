package catalogue

import (
	"slices"

	"gauntlet/harness/run/yamlfile"
)

type (
	// matrix spans a family: each key is an axis, a choice of texts with names.
	matrix = yamlfile.Mapping[yamlfile.Named]
	// exception leaves out the combinations that have one of these names on each
	// of these axes.
	exception = yamlfile.Mapping[yamlfile.OneOrMore]
)

// combination is one choice of each axis.
type combination struct {
	names map[string]text // by axis; for what people read
	texts map[string]text // by axis; for what the harness reads
}

// matrix wants values on each axis, and each of a list once; the parser sees to
// mappings.
func (p problems) matrix(axes matrix) {
	for _, axis := range axes {
		name, seen := axis.Key.Value, map[string]bool{}
		if len(axis.Value.Texts) == 0 {
			p.Add(axis.Value.Begin, "axis %q has no values", name)
		}
		for _, v := range axis.Value.Texts {
			if seen[v.Key.Value] {
				p.Add(v.Key.Begin, "axis %q has %q twice", name, v.Key.Value)
			}
			seen[v.Key.Value] = true
		}
	}
}

// exceptions wants axes of the matrix and values that they have.
func (p problems) exceptions(list []exception, axes matrix) {
	for _, e := range list {
		for _, pair := range e {
			if !p.Among(pair.Key, "axis", axisNames(axes)) {
				continue
			}
			for _, t := range pair.Value.Texts {
				p.Among(t.Text, "value of this axis", valueNames(axes, pair.Key.Value))
			}
		}
	}
}

// exceeds reports whether the axes have more combinations than limit.
func exceeds(axes matrix, limit int) bool {
	product := 1
	for _, a := range axes {
		if product *= len(a.Value.Texts); product > limit {
			return true
		}
	}
	return product > limit
}

// combinations crosses the axes, the first one turning slowest.
func combinations(axes matrix) []combination {
	all := []combination{{map[string]text{}, map[string]text{}}}
	for _, a := range axes {
		var next []combination
		for _, c := range all {
			for _, v := range a.Value.Texts {
				next = append(next, c.with(a.Key.Value, v))
			}
		}
		all = next
	}
	return all
}

func (c combination) with(axis string, v yamlfile.Entry[yamlfile.Scalar]) combination {
	more := combination{map[string]text{axis: v.Key}, map[string]text{axis: v.Value.Text}}
	for name := range c.names {
		more.names[name], more.texts[name] = c.names[name], c.texts[name]
	}
	return more
}

// excepted reports whether an exception leaves the combination out.
func (c combination) excepted(e exception) bool {
	for _, pair := range e {
		name := c.names[pair.Key.Value].Value
		if !slices.ContainsFunc(pair.Value.Texts, func(t yamlfile.Scalar) bool { return t.Value == name }) {
			return false
		}
	}
	return len(e) > 0
}

func axisNames(axes matrix) []string {
	var names []string
	for _, a := range axes {
		names = append(names, a.Key.Value)
	}
	return names
}

func valueNames(axes matrix, axis string) []string {
	var names []string
	for _, a := range axes {
		if a.Key.Value == axis {
			for _, v := range a.Value.Texts {
				names = append(names, v.Key.Value)
			}
		}
	}
	return names
}
