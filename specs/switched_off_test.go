package specs

import (
	"context"
	"os"
	"path/filepath"
	"strings"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"gauntlet/harness/judge/history"
	"gauntlet/harness/judge/oracle"
	"gauntlet/harness/run/rig"
)

const aProxyOff = `
id: off
title: a proxy is given, and its use switched off
why: what is switched off is not used
proves: [route.switch]
chain: []
proxy: switched off
workload: [sign in, stay 1s, sign out]
`

var _ = Describe("A proxy that is switched off", waits, func() {
	DescribeTable("records a client that uses it all the same by what that client does, not by what it does itself", func(mode string) {
		dir := GinkgoT().TempDir()
		call := gauntletIn(dir, "certify", "--json", "--mode", mode, "--client", "mutant:ignores-switch", "--file", caseFile(dir, aProxyOff), "--out", "run")
		Expect(call.code).To(Equal(1), call.stderr)
		_, events := storedHistory(filepath.Join(dir, "run", "cases", "off"))
		exchanges := 0
		for _, c := range history.Connections(events, 0) {
			for _, x := range c.Exchanges {
				Expect(string(x.Head)).To(HavePrefix("POST http://"), "as one speaks to a proxy")
				Expect(strings.ToLower(string(x.Head))).NotTo(ContainSubstring("\nvia:"))
				exchanges++
			}
		}
		Expect(exchanges).To(BeNumerically(">", 6))
		for _, v := range call.results()[0].Verdicts {
			Expect(v.Status == oracle.Fail).To(Equal(v.Requirement == "route.switch"), string(v.Requirement)+": "+v.Reason)
		}
	},
		Entry("in memory", "virtual"),
		Entry("on real sockets", "loopback"),
	)

	DescribeTable("is told to a program whose file has a place for it", func(off string, status oracle.Status, because string) {
		err := rig.CheckMode(context.Background(), rig.Netns)
		skipUnless(err == nil, "needs namespaces of its own")
		dir := GinkgoT().TempDir()
		call := gauntletIn(dir, "certify", "--json", "--client", aloneWith(dir, off), "--file", caseFile(dir, aProxyOff))
		result := call.results()[0]
		Expect(result.Status).To(Equal(status), call.stdout+call.stderr)
		Expect(result.Reason).To(ContainSubstring(because))
	},
		Entry("which leaves it alone", "--proxy-off={{.ProxyOffURL}}", oracle.Pass, ""),
		Entry("which uses it all the same", "--proxy={{.ProxyURL}}{{.ProxyOffURL}}", oracle.Fail, "route.switch: "),
		Entry("and to no other, whose case it is not", "--proxy={{.ProxyURL}}", oracle.NotApplicable, "{{.ProxyOff}}"),
	)
})

// aloneWith is the file of the black-box client in Python with an argument more,
// in place of that for a proxy that is off.
func aloneWith(dir, argument string) string {
	GinkgoHelper()
	folder, err := filepath.Abs("../fixtures/clients/python")
	Expect(err).NotTo(HaveOccurred())
	text, err := os.ReadFile(filepath.Join(folder, "black-box.yaml"))
	Expect(err).NotTo(HaveOccurred())
	file := filepath.Join(dir, "alone.yaml")
	changed := strings.NewReplacer("blackbox.py", folder+"/blackbox.py", "--proxy-off={{.ProxyOffURL}}", argument).Replace(string(text))
	Expect(os.WriteFile(file, []byte(changed), 0o600)).To(Succeed())
	return file
}
