package specs

import (
	"errors"
	"slices"
	"strings"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"gauntlet/proxies"
	"gauntlet/proxies/syntax"
)

var _ = Describe("gauntlet list --quirks", Label("box"), func() {
	problem := func(text string) string {
		var wrong *syntax.Error
		if _, err := proxies.ParseSpec(text); errors.As(err, &wrong) {
			return wrong.Problem
		}
		return ""
	}

	It("says of every quirk how it is written, what it does, and which boxes can have it", func() {
		rows := listedAs("--quirks")
		Expect(rows).To(HaveLen(len(proxies.Quirks())))
		var unknown *syntax.Error
		_, err := proxies.ParseSpec("none")
		Expect(errors.As(err, &unknown)).To(BeTrue())
		for _, row := range rows {
			Expect(row.Title).NotTo(BeEmpty(), row.ID)
			Expect(row.Notes).To(HaveLen(2), row.ID)
			Expect(strings.Fields(row.Notes[0])[0]).To(Equal(row.ID))
			takers := strings.Split(strings.TrimPrefix(row.Notes[1], "of "), ", ")
			for _, kind := range unknown.Allowed {
				if kind != "profile" {
					taken := problem(kind+" "+row.ID+" \x00") != "no such word for this box" || problem(kind+" "+row.ID) == ""
					Expect(taken).To(Equal(slices.Contains(takers, kind)), "%s %s", kind, row.ID)
				}
			}
		}
	})
})
