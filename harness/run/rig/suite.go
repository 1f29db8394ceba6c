package rig

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"gauntlet/harness/judge/requirement"
	"gauntlet/harness/run/catalogue"
	"gauntlet/harness/run/workload"
)

// Suite runs cases with the controls that they are compared with, each control
// once.
type Suite struct {
	Run Runner
	// Again runs once more, with hardly anything beside it, what was no evidence; nil:
	// Run does, one at a time.
	Again Runner
	// Reference runs the same cases with the reference client. A must that a
	// client breaks is confirmed by it: where nobody gets through, nobody is
	// accused. nil: what the cases ask is known to be possible.
	Reference Runner
	// Ahead asks the reference client of a few cases while they run, and not only when
	// a must is broken: who runs them sits before the screen.
	Ahead bool
	// Runs reports whether a case can be run at all; nil: each can. One that
	// cannot needs no controls, and is none.
	Runs func(catalogue.Case) bool
	// ConcurrentControls runs the controls along with the cases, for runs that mostly wait;
	// a case whose control is still out waits for it with its outcome. Such runs
	// are in real time, and one that the machine spoilt is run again.
	ConcurrentControls bool
	// Spare leaves out the cases whose user could not do in a simpler world
	// already what they ask.
	Spare bool
	// Strict makes shoulds count as well: a case is run again if a slow machine spoilt one.
	Strict bool
	Done   func(Outcome) // hears of each outcome as soon as it is final, one at a time
}

// Certify runs the controls that the cases need and the cases. A case that is
// its own control is run once, as the case that it is. Outcomes are done before
// it returns, also when it ends early.
func (s Suite) Certify(ctx context.Context, cases []catalogue.Case) error {
	return NewSession(0).Certify(ctx, s, cases)
}

// controlsOf lists the distinct controls of the cases, simpler worlds first.
func (s Suite) controlsOf(cases []catalogue.Case) []catalogue.Case {
	var list []catalogue.Case
	seen := map[string]bool{}
	for _, w := range []World{Undisturbed, WithGateway, WithBox} {
		for _, c := range cases {
			if s.Runs != nil && !s.Runs(c) {
				continue
			}
			for _, k := range ControlsOf(c) {
				if k.World == w && !seen[k.Case.ID] && (s.Runs == nil || s.Runs(k.Case)) {
					seen[k.Case.ID] = true
					list = append(list, k.Case)
				}
			}
		}
	}
	return list
}

// firstWorld takes from the list the controls that need none of the others.
func firstWorld(controls []catalogue.Case) (next, later []catalogue.Case) {
	waiting := map[string]bool{}
	for _, c := range controls {
		waiting[c.ID] = true
	}
	for _, c := range controls {
		if slices.ContainsFunc(ControlsOf(c), func(k Control) bool { return waiting[k.Case.ID] }) {
			later = append(later, c)
		} else {
			next = append(next, c)
		}
	}
	return next, later
}

// World is how much of a case stands between the client and the servers. What
// fails in a simpler world already is no news in a harder one.
type World string

// The worlds that are simpler than a case's own, the simplest first.
const (
	Undisturbed World = "undisturbed"      // the documented gateway, no box, no fault
	WithGateway World = "with the gateway" // the case's gateway, no box, no fault
	WithBox     World = "with the box"     // the case's gateway and boxes, no fault
)

// Control is a run of the same workload in a simpler world.
type Control struct {
	World World
	Case  catalogue.Case
}

// ControlsOf lists the worlds that are simpler than the case's own, the
// simplest first. Worlds that are the same are named once, and the case's own
// is not among them.
func ControlsOf(c catalogue.Case) []Control {
	var list []Control
	add := func(w World, k catalogue.Case, kind string) {
		list = append(list, Control{w, asControl(k, kind)})
	}
	bare := c
	bare.Chain, bare.Faults, bare.Workload, bare.Clients = nil, nil, c.Workload.Possible(), 0
	bare.Knobs = trusted(c.Knobs) // what cannot succeed, cannot for its certificate
	if bare.Proxy.OfBox() {
		bare.Proxy = catalogue.AsChain // of a box that is not there
	}
	if oddGateway(c) {
		plain := bare
		plain.Dialect, plain.Knobs = catalogue.DefaultDialect, nil
		plain.Workload = withoutMoves(plain.Workload) // nothing leads from the documented one to another machine
		add(Undisturbed, plain, "direct")
	}
	if len(c.Chain)+len(c.Faults) > 0 {
		w := Undisturbed
		if oddGateway(c) {
			w = WithGateway
		}
		add(w, bare, "direct")
	}
	if len(c.Chain) > 0 && len(c.Faults) > 0 {
		quiet := c
		quiet.Faults, quiet.Workload = nil, c.Workload.Possible() // what cannot succeed, cannot for the faults
		quiet.Knobs = bare.Knobs
		add(WithBox, quiet, "box")
	}
	return list
}

func withoutMoves(script workload.Script) workload.Script {
	return slices.DeleteFunc(slices.Clone(script), func(s workload.Step) bool { return s.Verb == workload.Move })
}

// oddGateway reports whether the gateway is another than the documented one.
func oddGateway(c catalogue.Case) bool {
	return c.Dialect != catalogue.DefaultDialect || len(c.Knobs) > 0
}

// beyond is what the case has that the next simpler world has not, in words.
func beyond(c catalogue.Case) string {
	switch {
	case len(c.Faults) > 0:
		texts := make([]string, len(c.Faults))
		for i, f := range c.Faults {
			texts[i] = f.String()
		}
		return strings.Join(texts, "; ")
	case len(c.Chain) > 0:
		return c.Chain.String()
	}
	words := []string{"a " + c.Dialect + " gateway"}
	for _, k := range c.Knobs {
		words = append(words, k.Name+" "+k.Value)
	}
	return strings.Join(words, ", ")
}

// asControl names a control by all that makes it what it is, so that cases
// which need the same one share it. It proves what an undisturbed run can.
func asControl(c catalogue.Case, kind string) catalogue.Case {
	words := []string{"control: " + kind, c.Dialect + " gateway"}
	for _, k := range c.Knobs {
		words = append(words, k.Name+" "+k.Value)
	}
	words = append(words, "think "+c.Think.String(), c.Chain.String())
	if c.Contact != nil {
		words = append(words, "contact "+c.Contact.String())
	}
	if c.Clients > 1 {
		words = append(words, fmt.Sprint(c.Clients, " clients"))
	}
	if c.Account != (catalogue.Account{}) {
		words = append(words, fmt.Sprintf("account %q %q and %d others", c.Account.Nick, c.Account.ContactNick, c.Account.Others))
	}
	for _, word := range []string{string(c.Proxy), string(c.Level)} {
		if word != "" {
			words = append(words, word)
		}
	}
	c.ID = strings.Join(append(words, c.Workload.String()), "; ")
	c.Title, c.Why = "the same without the disturbance", "what fails here already is not put down to the disturbance"
	c.Proves = slices.Clone(undisturbed)
	return c
}

var undisturbed = []requirement.ID{"command.carried-out"}
