package specs

import (
	"io/fs"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"gauntlet/fixtures"
	"gauntlet/harness/msn/gateway"
	"gauntlet/harness/run/workload"
	"gauntlet/proxies/fault"
)

var _ = Describe("gauntlet list --steps and --knobs", func() {
	It("says of each how it is written and what it does", func() {
		steps := listedAs("--steps")
		Expect(steps).To(HaveLen(len(workload.Words())))
		for i, w := range workload.Words() {
			Expect([]string{steps[i].ID, steps[i].Title, steps[i].Notes[0]}).To(Equal([]string{string(w.Verb), w.Doc, w.Form}))
			Expect(w.Doc).NotTo(BeEmpty())
		}
		knobs := listedAs("--knobs")
		Expect(knobs).To(HaveLen(len(gateway.Knobs())))
		for i, k := range gateway.Manual() {
			Expect(knobs[i].Title).To(SatisfyAll(Equal(k.Doc), Not(BeEmpty())), k.Name)
			Expect(knobs[i].Notes).To(ConsistOf(k.Name + ": " + k.Takes))
		}
	})

	It("says it in the schema, too, for those who write a case in an editor", func() {
		text, err := fs.ReadFile(fixtures.Files(), "schemas/case.schema.json")
		Expect(err).NotTo(HaveOccurred())
		for _, k := range gateway.Manual() {
			Expect(string(text)).To(ContainSubstring(`%q: {"description": "%s`, k.Name, k.Doc))
		}
	})
})

var _ = Describe("gauntlet list --effects", func() {
	It("says of every effect how it is written, what it does and where", func() {
		rows := listedAs("--effects")
		Expect(rows).To(HaveLen(len(fault.Effects())))
		for _, row := range rows {
			kind := fault.Effects()[row.ID]
			Expect(row.Title).To(Equal(kind.Doc))
			Expect(row.Notes).To(ContainElement(kind.Form(row.ID)))
		}
	})

	It("puts a fault that makes no sense down to its place", func() {
		for text, problem := range map[string]string{
			"hop 0: on poll 1, head: gzip":             "gzip means nothing at head",
			"hop 0: on poll 1, answer: repeat":         "repeat means nothing at answer",
			"hop 0: on poll 1, answer: status 399":     "not a status",
			"hop 0: on poll 1, answer: delay fast":     "a duration above zero is wanted",
			"hop 0: on poll 1, answer: length wrong 5": "a number with its sign is wanted",
			"hop 0: on poll 1, answer: drop header":    "not a header field's name",
			"hop 0: on poll 1, answer: stall 5s":       `"for" is wanted`,
		} {
			_, err := fault.Parse(text, fault.Vocabulary{Head: []string{"poll"}})
			Expect(err).To(MatchError(ContainSubstring(problem)), text)
			Expect(err).To(MatchError(ContainSubstring("at byte ")), text)
		}
	})
})
