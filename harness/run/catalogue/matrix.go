package catalogue

import "slices"

// axis is one dimension of a matrix: a choice of texts, each with a name.
type axis struct {
	name   text
	values []choice
}

type choice struct{ name, text text }

// combination is one choice of each axis.
type combination struct {
	names map[string]text // by axis; for what people read
	texts map[string]text // by axis; for what the harness reads
}

// matrix reads the mapping below `matrix`.
func (p *problems) matrix(n *node) []axis {
	if n == nil || !p.want(n, aMapping) {
		return nil
	}
	var axes []axis
	for _, e := range n.entries {
		a := axis{name: e.key, values: p.choices(e.value)}
		if len(a.values) == 0 {
			p.add(e.value.begin, "axis %q has no values", e.key.value)
		}
		p.distinct(a)
		axes = append(axes, a)
	}
	return axes
}

// choices reads a mapping of names to texts, or a list of texts that are
// their own names.
func (p *problems) choices(n *node) []choice {
	var out []choice
	switch n.kind {
	case aMapping:
		for _, e := range n.entries {
			out = append(out, choice{e.key, p.scalar(e.value)})
		}
	case aList:
		for _, item := range n.items {
			t := p.scalar(item)
			out = append(out, choice{t, t})
		}
	default:
		p.add(n.begin, "an axis is a list of texts or a mapping of names to texts, not %s", n.kind)
	}
	return out
}

// distinct wants each value of a list once; the parser sees to mappings.
func (p *problems) distinct(a axis) {
	seen := map[string]bool{}
	for _, v := range a.values {
		if seen[v.name.value] {
			p.add(v.name.begin, "axis %q has %q twice", a.name.value, v.name.value)
		}
		seen[v.name.value] = true
	}
}

// exceeds reports whether the axes have more combinations than limit.
func exceeds(axes []axis, limit int) bool {
	product := 1
	for _, a := range axes {
		if product *= len(a.values); product > limit {
			return true
		}
	}
	return product > limit
}

// combinations crosses the axes, the first one turning slowest.
func combinations(axes []axis) []combination {
	all := []combination{{map[string]text{}, map[string]text{}}}
	for _, a := range axes {
		var next []combination
		for _, c := range all {
			for _, v := range a.values {
				next = append(next, c.with(a.name.value, v))
			}
		}
		all = next
	}
	return all
}

func (c combination) with(axis string, v choice) combination {
	more := combination{map[string]text{axis: v.name}, map[string]text{axis: v.text}}
	for name := range c.names {
		more.names[name], more.texts[name] = c.names[name], c.texts[name]
	}
	return more
}

// exception leaves out the combinations that have one of these names on each
// of these axes.
type exception map[string][]string

func (e exception) covers(c combination) bool {
	for axis, names := range e {
		if !slices.Contains(names, c.names[axis].value) {
			return false
		}
	}
	return len(e) > 0
}

// exceptions reads the list below `except`.
func (p *problems) exceptions(n *node, axes []axis) []exception {
	if n == nil || !p.want(n, aList) {
		return nil
	}
	var out []exception
	for _, item := range n.items {
		if p.want(item, aMapping) {
			out = append(out, p.exception(item, axes))
		}
	}
	return out
}

func (p *problems) exception(n *node, axes []axis) exception {
	e := exception{}
	for _, pair := range n.entries {
		names, ok := namesOf(axes, pair.key.value)
		if !ok {
			p.unknown(pair.key.begin, "axis", pair.key.value, axisNames(axes))
			continue
		}
		for _, t := range p.oneOrMore(pair.value) {
			p.among(t, "value of this axis", names)
			e[pair.key.value] = append(e[pair.key.value], t.value)
		}
	}
	return e
}

// oneOrMore reads a scalar or a list of them.
func (p *problems) oneOrMore(n *node) []text {
	if n.kind != aList {
		return []text{p.scalar(n)}
	}
	var out []text
	for _, item := range n.items {
		out = append(out, p.scalar(item))
	}
	return out
}

func axisNames(axes []axis) []string {
	var names []string
	for _, a := range axes {
		names = append(names, a.name.value)
	}
	return names
}

func namesOf(axes []axis, name string) (names []string, ok bool) {
	for _, a := range axes {
		if a.name.value != name {
			continue
		}
		for _, v := range a.values {
			names = append(names, v.name.value)
		}
		return names, true
	}
	return nil, false
}
