package specs

import (
	"fmt"
	"path/filepath"
	"strings"
	"sync"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"gauntlet/harness/judge/oracle"
	"gauntlet/harness/run/catalogue"
	"gauntlet/harness/run/rig"
	"gauntlet/proxies/fault"
)

// A catalogue is as good as the ways in which it can catch a client: a
// requirement that is really looked at, after an effect at a landmark.
// It is run once for both specs, which is why they are in order.
var _ = Describe("The catalogue", Ordered, heavy, func() {
	It("is passed by the built-in client, and every fault fires", func() {
		for _, r := range wholeCatalogue() {
			Expect(r.Status).To(BeElementOf(oracle.Pass, oracle.NotApplicable), "%s: %s", r.ID, r.Reason)
			for _, f := range r.Faults {
				Expect(f.Fired > 0).To(Equal(r.Status == oracle.Pass), "%s: %s", r.ID, f.Text)
			}
		}
	})

	It("looks at 60 or more different pairs of a requirement with a disturbance", func() {
		cases := map[string]catalogue.Case{}
		for _, c := range catalogued() {
			cases[c.ID] = c
		}
		triples := map[string]bool{}
		for _, r := range wholeCatalogue() {
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

// wholeCatalogue is what the built-in client makes of all cases, run by whoever
// asks first, as make certify does it.
var wholeCatalogue = sync.OnceValue(func() []rig.Result {
	call := gauntlet("certify", "--json", "--seed", "7", "--html", "--out", "run")
	Expect(call.code).To(BeZero(), call.stderr)
	Expect(filepath.Join(call.dir, "run", "report.html")).To(BeARegularFile())
	return call.results()
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
