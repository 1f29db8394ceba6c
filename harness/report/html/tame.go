package html

import (
	"slices"

	"gauntlet/harness/report/inert"
	"gauntlet/harness/run/rig"
)

// tame makes the words of a result harmless; many of them quote a client.
func tame(r rig.Result) rig.Result {
	r.Faults, r.Verdicts, r.Chain = slices.Clone(r.Faults), slices.Clone(r.Verdicts), slices.Clone(r.Chain)
	words := []*string{&r.Title, &r.Reason, &r.Known, &r.Client, &r.Reproduce}
	for i := range r.Chain {
		words = append(words, &r.Chain[i])
	}
	for i := range r.Faults {
		words = append(words, &r.Faults[i].Text)
	}
	for i := range r.Verdicts {
		words = append(words, &r.Verdicts[i].Reason)
	}
	for _, word := range words {
		*word = inert.Line(*word)
	}
	return r
}

// tame does the same to what stands above the cases, and tells apart the runs
// of one client.
func (p Page) tame() Page {
	p.Title, p.Runs = inert.Line(p.title()), slices.Clone(p.Runs)
	for i := range p.Runs {
		run := &p.Runs[i]
		run.Dir, run.Summary.Client, run.Summary.Product = inert.Line(run.Dir), inert.Line(run.Summary.Client), inert.Line(run.Summary.Product)
	}
	clients := map[string]int{}
	for _, run := range p.Runs {
		clients[run.Summary.Client]++
	}
	for i := range p.Runs {
		if run := &p.Runs[i]; clients[run.Summary.Client] > 1 && run.Dir != "" {
			run.Summary.Client += " (" + run.Dir + ")"
		}
	}
	return p
}
