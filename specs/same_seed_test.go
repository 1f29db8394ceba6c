package specs

import (
	"crypto/sha256"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
)

var _ = Describe("A run in virtual time", Label("command"), func() {
	It("gives the same histories for the same seed, byte for byte, with one worker and with two", func() {
		one, two := digests(1), digests(2)
		Expect(len(one)).To(BeNumerically(">", 870))
		Expect(two).To(HaveLen(len(one)))
		var differ []string
		for name, sum := range one {
			if two[name] != sum {
				differ = append(differ, name)
			}
		}
		Expect(differ).To(BeEmpty())
	})
})

// digests are those of the histories of the whole catalogue and its controls,
// run by so many workers.
func digests(workers int) map[string][sha256.Size]byte {
	GinkgoHelper()
	dir := GinkgoT().TempDir()
	cmd := exec.Command(command, "certify", "--out", "run")
	cmd.Env = append(os.Environ(), fmt.Sprintf("GOMAXPROCS=%d", workers))
	c := run(dir, cmd)
	Expect(c.code).To(BeZero(), c.stdout+c.stderr)
	files, err := filepath.Glob(filepath.Join(dir, "run", "*", "*", "history.jsonl"))
	Expect(err).NotTo(HaveOccurred())
	sums := map[string][sha256.Size]byte{}
	for _, file := range files {
		text, err := os.ReadFile(file)
		Expect(err).NotTo(HaveOccurred())
		name, err := filepath.Rel(dir, filepath.Dir(file))
		Expect(err).NotTo(HaveOccurred())
		sums[name] = sha256.Sum256(text)
	}
	return sums
}
