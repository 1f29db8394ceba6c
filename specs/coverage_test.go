package specs

import (
	"fmt"
	"slices"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"gauntlet/harness/judge/requirement"
)

// The source makes 61 statements. Each one that says what a client, a gateway
// or a proxy does is proved: by a requirement on clients that cases prove, or
// by a spec of the gateway or of a box.
var _ = Describe("The statements of the source", Label("coverage"), func() {
	cases := map[requirement.ID]bool{}
	for _, c := range catalogued() {
		for _, id := range c.Proves {
			cases[id] = true
		}
	}
	proved := func(id requirement.ID) bool { return cases[id] }

	It("are proved without a gap", func() {
		Expect(requirement.Gaps(requirement.Places(), requirement.All(), proved)).To(BeEmpty())
	})

	It("are proved by specs that exist, in the files that are said to hold them", func() {
		for _, p := range requirement.Places() {
			if p.Spec == "" {
				Expect(proofs[p.Statement]).To(BeEmpty(), "%s: nobody says so", p.Statement)
				continue
			}
			Expect("../" + p.Spec).To(BeARegularFile())
			Expect(proofs[p.Statement]).To(ConsistOf(p.Spec), p.Statement.String())
		}
	})

	It("go without a proof only where they are background, which are 13", func() {
		var excused []int
		for _, p := range requirement.Places() {
			if p.Reason != "" {
				excused = append(excused, int(p.Statement))
			}
		}
		Expect(excused).To(Equal([]int{1, 2, 3, 4, 8, 18, 22, 23, 24, 47, 56, 60, 61}))
	})

	It("are missed as soon as one of them is proved nowhere", func() {
		for _, p := range requirement.Places() {
			s := p.Statement
			places, requirements := without(s)
			Expect(requirement.Gaps(places, requirements, proved)).To(ContainElement(
				MatchError(ContainSubstring(fmt.Sprint(s, " ")))), s.String())
		}
	})

	It("are missed as soon as one of them has no place", func() {
		for i, p := range requirement.Places() {
			places := slices.Delete(requirement.Places(), i, i+1)
			Expect(requirement.Gaps(places, requirement.All(), proved)).To(ContainElement(
				MatchError(p.Statement.String() + " has no place")))
		}
	})

	It("are missed as soon as no case proves a must", func() {
		for _, r := range requirement.All() {
			nothing := func(id requirement.ID) bool { return id != r.ID && proved(id) }
			if r.Level == requirement.Must {
				Expect(requirement.Gaps(requirement.Places(), requirement.All(), nothing)).To(ContainElement(MatchError(HavePrefix(string(r.ID) + ": "))))
			}
		}
	})
})

// without is the tables with the proof of one statement taken away, whether it
// is a spec, requirements or a reason.
func without(s requirement.Statement) ([]requirement.Place, []requirement.Requirement) {
	places := requirement.Places()
	for i, p := range places {
		if p.Statement == s {
			places[i].Spec, places[i].Reason = "", ""
		}
	}
	requirements := requirement.All()
	for i, r := range requirements {
		others := func(other requirement.Statement) bool { return other == s }
		requirements[i].Statements = slices.DeleteFunc(slices.Clone(r.Statements), others)
	}
	return places, requirements
}
