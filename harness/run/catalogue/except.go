package catalogue

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
