//go:build linux

package specs

import (
	"os/exec"
	"path/filepath"
	"syscall"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
)

// longCases ask for much, and a client that does it all does nothing wrong.
const longCases = `
id: long-talk
title: 1,600 messages
why: an evening of talk
proves: [command.carried-out, command.not-lost]
chain: [forward port 8080]
workload: [sign in, open chat, send 1600 messages, stay 5s, leave chat, sign out]
---
id: an-evening
title: four hours of polling
why: a client that stays on
proves: [command.carried-out, poll.keeps-going]
chain: [forward port 8080]
workload: [sign in, stay 4h, sign out]
`

var _ = Describe("A long case", heavy, long, Label("command"), func() {
	It("passes, and its history is stored whole, in memory that has an end", func() {
		dir := GinkgoT().TempDir()
		file := caseFile(dir, longCases)
		cmd := exec.Command(command, "certify", "--file", file, "--out", "run")
		c := run(dir, cmd)
		Expect(c.code).To(Equal(0), c.stdout+c.stderr)
		Expect(c.stdout).To(MatchRegexp(`2 cases: 2 Pass`))
		_, events := storedHistory(filepath.Join(dir, "run", "cases", "an-evening"))
		Expect(len(events)).To(BeNumerically(">", 80_000))
		const enough = 384 << 10 // KiB
		peak := cmd.ProcessState.SysUsage().(*syscall.Rusage).Maxrss
		AddReportEntry("peak of command and workers, KiB", peak)
		Expect(peak).To(BeNumerically("<", enough))
	})
})
