package specs

import (
	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"gauntlet/harness/judge/oracle"
	"gauntlet/harness/judge/requirement"
	"gauntlet/harness/mutants"
	"gauntlet/harness/run/catalogue"
	"gauntlet/harness/run/rig"
)

var _ = Describe("A gateway that shows a certificate which is not its own", func() {
	for flaw, words := range map[string]string{
		"untrusted":    "request 2 went to a server whose certificate is of an authority that the client does not trust",
		"another-name": "request 2 went to a server whose certificate is of another host",
		"expired":      "request 2 went to a server whose certificate has expired",
	} {
		It("is left by who looks at it, and known to have been talked to by who does not: "+flaw, inVirtualTime(func() {
			cases, err := catalogue.Select(catalogued(), "certificate-"+flaw)
			Expect(err).NotTo(HaveOccurred())
			right := perform(cases[0], rig.Options{Client: traveller()})
			Expect(right.Status).To(Equal(oracle.Pass), right.Reason)
			Expect(right.Verdicts).To(ContainElement(And(
				HaveField("Requirement", requirement.ID("route.certificate")), HaveField("Status", oracle.Pass), HaveField("Checked", BeNumerically(">", 0)))))

			careless, _ := mutants.Named("trusts-anybody")
			wrong := perform(cases[0], rig.Options{Client: careless.New})
			Expect(wrong.Verdicts).To(ContainElement(And(
				HaveField("Requirement", requirement.ID("route.certificate")), HaveField("Status", oracle.Fail), HaveField("Reason", words))))
		}))
	}
})
