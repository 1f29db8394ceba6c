package catalogue

// family is one document of a case file: texts with holes, and the matrix that
// fills them.
type family struct {
	begin          place
	id, title, why text
	proves         []text
	chain          []text
	faults         []text
	dialect, think text // empty means the default
	workload       text // a name, or else
	steps          []text
	axes           []axis
	except         []exception
}

// Keys of a document, in the order in which they read best.
func familyKeys() []string {
	return []string{"id", "title", "why", "proves", "matrix", "except", "chain", "faults", "gateway", "workload"}
}

// family reads a document. It is nil after a mistake in its form, lest its
// combinations be judged by what was not meant.
func (p *problems) family(n *node) *family {
	before := len(p.list)
	values := p.object(n, familyKeys()...)
	if len(p.list) == before { // an unknown key is likely to be the missing one
		p.need(n, values, "id", "title", "why", "proves", "chain", "workload")
	}
	f := &family{begin: n.begin}
	f.id, f.title, f.why = p.text(values["id"]), p.text(values["title"]), p.text(values["why"])
	f.proves, f.chain, f.faults = p.texts(values["proves"]), p.texts(values["chain"]), p.texts(values["faults"])
	f.axes = p.matrix(values["matrix"])
	f.except = p.exceptions(values["except"], f.axes)
	p.gateway(f, values["gateway"])
	p.user(f, values["workload"])
	f.checkAxes(p)
	if len(p.list) > before {
		return nil
	}
	return f
}

func (p *problems) gateway(f *family, n *node) {
	values := p.object(n, "dialect", "think")
	f.dialect, f.think = p.text(values["dialect"]), p.text(values["think"])
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
	all := []text{f.id, f.title, f.why, f.dialect, f.think, f.workload}
	for _, list := range [][]text{f.proves, f.chain, f.faults, f.steps} {
		all = append(all, list...)
	}
	return all
}
