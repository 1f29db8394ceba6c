package specs

import (
	"os/exec"
	"sync"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"gauntlet/harness/judge/oracle"
)

// example is a client in fixtures/clients with a few cases for it. All of them
// run at a time: they mostly wait.
type example struct {
	name, file, needs string
	cases             []string
	called            called
}

var _ = Describe("The example clients", Ordered, waits, Label("programs"), func() {
	usual := []string{"control-forward-8080", "cut-message-answer-rst-forward", "effect-head-lower-case"}
	examples := []*example{
		{name: "python", file: "python/driven.yaml", needs: "python3", cases: usual},
		{name: "python-black-box", file: "python/black-box.yaml", needs: "python3", cases: []string{"control-forward-8080"}},
		{name: "node", file: "node/driven.yaml", needs: "node", cases: usual},
		{name: "curl", file: "curl/naive.yaml", needs: "curl", cases: usual},
	}

	BeforeAll(func() {
		var certified sync.WaitGroup
		for _, e := range examples {
			_, err := exec.LookPath(e.needs)
			skipUnless(err == nil, e.needs+" is not here: make deps installs it")
			args := []string{"certify", "--json", "--no-namespace", "--client", "../fixtures/clients/" + e.file, "--out", GinkgoT().TempDir()}
			for _, c := range e.cases {
				args = append(args, "--case", c)
			}
			certified.Go(func() {
				defer GinkgoRecover()
				e.called = run(".", exec.Command(command, args...))
			})
		}
		certified.Wait()
	})

	for _, e := range examples {
		It(e.name+" breaks no must that its file does not list", func() {
			Expect(e.called.code).To(BeZero(), e.called.stdout+e.called.stderr)
			results := e.called.results()
			Expect(results).To(HaveLen(len(e.cases)))
			for _, r := range results {
				Expect(r.Client).To(Equal(e.name))
				Expect(r.Known != "").To(Equal(r.Status == oracle.Fail), r.ID+": "+r.Reason)
			}
		})
	}

	It("are whole, but for the naive one: proxies change the case of names", func() {
		for _, e := range examples {
			for _, r := range e.called.results() {
				if r.ID == "effect-head-lower-case" {
					Expect(r.Status).To(Equal(map[bool]oracle.Status{true: oracle.Fail, false: oracle.Pass}[e.name == "curl"]), e.name)
				}
			}
		}
	})
})
