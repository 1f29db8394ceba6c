package catalogue

import "slices"

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

// family reads a document. It is nil after a mistake in its form, lest its
// combinations be judged by what was not meant.
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
