//go:build unix

package specs

import (
	"os"
	"path/filepath"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	"github.com/onsi/gomega/gexec"
)

var _ = Describe("A run that was killed", func() {
	killed := func() (work, dir string) {
		b := startBusy()
		b.Kill()
		Eventually(b, soonEnough).Should(gexec.Exit())
		b.finished()
		return b.Command.Dir, b.dir
	}

	BeforeEach(func() {
		_, err := os.Stat("/proc/self/stat")
		skipUnless(err == nil, "needs /proc to see the workers")
	})

	It("goes on from there: what was finished is not run again, and counts", func() {
		work, dir := killed()
		stored := filepath.Join(dir, "cases", "well", "history.jsonl")
		before, err := os.ReadFile(stored)
		Expect(err).NotTo(HaveOccurred())
		call := gauntletIn(work, "certify", "--json", "--resume", dir, "--silence", "2s")
		Expect(call.code).To(Equal(1), call.stderr)
		status := map[string]string{}
		for _, r := range call.results() {
			status[r.ID] = r.Status.String()
		}
		Expect(status).To(Equal(map[string]string{"well": "Pass", "wild": "Fail"}))
		after, err := os.ReadFile(stored)
		Expect(err).NotTo(HaveOccurred())
		Expect(string(after)).To(Equal(string(before)))
	})

	It("does not go on as another run", func() {
		work, dir := killed()
		Expect(gauntletIn(work, "certify", "--resume", dir, "--seed", "2").complaint()).To(
			Equal("cannot go on with " + dir + ": its seed was 1 and is now 2; begin a new run"))
		Expect(gauntletIn(work, "certify", "--resume", dir, "--client", "built-in").complaint()).To(
			ContainSubstring("its client was mutant:spins and is now built-in; begin a new run"))
		Expect(gauntletIn(work, "certify", "--resume", dir, "--out", "elsewhere").complaint()).To(ContainSubstring("leave --out away"))
		Expect(gauntletIn(work, "certify", "--resume", work).complaint()).To(ContainSubstring("has no plan.json, which says what was to be run"))
	})
})
