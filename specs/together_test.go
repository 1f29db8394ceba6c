package specs

import (
	"context"
	"slices"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"gauntlet/harness/judge/oracle"
	"gauntlet/harness/run/catalogue"
	"gauntlet/harness/run/rig"
)

// In real time the controls run along with the cases: a case that ends before
// its control waits for it with its outcome, and is compared with it all the same.
var _ = Describe("Controls that run along", func() {
	// backwards performs cases from the last to the first, so that each case ends
	// before its controls.
	backwards := func(_ context.Context, cases []catalogue.Case, done func(rig.Outcome)) error {
		for _, c := range slices.Backward(cases) {
			done(rig.Outcome{Case: c, Result: rig.Result{ID: c.ID, Status: oracle.Pass}})
		}
		return nil
	}
	certified := func() (cases []rig.Result, controls int) {
		GinkgoHelper()
		chosen, err := catalogue.Select(catalogued(), "cut-poll-answer-*-forward", "control-direct")
		Expect(err).NotTo(HaveOccurred())
		suite := rig.Suite{Run: backwards, ConcurrentControls: true, Done: func(o rig.Outcome) {
			if o.Control {
				controls++
			} else {
				cases = append(cases, o.Result)
			}
		}}
		Expect(suite.Certify(context.Background(), chosen)).To(Succeed())
		Expect(cases).To(HaveLen(len(chosen)))
		return cases, controls
	}
	of := func(results []rig.Result, id string) rig.Result {
		GinkgoHelper()
		for _, r := range results {
			if r.ID == id {
				return r
			}
		}
		Fail("no result of " + id)
		return rig.Result{}
	}

	It("are run once each, and named by the cases that are compared with them", func() {
		results, controls := certified()
		Expect(controls).To(Equal(2), "one without a box and one with it, for both cases")
		r := of(results, "cut-poll-answer-rst-forward")
		Expect(r.Status).To(Equal(oracle.Pass))
		Expect(r.Controls.Direct).To(HaveValue(Equal(oracle.Pass)))
		Expect(r.Controls.Box).To(HaveValue(Equal(oracle.Pass)))
		Expect(of(results, "control-direct").Controls).To(BeZero())
	})
})
