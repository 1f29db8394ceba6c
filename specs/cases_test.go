package specs

import (
	"context"
	"slices"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"gauntlet/fixtures"
	"gauntlet/harness/judge/oracle"
	"gauntlet/harness/run/catalogue"
	"gauntlet/harness/run/profile"
	"gauntlet/harness/run/rig"
	"gauntlet/proxies/wire"
)

// catalogued are all cases of the catalogue.
func catalogued() []catalogue.Case {
	profiles, err := profile.Load(fixtures.Files(), fixtures.Boxes)
	if err != nil {
		panic(err) // the tree of specs cannot be built without them
	}
	cases, err := catalogue.Load(fixtures.Files(), fixtures.Cases, rig.Vocabulary(profile.Table(profiles)))
	if err != nil {
		panic(err) // the tree of specs cannot be built without them
	}
	return cases
}

// virtually are those that virtual time can express.
func virtually(cases []catalogue.Case) []catalogue.Case {
	return slices.DeleteFunc(cases, func(c catalogue.Case) bool {
		return rig.Inexpressible(c, rig.Options{Mode: rig.Virtual}) != ""
	})
}

func perform(c catalogue.Case, o rig.Options) rig.Result {
	o.Mode, o.Seed = rig.Virtual, 1
	return rig.Judge(rig.Perform(context.Background(), c, o), time.Millisecond)
}

var _ = Describe("The built-in client", func() {
	for _, c := range virtually(catalogued()) {
		It(c.ID+": "+c.Title, caseLabels(c), inVirtualTime(func() {
			result := perform(c, rig.Options{Client: traveller()})
			Expect(result.Status).To(Equal(oracle.Pass), result.Reason)
			for _, f := range result.Faults {
				Expect(f.Fired).To(BeNumerically(">", 0), f.Text)
			}
		}))
	}
})

// caseLabels are the areas that a case proves, and the kinds of its boxes.
func caseLabels(c catalogue.Case) Labels {
	seen := map[string]bool{"case": true}
	for _, id := range c.Proves {
		seen[id.Area()] = true
	}
	for _, box := range c.Chain {
		seen[string(box.Kind)] = true
	}
	var labels Labels
	for label := range seen {
		labels = append(labels, label)
	}
	return labels
}

var _ = Describe("Without the effects", func() {
	for _, c := range virtually(catalogued()) {
		if len(c.Faults) == 0 {
			continue
		}
		It("nothing is proved: "+c.ID, inVirtualTime(func() {
			result := perform(c, rig.Options{Client: traveller(), Effects: inert()})
			Expect(result.Status).To(Equal(oracle.Inconclusive), result.Reason)
			Expect(result.Reason).To(ContainSubstring("never fired"))
		}))
	}
})

// nothing is an effect that does not act.
type nothing struct{}

func (nothing) Strike(*wire.Strike) {}

func inert() map[string]wire.Effect {
	effects := wire.Effects()
	for name := range effects {
		effects[name] = nothing{}
	}
	return effects
}
