package specs

import (
	"fmt"
	"regexp"
	"slices"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"gauntlet/fixtures"
	"gauntlet/harness/judge/requirement"
	"gauntlet/harness/run/repro"
)

// bugs are the known misbehaviours that can be reproduced.
func bugs() []repro.Bug {
	list, err := repro.Load(fixtures.Files(), fixtures.Bugs)
	if err != nil {
		panic(err) // the tree of specs cannot be built without them
	}
	return list
}

var _ = Describe("gauntlet repro", func() {
	for _, bug := range bugs() {
		It(fmt.Sprintf("shows %s on the wire and ends in the verdict expected", bug.Name), func() {
			call := gauntlet("repro", bug.Name)
			Expect(call.code).To(Equal(0), call.stdout+call.stderr)
			for _, v := range bug.Variants {
				Expect(call.stdout).To(ContainSubstring(fmt.Sprintf("verdict: %s broken: ", v.Breaks)))
			}
			Expect(call.stdout).To(SatisfyAll(ContainSubstring("request 1 "), ContainSubstring("workaround: ")))
		})
	}

	It("has every bug that the source tells of the official client, and ten others", func() {
		told, others := map[requirement.Statement]bool{}, 0
		for _, bug := range bugs() {
			if slices.Contains(bug.Of.Told, "the official client version 5") {
				for _, s := range bug.Statements {
					told[s] = true
				}
			} else {
				others++
			}
		}
		for _, s := range []requirement.Statement{25, 26, 27, 28, 32, 33, 34} {
			Expect(told).To(HaveKey(s), s.String())
		}
		Expect(others).To(BeNumerically(">=", 10))
	})

	It("has a track record among the documents: each bug with the cases that catch it", func() {
		text := document("harness/run/README.md")
		for _, bug := range bugs() {
			Expect(text).To(MatchRegexp("(?m)^\\| %s \\|.*`%s`.*\\| `gauntlet repro %s` \\|$",
				regexp.QuoteMeta(bug.Title), regexp.QuoteMeta(bug.Variants[0].Case), bug.Name))
		}
	})

	It("says of each client how its bug is known: seen, read in the source, or told", func() {
		list := gauntlet("repro", "list").stdout
		Expect(list).To(MatchRegexp(`(?m)^dot-in-the-id .*\n +msn-pecan \(seen\); Gaim 0\.8x, gtmess-gw \(read in the source\); S47`))
		Expect(list).To(MatchRegexp(`(?m)^says-it-twice .*\n.* MSNPSharp \(read in the source\)`))
		Expect(list).NotTo(MatchRegexp(`(?m)^says-it-twice .*\n.*emesene`), "it repeats the request as it was")
		Expect(gauntlet("explain", "dot-in-the-id").stdout).To(SatisfyAll(
			ContainSubstring("msn-pecan (seen)"), ContainSubstring("id-nodot-last"), ContainSubstring(" repro dot-in-the-id")))
		Expect(gauntlet("repro", "odd-port").stdout).To(ContainSubstring("the official client version 5 (told)"))
	})

	It("lists them, and knows the name of none that there is not", func() {
		Expect(gauntlet("repro", "list").stdout).To(MatchRegexp(`(?m)^odd-port +Misbehaves with a proxy on a port other than 80\n +the official client version 5 \(told\); S25\n +(last reproduced on \d{4}-\d\d-\d\d by v\S+|not reproduced by CI yet)$`))
		Expect(gauntlet("repro", "no-such-bug").complaint()).To(ContainSubstring(`no bug "no-such-bug"`))
	})
})
