//go:build unix

package specs

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"

	"github.com/goccy/go-yaml"
	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
)

// action is what of .github/actions/certify a runner without GitHub can do.
type action struct {
	Inputs map[string]struct{ Default string }
	Runs   struct {
		Steps []struct {
			Uses, Run, If string
			Env           map[string]string
		}
	}
}

var inputWord = regexp.MustCompile(`\$\{\{ inputs\.(\w+) \}\}`)

// perform runs the action's own steps as GitHub does, until one fails.
func (a action) perform(given map[string]string, temp string) called {
	GinkgoHelper()
	here, err := filepath.Abs("../.github/actions/certify")
	Expect(err).NotTo(HaveOccurred())
	var last called
	for _, s := range a.Runs.Steps {
		if s.Run == "" || s.If != "" {
			continue // what has a condition is for a machine of GitHub's: it changes its kernel, or sends what is there to it
		}
		step := exec.Command("bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", s.Run)
		step.Env = append(os.Environ(), "GITHUB_ACTION_PATH="+here, "RUNNER_TEMP="+temp, "GITHUB_OUTPUT="+filepath.Join(temp, "output"), "GITHUB_STEP_SUMMARY="+filepath.Join(temp, "summary.md"))
		for name, value := range s.Env {
			step.Env = append(step.Env, name+"="+inputWord.ReplaceAllStringFunc(value, func(word string) string {
				input := inputWord.FindStringSubmatch(word)[1]
				Expect(a.Inputs).To(HaveKey(input))
				if text, is := given[input]; is {
					return text
				}
				return a.Inputs[input].Default
			}))
		}
		if last = run(temp, step); last.code != 0 {
			return last
		}
	}
	return last
}

// withCommand is a folder for the action with the command that it builds: go build finds
// that this is what it would link, as it is built in the same way.
func withCommand() (temp string) {
	GinkgoHelper()
	temp = GinkgoT().TempDir()
	linked, err := os.ReadFile(command)
	Expect(err).NotTo(HaveOccurred())
	Expect(os.WriteFile(filepath.Join(temp, "gauntlet"), linked, 0o755)).To(Succeed())
	return temp
}

var _ = Describe("The action for a workflow", waits, func() {
	var a action

	BeforeEach(func() {
		text, err := os.ReadFile("../.github/actions/certify/action.yml")
		Expect(err).NotTo(HaveOccurred())
		Expect(yaml.Unmarshal(text, &a)).To(Succeed())
		for _, s := range a.Runs.Steps {
			Expect(s.Uses).To(Or(BeEmpty(), MatchRegexp(`^actions/[a-z-]+@[0-9a-f]{40}$`)), "it is pinned by its commit")
		}
	})

	It("certifies a client, and leaves a report, JUnit and a summary", func() {
		temp := withCommand()
		call := a.perform(map[string]string{"client": "built-in", "cases": "control-direct,control-forward-8080"}, temp)
		Expect(call.code).To(BeZero(), call.stdout+call.stderr)
		Expect(call.stdout).To(ContainSubstring("2 cases: 2 Pass"))
		output, err := os.ReadFile(filepath.Join(temp, "output"))
		Expect(err).NotTo(HaveOccurred())
		Expect(strings.TrimPrefix(strings.TrimSpace(string(output)), "report=")).To(BeARegularFile())
		for _, name := range []string{"gauntlet.xml", "summary.md", "gauntlet-packets/control-direct.pcapng"} {
			Expect(filepath.Join(temp, name)).To(BeARegularFile())
		}
	})

	It("fails with the client, and passes its arguments on", func() {
		temp := withCommand()
		call := a.perform(map[string]string{"client": "mutant:doubles", "cases": "cut-message-answer-rst-forward", "arguments": "--seed '7'"}, temp)
		Expect(call.code).To(Equal(1), call.stderr)
		Expect(call.stdout).To(ContainSubstring("--seed 7"))
	})
})
