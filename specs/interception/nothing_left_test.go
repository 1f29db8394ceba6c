package interception

import (
	"cmp"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
)

// stray is a program under test that would live for ever, in a session of its
// own, so that nobody's process group ends it.
const stray = `
name: stray
command: [bash, -c, "setsid sleep 54321 & exec sleep 54321"]
mode: black-box
`

// leftovers are the processes that look like these of a run, the namespaces
// that exist, the mounts, and the files in folder.
type leftovers struct {
	processes, namespaces []string
	mounts                string
	files                 []string
}

func look(folder string) (l leftovers) {
	GinkgoHelper()
	seen := map[string]bool{}
	programs, err := filepath.Glob("/proc/[0-9]*")
	Expect(err).NotTo(HaveOccurred())
	for _, p := range programs {
		line, _ := os.ReadFile(p + "/cmdline") // it may have ended
		text := strings.ReplaceAll(string(line), "\x00", " ")
		if strings.Contains(text, command) || strings.Contains(text, "sleep 54321") {
			l.processes = append(l.processes, text)
		}
		tasks, _ := filepath.Glob(p + "/task/*/ns/net")
		for _, task := range tasks {
			if ns, err := os.Readlink(task); err == nil && !seen[ns] {
				seen[ns] = true
				l.namespaces = append(l.namespaces, ns)
			}
		}
	}
	mounts, err := os.ReadFile("/proc/self/mountinfo")
	Expect(err).NotTo(HaveOccurred())
	l.mounts = string(mounts)
	l.files, err = filepath.Glob(folder + "/*")
	Expect(err).NotTo(HaveOccurred())
	return l
}

var _ = Describe("A run in namespaces that is killed in the middle", func() {
	It("leaves no namespace, rule, mount, process or temporary folder behind", func() {
		dir, temporary := folder(), folder()
		for name, text := range map[string]string{
			"cases.yaml": short("chain: [intercept]\nworkload: [sign in, sign out]"), "stray.yaml": stray,
		} {
			Expect(os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644)).To(Succeed())
		}
		before := look(temporary)
		run := func() *exec.Cmd {
			cmd := exec.Command(command, "certify", "--mode", "netns", "--file", "cases.yaml", "--client", "stray.yaml")
			cmd.Dir, cmd.Env = dir, append(outside(), "TMPDIR="+temporary)
			cmd.Stdout, cmd.Stderr = GinkgoWriter, GinkgoWriter
			Expect(cmd.Start()).To(Succeed())
			return cmd
		}
		end := func(cmd *exec.Cmd) {
			Expect(cmd.Process.Kill()).To(Succeed())
			_ = cmd.Wait() // until nobody holds its output any more
			Eventually(func() leftovers { return look(temporary) }).WithTimeout(3 * time.Minute).Should(Equal(before))
		}
		started := time.Now()
		first := run()
		Eventually(func() int { return strings.Count(strings.Join(look(temporary).processes, "\n"), "sleep 54321") }).
			WithTimeout(3*time.Minute).Should(BeNumerically(">=", 2), "the stray and its child run")
		Expect(len(look(temporary).namespaces)).To(BeNumerically(">", len(before.namespaces)))
		until := time.Since(started)
		end(first)

		for range kills() - 1 { // at any moment: while it sets up, too
			cmd := run()
			<-time.After(rand.N(2 * until))
			end(cmd)
		}
	})
})

// kills is how often a run is killed: once, unless GAUNTLET_KILLS asks for more.
func kills() int {
	GinkgoHelper()
	n, err := strconv.Atoi(cmp.Or(os.Getenv("GAUNTLET_KILLS"), "1"))
	Expect(err).NotTo(HaveOccurred())
	return n
}

var _ = Describe("A run in namespaces as an ordinary user", func() {
	It("passes, redirected, and leaves nothing behind", func() {
		dir := folder()
		Expect(os.WriteFile(filepath.Join(dir, "cases.yaml"), []byte(short("chain: [intercept]\nworkload: [sign in, stay 3s, sign out]")), 0o644)).To(Succeed())
		before := look(dir)
		cmd := exec.Command(command, "certify", "--mode", "netns", "--file", filepath.Join(dir, "cases.yaml"), "--lines")
		cmd.Dir, cmd.Env = dir, outside()
		if nobody, there := ordinary(); there {
			cmd.Dir = folder()
			Expect(os.Chown(cmd.Dir, int(nobody), int(nobody))).To(Succeed())
			cmd.SysProcAttr = as(nobody)
		}
		out, err := cmd.CombinedOutput()
		Expect(err).NotTo(HaveOccurred(), string(out))
		Expect(string(out)).To(ContainSubstring("1 case: 1 Pass"))
		Expect(look(dir)).To(Equal(before))
	})
})

// ordinary is a user who is not root; there is none where only we are mapped.
func ordinary() (uid uint32, there bool) {
	text, err := os.ReadFile("/proc/self/uid_map")
	Expect(err).NotTo(HaveOccurred())
	fields := strings.Fields(string(text))
	size, err := strconv.Atoi(fields[2])
	Expect(err).NotTo(HaveOccurred())
	return 65534, size > 65534
}
