//go:build unix

package specs

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"syscall"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	"github.com/onsi/gomega/gbytes"
	"github.com/onsi/gomega/gexec"
)

// busy is a run of the command of which one case is finished, while a worker
// computes without end over the other.
type busy struct {
	*gexec.Session
	dir string
}

func startBusy(how ...string) busy {
	GinkgoHelper()
	work := GinkgoT().TempDir()
	args := append([]string{"certify", "--client", "mutant:spins", "--file", caseFile(work, twoCases), "--out", filepath.Join(work, "results")}, how...)
	cmd := exec.Command(command, args...)
	cmd.Dir = work
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} // as a shell does: Ctrl-C reaches the group
	session, err := gexec.Start(cmd, nil, nil)
	Expect(err).NotTo(HaveOccurred())
	b := busy{session, filepath.Join(work, "results")}
	Eventually(filepath.Join(b.dir, "cases", "well", "result.json"), soonEnough, "5ms").Should(BeAnExistingFile())
	Eventually(b.busyWorkers, soonEnough, "5ms").ShouldNot(BeEmpty())
	return b
}

// finished holds the directory to the one case that was done, whole.
func (b busy) finished() {
	GinkgoHelper()
	cases, err := filepath.Glob(filepath.Join(b.dir, "cases", "*", "result.json"))
	Expect(err).NotTo(HaveOccurred())
	Expect(cases).To(HaveExactElements(filepath.Join(b.dir, "cases", "well", "result.json")))
	result, err := os.ReadFile(cases[0])
	Expect(err).NotTo(HaveOccurred())
	follow(schema("result"), result, cases[0])
	_, events := storedHistory(filepath.Dir(cases[0]))
	Expect(events).NotTo(BeEmpty())
}

// busyWorkers are the processes of the command's own group besides itself.
// Ended ones that nobody has waited for do not count.
func (b busy) busyWorkers() (pids []int) {
	stats, _ := filepath.Glob("/proc/[0-9]*/stat")
	for _, file := range stats {
		text, err := os.ReadFile(file)
		if err != nil {
			continue // it ended meanwhile
		}
		pid, _ := strconv.Atoi(filepath.Base(filepath.Dir(file)))
		_, rest, _ := bytes.Cut(text, []byte(") ")) // state, parent, group
		fields := strings.Fields(string(rest))
		if pid != b.Command.Process.Pid && fields[0] != "Z" && fields[2] == strconv.Itoa(b.Command.Process.Pid) {
			pids = append(pids, pid)
		}
	}
	return pids
}

var _ = Describe("A run that is ended in the middle", func() {
	BeforeEach(func() {
		_, err := os.Stat("/proc/self/stat")
		skipUnless(err == nil, "needs /proc to see the workers")
	})

	It("by Ctrl-C keeps what was finished, says so in one line, and exits with 130", func() {
		b := startBusy("--json")
		Expect(syscall.Kill(-b.Command.Process.Pid, syscall.SIGINT)).To(Succeed())
		Eventually(b, soonEnough).Should(gexec.Exit(130))
		Expect(string(b.Err.Contents())).To(Equal("gauntlet: interrupted after 1 of 2 cases; what was finished is in " + b.dir + ", and --resume goes on with it\n"))
		Expect(b.Out).To(gbytes.Say(`"id": "well"`))
		Expect(filepath.Join(b.dir, "run.json")).To(BeAnExistingFile())
		b.finished()
		Expect(b.busyWorkers()).To(BeEmpty())
	})

	It("by a termination does the same, with 143", func() {
		b := startBusy()
		b.Terminate()
		Eventually(b, soonEnough).Should(gexec.Exit(143))
		Expect(string(b.Out.Contents())).To(And(ContainSubstring("1 case: 1 Pass"), Not(ContainSubstring("exit code"))), "it is not for the run to say")
		b.finished()
		Expect(b.busyWorkers()).To(BeEmpty())
	})

	It("by --timeout says how far it came", func() {
		call := gauntletIn(filepath.Dir(caseFile(GinkgoT().TempDir(), twoCases)), "certify", "--client", "mutant:spins", "--file", "cases.yaml", "--timeout", "400ms", "--out", "results")
		Expect(call.code).To(Equal(2), call.stdout)
		Expect(call.stderr).To(MatchRegexp(`^gauntlet: the time was over after [01] of 2 cases; what was finished is in results, and --resume goes on with it\n$`))
	})

	It("waits before a case for a debugger, until somebody says that it goes on", func() {
		paused := exec.Command(command, "certify", "--case", "control-direct", "--pause-before", "control-direct", "--out", "results")
		paused.Dir = GinkgoT().TempDir()
		keys, err := paused.StdinPipe()
		Expect(err).NotTo(HaveOccurred())
		session, err := gexec.Start(paused, nil, nil)
		Expect(err).NotTo(HaveOccurred())
		DeferCleanup(func() { session.Kill() }) // it may have ended
		Eventually(session.Err, soonEnough).Should(gbytes.Say(`paused before control-direct; process (\d+) will run it: dlv attach \d+; Enter goes on\n`))
		pid := regexp.MustCompile(`process (\d+)`).FindStringSubmatch(string(session.Err.Contents()))[1]
		Eventually(os.ReadFile, soonEnough, "5ms").WithArguments("/proc/"+pid+"/cmdline").Should(ContainSubstring("worker"), "there it is, and waits") // it has no line while it begins
		Expect(string(session.Out.Contents())).To(BeEmpty())
		fmt.Fprintln(keys)
		Eventually(session, soonEnough).Should(gexec.Exit(0))
		Expect(session.Out).To(gbytes.Say("1 case: 1 Pass"))
	})

	It("by a kill keeps what was finished, and its busy worker ends", func() {
		b := startBusy()
		b.Kill()
		Eventually(b, soonEnough).Should(gexec.Exit())
		b.finished()
		Eventually(b.busyWorkers, soonEnough, "5ms").Should(BeEmpty())
	})
})
