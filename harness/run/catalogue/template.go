package catalogue

import (
	"slices"
	"strings"
)

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
