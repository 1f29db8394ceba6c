package specs

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
)

var goMods = regexp.MustCompile(`(?m)^    (go mod .*)$`)

// fromGo is the document on certifying from Go.
const fromGo = "harness/README.md"

// outside runs a command in a module that is not ours, which fetches what it
// needs as any module does. What was compiled for the suite is there for it.
func outside(dir, line string) called {
	GinkgoHelper()
	cmd := exec.Command("sh", "-c", line)
	cmd.Env = append(os.Environ(), "GOFLAGS="+os.Getenv("GOFLAGS")+" -mod=mod -vet=off -ldflags=-w", "GOWORK=off", "NO_COLOR=1")
	return run(dir, cmd)
}

// newModule is a module with the code that fromGo shows, made by the commands
// that it shows.
func newModule() (dir string) {
	GinkgoHelper()
	dir = GinkgoT().TempDir()
	repo, err := filepath.Abs("..")
	Expect(err).NotTo(HaveOccurred())
	text := document(fromGo)
	blocks := fenced(text, "go")
	Expect(blocks).To(HaveLen(2), "testing, and Ginkgo")
	for i, name := range []string{"mine_test.go", "suite_test.go"} {
		Expect(os.WriteFile(filepath.Join(dir, name), []byte(blocks[i]), 0o644)).To(Succeed())
	}
	commands := []string{"go mod init example.com/mine"}
	for _, found := range goMods.FindAllStringSubmatch(text, -1) {
		commands = append(commands, strings.ReplaceAll(found[1], "/path/to/gauntlet", repo))
	}
	Expect(commands).To(HaveLen(3))
	for _, line := range commands {
		c := outside(dir, line)
		Expect(c.code).To(BeZero(), c.stdout+c.stderr)
	}
	return dir
}

// spoiltBy is the variable in the environment with which the document's client is wrong.
const spoiltBy = "MINE_GIVES_UP"

// givesUp is a file with a client that takes every loss for the end of its session.
const givesUp = `package mine_test

import (
	"os"
	"time"

	"gauntlet/harness/msn/client"
	"gauntlet/harness/msn/session"
)

type quitter struct{ *session.Machine }

func giveUp(c session.Config) client.Brain { return quitter{session.New(c)} }

func (q quitter) Lost(now time.Time, _ session.Loss) { q.Answered(now, session.Answer{Status: 400}) }

// brain is none, which is the document's client, or a wrong one.
func brain() func(session.Config) client.Brain {
	if os.Getenv("` + spoiltBy + `") == "" {
		return nil
	}
	return giveUp
}
`

// spoil lets the client of the module be wrong. Of the document's code it changes a line.
func spoil(dir string) {
	GinkgoHelper()
	file := filepath.Join(dir, "mine_test.go")
	text, err := os.ReadFile(file)
	Expect(err).NotTo(HaveOccurred())
	spoilt := strings.Replace(string(text), "Network: s.Network,", "Brain: brain(), Network: s.Network,", 1)
	Expect(spoilt).NotTo(Equal(string(text)))
	Expect(os.WriteFile(file, []byte(spoilt), 0o644)).To(Succeed())
	Expect(os.WriteFile(filepath.Join(dir, "brain_test.go"), []byte(givesUp), 0o644)).To(Succeed())
}

var _ = Describe("A module of somebody else's", Ordered, func() {
	var dir string

	// It is linked once, not by each go test: that is most of what they cost.
	BeforeAll(func() {
		dir = newModule()
		spoil(dir)
		c := outside(dir, "go test -c -o mine.test .")
		Expect(c.code).To(BeZero(), c.stdout+c.stderr)
	})

	// linked does what `go test` does for such a line.
	linked := func(line string, env ...string) called {
		GinkgoHelper()
		Expect(line).To(MatchRegexp(`^go test (-v )?-run '?\S+'? \.( |$)`))
		line = strings.NewReplacer("go test", "./mine.test", " -v", " -test.v", " -run", " -test.run", " .", "").Replace(line)
		return outside(dir, strings.Join(append(env, line), " "))
	}

	It("certifies a client with the document's code, from a test and from Ginkgo", func() {
		c := linked("go test -v -run 'TestSurvives|TestSuite' . -ginkgo.v -ginkgo.json-report=ginkgo.json")
		Expect(c.code).To(BeZero(), c.stdout+c.stderr)
		Expect(c.stdout).To(ContainSubstring("--- PASS: TestSurvives/cut-message-answer-rst-forward"))
		Expect(c.stdout).To(And(ContainSubstring("cut-poll-answer-rst-forward"), ContainSubstring("SUCCESS!")))
		text, err := os.ReadFile(filepath.Join(dir, "ginkgo.json"))
		Expect(err).NotTo(HaveOccurred())
		Expect(string(text)).To(And(ContainSubstring(`\"case\":\"cut-poll-answer-rst-forward\"`), ContainSubstring(`\"status\":\"Pass\"`)), "Ginkgo's report carries our entries")
	})

	It("is told what a wrong client did, and how to see it alone", func() {
		for line, reproduce := range map[string]string{
			"go test -run 'TestSurvives/^cut-message-answer' .":                "go test -run '^TestSurvives$/^cut-message-answer-rst-forward$' .",
			"go test -run TestSuite . -ginkgo.focus 'cut-poll-answer-.*-forw'": "go test -run '^TestSuite$' . -ginkgo.focus 'on a bad network cut-poll-answer-rst-forward$'",
		} {
			c := linked(line, spoiltBy+"=1")
			Expect(c.code).To(Equal(1), c.stdout+c.stderr)
			Expect(c.stdout).To(And(ContainSubstring("broken "), ContainSubstring("because "), ContainSubstring("connection "), ContainSubstring("reproduce  "+reproduce)))
			again := linked(reproduce, spoiltBy+"=1")
			Expect(again.code).To(Equal(1), again.stdout+again.stderr)
			Expect(again.stdout).To(ContainSubstring("cut-"))
			Expect(again.stdout).NotTo(ContainSubstring("fin-forward"))
		}
	})
})
