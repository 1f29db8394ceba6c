package specs

import (
	"encoding/json"
	"strings"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"gauntlet/harness/judge/requirement"
	"gauntlet/harness/mutants"
)

// listedAs are the rows that a call of list with --json printed.
func listedAs(args ...string) []struct {
	ID, Title string
	Notes     []string
} {
	GinkgoHelper()
	call := gauntlet(append([]string{"list", "--json"}, args...)...)
	Expect(call.code).To(Equal(0), call.stderr)
	var rows []struct {
		ID, Title string
		Notes     []string
	}
	Expect(json.Unmarshal([]byte(call.stdout), &rows)).To(Succeed())
	return rows
}

var _ = Describe("gauntlet list", func() {
	It("lists every case with its boxes and faults", func() {
		rows := listedAs()
		Expect(rows).To(HaveLen(len(catalogued())))
		for i, c := range catalogued() {
			Expect(rows[i].ID).To(Equal(c.ID))
			for _, f := range c.Faults {
				Expect(rows[i].Notes).To(ContainElement(f.String()))
			}
		}
	})

	It("lists those whose ids fit", func() {
		Expect(len(listedAs("control-*"))).To(BeNumerically("<", len(listedAs())))
		Expect(listedAs("control-direct")).To(HaveLen(1))
	})

	It("lists the requirements with their level and the statements that they come from", func() {
		rows := listedAs("--requirements")
		Expect(rows).To(HaveLen(len(requirement.All())))
		for _, row := range rows {
			Expect(row.Notes[0]).To(BeElementOf("must", "should", "informational"))
			Expect(row.Title).NotTo(BeEmpty())
		}
	})

	It("lists the 61 statements of the source, with what they ask of a client", func() {
		rows := listedAs("--statements")
		Expect(rows).To(HaveLen(61))
		Expect(rows[13].ID).To(Equal("S14"))
		Expect(rows[13].Notes).To(ContainElement("exchange.one-in-flight"))
		Expect(rows[0].Notes).To(BeEmpty(), "S1 is background")
		Expect(gauntlet("explain", "s17").stdout).To(ContainSubstring(requirement.Source))
	})

	It("lists the wrong clients with what they are caught by", func() {
		rows := listedAs("--mutants")
		Expect(rows).To(HaveLen(len(mutants.All())))
		for i, m := range mutants.All() {
			Expect(rows[i].Notes).To(ConsistOf(string(m.Violates)))
		}
		Expect(listedAs("--mutants", "reopens")).To(HaveLen(1))
	})

	It("prints a line each for people", func() {
		call := gauntlet("list", "control-*")
		for line := range strings.Lines(call.stdout) {
			Expect(line).To(HavePrefix("control-"))
		}
		Expect(call.stderr).To(BeEmpty())
	})
})
