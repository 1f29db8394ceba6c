//go:build unix

package specs

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"gauntlet/harness/report"
)

// kills is how often a run is killed; GAUNTLET_KILLS=200 asks for more.
func kills() int {
	GinkgoHelper()
	text := os.Getenv("GAUNTLET_KILLS")
	if text == "" {
		return 4
	}
	n, err := strconv.Atoi(text)
	Expect(err).NotTo(HaveOccurred())
	return n
}

var _ = Describe("A run that is killed at any moment", func() {
	// once goes on with a run, or begins it, and reports whether it came to its end
	// before it was killed.
	once := func(work, dir string, after time.Duration) (whole bool) {
		GinkgoHelper()
		args := []string{"certify", "--case", "cut-poll-*", "--lines"}
		if _, err := report.ReadPlan(dir); err == nil {
			args = []string{"certify", "--lines", "--resume", dir}
		} else {
			Expect(os.RemoveAll(dir)).To(Succeed()) // it was killed before it had a plan
			args = append(args, "--out", dir)
		}
		cmd := exec.Command(command, args...)
		cmd.Dir, cmd.SysProcAttr = work, &syscall.SysProcAttr{Setpgid: true}
		cmd.Stdout, cmd.Stderr = GinkgoWriter, GinkgoWriter
		Expect(cmd.Start()).To(Succeed())
		killed := time.AfterFunc(after, func() { _ = cmd.Process.Kill() }) // the parent alone: workers have to notice
		err := cmd.Wait()
		if killed.Stop() {
			Expect(err).NotTo(HaveOccurred())
			return true
		}
		Eventually(func() error { return syscall.Kill(-cmd.Process.Pid, 0) }, soonEnough, "5ms").Should(MatchError(syscall.ESRCH), "its workers end")
		return false
	}

	It("loses nothing that was finished, and is whole in the end", func() {
		work := GinkgoT().TempDir()
		dir := filepath.Join(work, "run")
		draw := rand.New(rand.NewPCG(1, uint64(GinkgoRandomSeed())))
		stored := map[string]string{}
		for range kills() {
			if once(work, dir, time.Duration(draw.IntN(1500))*time.Millisecond) {
				Expect(os.RemoveAll(dir)).To(Succeed())
				clear(stored)
				continue
			}
			for _, file := range resultsBelow(dir) {
				text, err := os.ReadFile(file)
				Expect(err).NotTo(HaveOccurred())
				Expect(json.Valid(text)).To(BeTrue(), file)
				if before, known := stored[file]; known {
					Expect(string(text)).To(Equal(before), "what was finished stays")
				}
				stored[file] = string(text)
			}
			for file := range stored {
				Expect(file).To(BeAnExistingFile())
			}
		}
		Expect(once(work, dir, time.Hour)).To(BeTrue())
		plan, err := report.ReadPlan(dir)
		Expect(err).NotTo(HaveOccurred())
		Expect(resultsBelow(dir)).To(HaveLen(len(plan.Cases)))
		Expect(gauntlet("judge", dir).code).To(BeZero())
		half, err := filepath.Glob(filepath.Join(dir, "*", "*", "*.part"))
		Expect(err).NotTo(HaveOccurred())
		Expect(half).To(BeEmpty())
	})
})

func resultsBelow(dir string) []string {
	GinkgoHelper()
	files, err := filepath.Glob(filepath.Join(dir, "cases", "*", "result.json"))
	Expect(err).NotTo(HaveOccurred())
	return files
}

var _ = Describe("A machine that has too little", func() {
	// limited runs a command under a limit of the shell's, without files that whoever runs
	// the specs has left open.
	limited := func(work, limit string, args ...string) called {
		GinkgoHelper()
		words := append([]string{"-c", "exec 3>&- 4>&- 5>&- 6>&- 7>&- 8>&- 9>&-; " + limit + `; exec "$0" "$@"`, command}, args...)
		return run(work, exec.Command("sh", words...))
	}

	// Below so many files Go itself does not run.
	const fewest = 8

	// Each number of files lets another operation fail: the first for which there
	// is none left.
	It("is told in one line, whichever file or pipe is the one too many, until there are enough", func() {
		work := GinkgoT().TempDir()
		for _, args := range [][]string{
			{"certify", "--case", "control-forward-8080", "--out", "run", "--html", "--certificate", "run.json"},
			{"judge", "run"},
			{"report", "run", "--html=page.html", "--junit", "junit.xml"},
			{"verify", "run.json"},
		} {
			enough := 0
			for n := fewest; enough == 0 && n <= 64; n++ {
				if args[0] == "certify" {
					Expect(os.RemoveAll(filepath.Join(work, "run"))).To(Succeed())
				}
				c := limited(work, fmt.Sprint("ulimit -n ", n), args...)
				if c.code == 0 || args[0] == "verify" && c.code == report.Unproved { // nobody has signed it
					enough = n
					continue
				}
				Expect(c.code).To(Equal(2), "%v with %d files: %s%s", args, n, c.stdout, c.stderr)
				Expect(c.stderr).NotTo(ContainSubstring("goroutine "), "%v with %d files", args, n)
				Expect(strings.Count(c.stderr, "\n")).To(BeNumerically("<=", 2), c.stderr)
				Expect(c.stdout + c.stderr).To(ContainSubstring("too many open files"))
			}
			Expect(enough).To(BeNumerically("~", 20, 12), "%v", args)
		}
	})

	It("may have little memory", func() {
		c := limited(GinkgoT().TempDir(), "export GOMEMLIMIT=24MiB", "certify", "--case", "control-*", "--out", "run")
		Expect(c.code).To(BeZero(), c.stdout+c.stderr)
	})
})
