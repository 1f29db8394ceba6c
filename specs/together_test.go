package specs

import (
	"context"
	"strings"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"gauntlet/harness/judge/oracle"
	"gauntlet/harness/run/catalogue"
	"gauntlet/harness/run/rig"
)

// In real time the controls run along with the cases: a case that ends before
// its control waits for it with its outcome, and leans on it all the same.
var _ = Describe("Controls that run along", func() {
	// backwards performs cases from the last to the first, so that each case ends
	// before its controls; those of a kind named in failing fail.
	backwards := func(failing string) rig.Runner {
		return func(_ context.Context, cases []catalogue.Case, done func(rig.Outcome)) error {
			for i := len(cases) - 1; i >= 0; i-- {
				o := rig.Outcome{Case: cases[i], Result: rig.Result{ID: cases[i].ID, Status: oracle.Pass}}
				if failing != "" && strings.HasPrefix(cases[i].ID, failing) {
					o.Result.Status, o.Result.Reason = oracle.Fail, "made to fail"
				}
				done(o)
			}
			return nil
		}
	}
	certified := func(failing string) (cases []rig.Result, controls int) {
		GinkgoHelper()
		chosen, err := catalogue.Select(catalogued(), "cut-poll-answer-*-forward", "control-direct")
		Expect(err).NotTo(HaveOccurred())
		suite := rig.Suite{Run: backwards(failing), Together: true, Done: func(o rig.Outcome) {
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

	It("are run once each, and named by the cases that lean on them", func() {
		results, controls := certified("")
		Expect(controls).To(Equal(2), "one without a box and one with it, for both cases")
		r := of(results, "cut-poll-answer-rst-forward")
		Expect(r.Status).To(Equal(oracle.Pass))
		Expect(r.Controls.Direct).To(HaveValue(Equal(oracle.Pass)))
		Expect(r.Controls.Box).To(HaveValue(Equal(oracle.Pass)))
		Expect(of(results, "control-direct").Controls).To(BeZero())
	})

	DescribeTable("take away what they do not support", func(failing string, status oracle.Status) {
		results, _ := certified(failing)
		Expect(of(results, "cut-poll-answer-rst-forward").Status).To(Equal(status))
		Expect(of(results, "control-direct").Status).To(Equal(oracle.Pass))
	},
		Entry("without a box", "control: direct", oracle.Inconclusive),
		Entry("with the box", "control: box", oracle.Blocked),
	)
})
