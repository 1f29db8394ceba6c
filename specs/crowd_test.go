package specs

import (
	"slices"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"gauntlet/harness/judge/oracle"
	"gauntlet/harness/run/adapter"
	"gauntlet/harness/run/catalogue"
	"gauntlet/harness/run/rig"
)

func caseNamed(id string) catalogue.Case {
	GinkgoHelper()
	cases := catalogued()
	i := slices.IndexFunc(cases, func(c catalogue.Case) bool { return c.ID == id })
	Expect(i).To(BeNumerically(">=", 0), id)
	return cases[i]
}

var _ = Describe("A crowd", Label("case", "crowd"), func() {
	It("is of as many clients as the case says, each an account of its own", inVirtualTime(func() {
		accounts := map[string]bool{}
		result := perform(caseNamed("crowd-forward"), rig.Options{Client: func(s adapter.Setup) (adapter.Client, error) {
			accounts[s.Email] = true
			return traveller()(s)
		}})
		Expect(result.Status).To(Equal(oracle.Pass), result.Reason)
		Expect(accounts).To(HaveLen(200))
		Expect(accounts).To(HaveKey(rig.UserEmail))
	}))

	It("fails with any one of them", inVirtualTime(func() {
		made, few := 0, caseNamed("crowd-forward")
		few.Clients = 20
		result := perform(few, rig.Options{Client: func(s adapter.Setup) (adapter.Client, error) {
			if made++; made == 7 {
				s.Gateway = "nowhere.example"
			}
			return traveller()(s)
		}})
		Expect(result.Status).To(Equal(oracle.Fail))
		Expect(result.Reason).To(ContainSubstring("1 of 19 others that go the same way failed"))
	}))
})
