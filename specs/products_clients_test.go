package specs

import (
	"os/exec"
	"path/filepath"
	"sync"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"gauntlet/harness/judge/oracle"
	"gauntlet/proxies/external"
)

const through = `
id: through
title: a short session through a proxy
why: whoever cannot do this through a proxy is not to be judged through it
proves: [command.carried-out, close.says-out]
chain: [forward port 8080]
workload: [sign in, open chat, send 2 messages, hear 1 message, leave chat, sign out]
---
id: in-a-row
title: the same, with a relay in front
why: boxes know each other by their real addresses
proves: [command.carried-out, close.says-out]
chain: ["relay", forward port 8080]
workload: [sign in, open chat, send 2 messages, hear 1 message, leave chat, sign out]
`

// passage is a client on its way through a box. Where there is none the way
// leads through ours: a relay, and a forward proxy.
type passage struct {
	box, client string
	called      called
}

func (p *passage) name() string {
	client := filepath.Base(p.client)
	if p.box == "" {
		return client + " through a relay and a forward proxy"
	}
	return client + " through " + filepath.Base(p.box)
}

func (p *passage) begin(file string) {
	args := []string{"certify", "--json", "--mode", "loopback", "--client", p.client, "--file", file, "--out", GinkgoT().TempDir()}
	if p.box == "" {
		args = append(args, "--case", "in-a-row")
	} else {
		args = append(args, "--case", "through", "--box", p.box)
	}
	p.called = run(".", exec.Command(command, args...))
}

var _ = Describe("Each kind of client, and each product", Ordered, ContinueOnFailure, waits, long, Label("products", "programs"), func() {
	const driven = "../fixtures/clients/python/driven.yaml"
	var passages []*passage
	for _, box := range []string{"", "squid"} {
		for _, client := range []string{"built-in", driven, "../fixtures/clients/python/black-box.yaml"} {
			passages = append(passages, &passage{box: box, client: client})
		}
	}
	// To a product all clients are the same bytes: of the others one shows that they
	// are set up rightly, and as libpurple it goes through Tinyproxy and Privoxy.
	// make kinds has every kind with each.
	for _, box := range []string{"haproxy", "varnish", "nginx", "apache2", "trafficserver", strangerFile} {
		passages = append(passages, &passage{box: box, client: driven})
	}

	BeforeAll(func() {
		_, err := exec.LookPath("python3")
		skipUnless(err == nil, "python3 is not here: make deps installs it")
		file := caseFile(GinkgoT().TempDir(), through)
		var begun sync.WaitGroup
		for _, p := range passages {
			if product, known := external.Products()[p.box]; known {
				needs(product)
			}
			begun.Go(func() { // they mostly wait
				defer GinkgoRecover()
				p.begin(file)
			})
		}
		begun.Wait()
	})

	for _, p := range passages {
		It("gets through: "+p.name(), func() {
			Expect(p.called.code).To(BeZero(), p.called.stdout+p.called.stderr)
			Expect(p.called.results()).To(HaveExactElements(HaveField("Status", oracle.Pass)))
		})
	}
})
