package specs

import (
	"path/filepath"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"gauntlet/harness/judge/history"
)

var _ = Describe("A driven client", waits, func() {
	It("is judged end to end, by what it says and what it does, like one in our process", func() {
		dir := GinkgoT().TempDir()
		out := filepath.Join(dir, "results")
		call := gauntletIn(dir, "certify", "--json", "--no-namespace", "--client", clientFile(dir, "tame"), "--out", out, "--case", "cut-message-answer-rst-forward")
		Expect(call.code).To(Equal(0), call.stdout+call.stderr)
		result := call.results()[0]
		Expect(result.Client).To(Equal("tame"))
		Expect(string(result.Mode)).To(Equal("loopback"))
		judged := map[string]int{}
		for _, v := range result.Verdicts {
			judged[string(v.Requirement)+" "+v.Status.String()] = v.Checked
		}
		Expect(judged).To(And(HaveKeyWithValue("answer.delivered Pass", 5), HaveKeyWithValue("command.not-lost Pass", 5), HaveKey("command.not-doubled Pass")))
		_, events := storedHistory(filepath.Join(out, "cases", "cut-message-answer-rst-forward"))
		Expect(events).To(ContainElement(And(
			HaveField("From", history.AtClient), HaveField("Kind", history.Delivered), HaveField("Text", "message 1 from bob"), HaveField("ID", "bob@example.com"))))
	})
})
