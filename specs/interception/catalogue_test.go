package interception

import (
	"encoding/json"
	"os/exec"
	"strings"
	"sync"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"gauntlet/harness/judge/oracle"
	"gauntlet/harness/run/rig"
)

// call is a call of the command in namespaces of its own.
type call struct {
	args []string
	out  string
	err  error
}

// atOnce makes the calls at once: in real time they mostly wait.
func atOnce(calls ...*call) {
	GinkgoHelper()
	dir := folder()
	var wg sync.WaitGroup
	for _, c := range calls {
		wg.Go(func() {
			cmd := exec.Command(command, c.args...)
			cmd.Dir, cmd.Env, cmd.Stderr = dir, outside(), GinkgoWriter
			var out []byte
			out, c.err = cmd.Output()
			c.out = string(out)
		})
	}
	wg.Wait()
}

var _ = Describe("In namespaces", func() {
	It("the built-in client passes, and the bugs about proxies show as in virtual time", func() {
		certified := &call{args: []string{"certify", "--mode", "netns", "--json", "--case",
			"route-intercepted-host,road-kill-answer-intercept,road-forget-answer-forward,road-late-intercept,cut-message-answer-rst-intercept"}}
		oddPort := &call{args: []string{"repro", "odd-port", "--variant", "goes-past-it", "--mode", "netns"}}
		transparent := &call{args: []string{"repro", "transparent-proxy", "--variant", "two-hosts", "--mode", "netns"}}
		oddPortThere := &call{args: []string{"repro", "odd-port", "--variant", "goes-past-it"}}
		transparentThere := &call{args: []string{"repro", "transparent-proxy", "--variant", "two-hosts"}}
		atOnce(certified, oddPort, transparent, oddPortThere, transparentThere)

		Expect(certified.err).NotTo(HaveOccurred(), certified.out)
		var results []rig.Result
		Expect(json.Unmarshal([]byte(certified.out), &results)).To(Succeed())
		Expect(results).To(HaveLen(5))
		for _, r := range results {
			Expect(r.Status).To(Equal(oracle.Pass), r.ID+": "+r.Reason)
			Expect(r.Mode).To(Equal(rig.Netns))
		}
		for _, pair := range [][2]*call{{oddPort, oddPortThere}, {transparent, transparentThere}} {
			for _, c := range pair {
				Expect(c.err).NotTo(HaveOccurred(), c.out)
			}
			Expect(broken(pair[0].out)).To(Equal(broken(pair[1].out)))
		}
	})
})

// broken are the requirements that the verdicts of a reproduction name.
func broken(out string) (list []string) {
	GinkgoHelper()
	for line := range strings.Lines(out) {
		if verdict, ok := strings.CutPrefix(strings.TrimSpace(line), "verdict: "); ok {
			requirement, _, _ := strings.Cut(verdict, ":")
			list = append(list, requirement)
		}
	}
	Expect(list).To(HaveExactElements(HaveSuffix(" broken")))
	return list
}
