// Package certification is harness.Certify for suites of Ginkgo's: a spec for
// each case. It is for users, who import it; the engine behind it is free of
// Ginkgo. Each spec carries a report entry, so that Ginkgo's own reports say
// what those of the command say. It starts no goroutine.
package certification

import (
	"fmt"
	"regexp"
	"testing"

	"github.com/onsi/ginkgo/v2"

	"gauntlet/harness"
	"gauntlet/harness/run/catalogue"
)

// DescribeCertification is a container with a spec for each case; its name is
// the case's id. Cases that cannot be read are one spec that fails. Like each
// container it is declared while the tree is built:
//
//	var suite *testing.T // set by the Test function that calls RunSpecs
//
//	var _ = certification.DescribeCertification("my client", func() *testing.T { return suite }, harness.Options{…})
//
// Virtual time needs a *testing.T, and Ginkgo's own will not do: t gives that of
// the Test function when a spec runs.
func DescribeCertification(text string, t func() *testing.T, o harness.Options) bool {
	return ginkgo.Describe(text, func() {
		plan, err := harness.NewPlan(o)
		if err != nil {
			ginkgo.It("is certified", func() { ginkgo.Fail(err.Error()) })
			return
		}
		for _, c := range plan.Cases {
			ginkgo.It(c.ID, func() { judge(t(), plan, c) })
		}
	})
}

// judge is the spec of one case.
func judge(t *testing.T, plan *harness.Plan, c catalogue.Case) {
	ginkgo.GinkgoHelper()
	if t == nil {
		ginkgo.Fail("DescribeCertification needs the *testing.T of the function that calls RunSpecs, and was given nil")
	}
	outcome := plan.Judge(t, c, alone(t.Name(), ginkgo.CurrentSpecReport().FullText()))
	ginkgo.AddReportEntry("gauntlet", plan.Entry(outcome), ginkgo.ReportEntryVisibilityNever)
	switch finding := plan.Explain(outcome); {
	case finding.Failed:
		ginkgo.Fail(finding.Text)
	case finding.Skipped:
		ginkgo.Skip(finding.Text)
	default:
		ginkgo.GinkgoWriter.Println(finding.Text)
	}
}

// alone is the command that runs one spec.
func alone(test, spec string) string {
	return fmt.Sprintf("go test -run '^%s$' . -ginkgo.focus '%s$'", test, regexp.QuoteMeta(spec))
}
