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

// deadFirst is the same office on the day when its first proxy is down.
const deadFirst = `---
id: dead-first
title: the office's file names a proxy that is down, and then another
why: that is how offices have a spare one
proves: [route.file-read, route.file-next, route.no-direct-attempt, command.carried-out]
chain: [forward port 3128]
proxy: file dead
workload: [sign in, stay 1s, sign out]
`

var _ = Describe("A proxy auto-configuration", waits, Label("programs"), func() {
	DescribeTable("is read by a program, which goes the way that it says", func(client, cases string, seen ...requirement.ID) {
		err := rig.CheckMode(context.Background(), rig.Netns)
		skipUnless(err == nil, "needs namespaces of its own")
		folder, err := filepath.Abs("../fixtures/clients/node")
		Expect(err).NotTo(HaveOccurred())
		call := gauntlet("certify", "--json", "--client", filepath.Join(folder, client), "--file", caseFile(GinkgoT().TempDir(), cases), "--out", filepath.Join(GinkgoT().TempDir(), "run"))
		checked := map[requirement.ID]bool{}
		for _, result := range call.results() {
			Expect(result.Status).To(Equal(oracle.Pass), call.stdout+call.stderr)
			for _, v := range result.Verdicts {
				checked[v.Requirement] = checked[v.Requirement] || v.Checked > 0
			}
		}
		for _, id := range seen {
			Expect(checked[id]).To(BeTrue(), string(id))
		}
	},
		Entry("where its own file has a place for it", "by-file.yaml", aPAC+deadFirst, requirement.ID("route.proxy-port"), requirement.ID("route.no-direct-attempt"), requirement.ID("route.file-next")),
		Entry("where it says that it can", "driven.yaml", deadFirst, requirement.ID("route.file-read"), requirement.ID("route.file-next")),
	)
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
