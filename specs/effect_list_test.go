package specs

import (
	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"gauntlet/proxies/fault"
)

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
