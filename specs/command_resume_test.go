//go:build unix

package specs

import (
	"crypto/sha256"
	"encoding/hex"
	"os"
	"path/filepath"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	"github.com/onsi/gomega/gexec"

	"gauntlet/harness/report"
	"gauntlet/harness/run/rig"
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

var _ = Describe("A run directory from elsewhere", func() {
	// planned is a directory whose plan runs, for client or box, a program that leaves a note.
	planned := func(flag string) (dir, file, note string) {
		dir = GinkgoT().TempDir()
		note, file = filepath.Join(dir, "note"), filepath.Join(dir, "foreign.yaml")
		text := "name: foreign\nmode: black-box\ncommand: [sh, -c, \"touch " + note + "\"]\n"
		plan := report.Plan{Client: file, Mode: rig.Loopback, Seed: 1, Select: []string{"control-forward-8080"}, Cases: []string{"control-forward-8080"}}
		sum := sha256.Sum256([]byte(text))
		plan.Digest = hex.EncodeToString(sum[:])
		if flag == "box" {
			text = "name: foreign\ncommand: [sh, -c, \"touch " + note + "\"]\nconfig: '{{.Port}}'\n"
			plan.Client, plan.Product, plan.Digest = "built-in", file, ""
		}
		Expect(os.WriteFile(file, []byte(text), 0o644)).To(Succeed())
		Expect(report.RunDir{Path: dir}.Begin(plan)).To(Succeed())
		return dir, file, note
	}

	DescribeTable("runs no program that only its plan names", func(flag string) {
		dir, file, note := planned(flag)
		Expect(gauntlet("certify", "--resume", dir).complaint()).To(
			Equal("the plan of " + dir + " would run the program of " + file + ": if that is meant, say --" + flag + " " + file))
		gauntlet("judge", dir)
		gauntlet("report", dir, "--html="+filepath.Join(dir, "page.html"))
		Expect(note).NotTo(BeAnExistingFile())
	}, Entry("as the client", "client"), Entry("as a box", "box"))

	It("runs one that is named once more", func() {
		dir, file, note := planned("client")
		gauntlet("certify", "--resume", dir, "--client", file)
		Expect(note).To(BeAnExistingFile())
	})
})
