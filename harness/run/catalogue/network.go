package catalogue

import (
	"errors"

	"gauntlet/proxies"
	"gauntlet/proxies/fault"
)

// chain reads the boxes. Each text is a box, or several with arrows between,
// or `direct`, so that an axis can offer whole routes.
func (b builder) chain(texts []text) (chain proxies.Chain, ok bool) {
	ok = true
	for _, t := range texts {
		t = b.text(t)
		boxes, err := b.vocabulary.Boxes.ParseChain(t.value)
		if err != nil {
			b.box(t, err)
			ok = false
		}
		chain = append(chain, boxes...)
	}
	return chain, ok
}

// contact reads the boxes of the contact's own way; nil if it has none.
func (b builder) contact() proxies.Chain {
	if b.family.contact == nil {
		return nil
	}
	chain, _ := b.chain(b.family.contact) // its mistakes are noted
	return append(proxies.Chain{}, chain...)
}

func (b builder) box(t text, err error) {
	var wrong *proxies.SpecError
	if !errors.As(err, &wrong) {
		b.add(t.begin, "box: %v", err)
		return
	}
	b.word(t, "unknown box word", wrong.Offset, wrong.Word, wrong.Problem, wrong.Allowed)
}

// faults reads the schedule. A hop is counted only if the chain is known.
func (b builder) faults(chain proxies.Chain, counted bool) []fault.Fault {
	words := b.vocabulary.Faults
	words.Hops = 0
	if counted {
		words.Hops = len(chain) + 1
	}
	var faults []fault.Fault
	for _, t := range b.family.faults {
		t = b.text(t)
		f, err := fault.Parse(t.value, words)
		if err != nil {
			b.fault(t, err)
		}
		faults = append(faults, f)
	}
	return faults
}

func (b builder) fault(t text, err error) {
	var wrong *fault.SyntaxError
	if !errors.As(err, &wrong) {
		b.add(t.begin, "fault: %v", err)
		return
	}
	what := "unknown fault word"
	if _, known := fault.Effects()[wrong.Word]; known {
		what = "misplaced fault word"
	}
	b.word(t, what, wrong.Offset, wrong.Word, wrong.Problem, wrong.Allowed)
}

// word reports a word inside of t, with all of t since it may have been put
// together from several places.
func (b builder) word(t text, what string, offset int, word, problem string, allowed []string) {
	if word == "" {
		b.add(t.place(offset), "%q ends too early: %s; %s", t.value, problem, suggest(word, allowed))
		return
	}
	b.add(t.place(offset), "%s %q; %s; %s in %q", what, word, suggest(word, allowed), problem, t.value)
}
