package specs

import (
	"fmt"
	"strings"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"gauntlet/harness/judge/oracle"
	"gauntlet/harness/run/catalogue"
	"gauntlet/proxies/fault"
)

// A catalogue is as good as the ways in which it can catch a client: a
// requirement that is really looked at, after an effect at a landmark.
var _ = Describe("The catalogue", func() {
	It("looks at 60 or more different pairs of a requirement with a disturbance", func() {
		cases := map[string]catalogue.Case{}
		for _, c := range catalogued() {
			cases[c.ID] = c
		}
		triples := map[string]bool{}
		for _, r := range gauntlet("certify", "--json", "--seed", "7").results() {
			for _, v := range r.Verdicts {
				if v.Checked > 0 && v.Status == oracle.Pass && proved(cases[r.ID], v) {
					for _, f := range cases[r.ID].Faults {
						triples[fmt.Sprint(v.Requirement, " after ", f.Effect.Name, " at ", landmark(f))] = true
					}
				}
			}
		}
		Expect(len(triples)).To(BeNumerically(">=", 60))
		Expect(len(cases)).To(BeNumerically(">=", 150))
	})
})

func proved(c catalogue.Case, v oracle.Verdict) bool {
	for _, id := range c.Proves {
		if id == v.Requirement {
			return true
		}
	}
	return false
}

// landmark is the place of a fault without its numbers.
func landmark(f fault.Fault) string {
	return strings.TrimRight(fmt.Sprint(f.Landmark.At), " 0123456789")
}
