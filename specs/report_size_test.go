package specs

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"gauntlet/harness/report"
	"gauntlet/harness/report/html"
)

// The page has to stay small and quick when the catalogue grows. How quick it
// was stands in the report of the specs; what is asserted would hold on a
// machine that is busy with something else, too. What a case of a client takes does
// not depend on how many there are: a third of them is held to a third of 20 MB.
var _ = Describe("A report of everything", long, Label("browser"), func() {
	const clients, cases, limit = 3, 300, (20 << 20) / 3

	It("of 900 cases stays below 20 MB and opens at once", func() {
		b := openBrowser()
		dir := GinkgoT().TempDir()
		Expect(gauntletIn(dir, "certify", "--case", "cut-message-*", "--case", "cut-poll-*", "--client", "mutant:doubles", "--out", "run").code).To(Equal(1))
		page := html.Page{}
		for client := range clients {
			page.Runs = append(page.Runs, manyOf(filepath.Join(dir, "run"), fmt.Sprint("client ", client), cases))
		}
		file := filepath.Join(dir, "everything.html")
		began := time.Now()
		Expect(report.WriteFile(file, func(w io.Writer) error { return html.Write(w, page) })).To(Succeed())
		AddReportEntry("written in", time.Since(began).Round(time.Millisecond).String())
		info, err := os.Stat(file)
		Expect(err).NotTo(HaveOccurred())
		Expect(info.Size()).To(BeNumerically("<", limit))
		AddReportEntry("MB", float64(info.Size())/(1<<20))
		b.open(file, "", "light")
		AddReportEntry("ms to be usable", eval[string](b, "document.documentElement.dataset.ready"))
		Expect(eval[int](b, "report.cases.length")).To(Equal(cases))
		Expect(b.said()).To(BeEmpty())
	})
})

// manyOf is a run of so many cases: those of a directory over and over, under
// names of their own.
func manyOf(dir, client string, cases int) html.Run {
	GinkgoHelper()
	stored, err := report.OpenRunDir(dir, "cases")
	Expect(err).NotTo(HaveOccurred())
	run := html.OfStored(report.Summary{Client: client}, dir, stored)
	for i := len(run.Cases); i < cases; i++ {
		c := run.Cases[i%len(stored)]
		c.Result.ID = fmt.Sprintf("%s-%d", c.Result.ID, i)
		run.Cases = append(run.Cases, c)
	}
	return run
}
