package specs

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"regexp"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"gauntlet/harness/judge/oracle"
	"gauntlet/harness/judge/requirement"
	"gauntlet/harness/run/rig"
)

const aPAC = `
id: pac
title: the office's file sends the gateway through one proxy and everything else through another
why: many offices tell programs their proxy by a file alone
proves: [route.proxy-port, route.no-direct-attempt, command.carried-out]
chain: [forward port 3128]
workload: [sign in, stay 1s, sign out]
`

// byFile is the file of the node client, which reads its proxy from what url says.
func byFile(dir, url string) string {
	GinkgoHelper()
	folder, err := filepath.Abs("../fixtures/clients/node")
	Expect(err).NotTo(HaveOccurred())
	file := filepath.Join(dir, "by-file.yaml")
	text := fmt.Sprintf("name: by-file\ncommand: [node, %q, %q]\nmode: driven\n", folder+"/driven.mjs", "--pac="+url)
	Expect(os.WriteFile(file, []byte(text), 0o600)).To(Succeed())
	return file
}

var _ = Describe("A proxy auto-configuration", waits, Label("programs"), func() {
	It("is served to a program whose file has a place for it, and says which proxy is for the gateway", func() {
		err := rig.CheckMode(context.Background(), rig.Netns)
		skipUnless(err == nil, "needs namespaces of its own")
		dir := GinkgoT().TempDir()
		call := gauntletIn(dir, "certify", "--json", "--client", byFile(dir, "{{.PAC}}"), "--file", caseFile(dir, aPAC))
		result := call.results()[0]
		Expect(result.Status).To(Equal(oracle.Pass), call.stdout+call.stderr)
		for _, v := range result.Verdicts {
			if v.Requirement == "route.proxy-port" || v.Requirement == "route.no-direct-attempt" {
				Expect(v.Checked).To(BeNumerically(">", 0), string(v.Requirement))
			}
		}
	})
})

var _ = Describe("A program that goes by its environment", waits, Label("programs"), func() {
	DescribeTable("finds its proxy where its file puts it", func(past string, status oracle.Status) {
		err := rig.CheckMode(context.Background(), rig.Netns)
		skipUnless(err == nil, "needs namespaces of its own")
		text, err := os.ReadFile("../fixtures/clients/curl/naive.sh")
		Expect(err).NotTo(HaveOccurred())
		told := regexp.MustCompile(`proxy=\(--proxy .*\) ;;`) // and not where it is told to
		Expect(told.Match(text)).To(BeTrue())
		dir := GinkgoT().TempDir()
		Expect(os.WriteFile(filepath.Join(dir, "naive.sh"), told.ReplaceAll(text, []byte(";;")), 0o700)).To(Succeed())
		file := filepath.Join(dir, "by-environment.yaml")
		Expect(os.WriteFile(file, fmt.Appendf(nil, "name: by-environment\ncommand: [./naive.sh]\nmode: driven\nenvironment: {http_proxy: '{{.ProxyURL}}', no_proxy: %q}\n", past), 0o600)).To(Succeed())
		call := gauntletIn(dir, "certify", "--json", "--client", file, "--file", caseFile(dir, aPAC))
		seen := map[requirement.ID]oracle.Status{}
		for _, v := range call.results()[0].Verdicts {
			seen[v.Requirement] = v.Status
		}
		Expect(seen["route.proxy-port"]).To(Equal(oracle.Pass), call.stdout+call.stderr)
		Expect(seen["route.no-direct-attempt"]).To(Equal(status), call.stdout+call.stderr)
	},
		Entry("and goes through it", "localhost", oracle.Pass),
		Entry("and goes past it where no_proxy says so", "localhost,10.9.0.80", oracle.Fail),
	)
})
