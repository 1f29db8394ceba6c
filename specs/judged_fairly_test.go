package specs

import (
	"strings"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"gauntlet/harness/judge/oracle"
)

// restless is a case in which the first NS requests follow each other at once.
const restless = `
id: restless
title: the first pause
why: a busy client has no pause where a case expects one
proves: [command.carried-out, connection.session-survives]
chain: [forward port 8080]
faults: ["hop 0: on NS command 1, idle 500ms: close"]
workload: [sign in, stay 10s, sign out]
`

// falsified are answers from which a client cannot read what the gateway said.
const falsified = `
id: lie
title: a coding that is none
why: proxies that add the field and do not compress
proves: [session-id.newest, answer.delivered]
chain: [forward port 8080]
faults: ["hop 0: on SB poll 2, answer: add header Content-Encoding gzip"]
workload: chat
---
id: short
title: a length that is too small
why: proxies that count characters
proves: [answer.delivered]
chain: [forward port 8080]
faults: ["hop 0: on SB poll 2, answer: length wrong -6"]
workload: chat
`

var _ = Describe("A verdict", func() {
	It("does not fail a client that waits as long as the harness makes it wait, nor one that does not", func() {
		for _, client := range []string{"mutant:waits-forever", "built-in", "mutant:slow"} {
			call := gauntlet("certify", "--json", "--case", "effect-hold-long-poll", "--client", client)
			Expect(call.code).To(Equal(0), client)
			Expect(call.results()[0].Status).To(Equal(oracle.Pass), call.results()[0].Reason)
		}
		call := gauntlet("certify", "--json", "--case", "effect-hold-long-poll", "--client", "mutant:polls-on")
		Expect(call.results()[0].Reason).To(HavePrefix("exchange.one-in-flight: "))
	})

	It("comes of a pause that was: the first one, where a request follows the exchange too soon", func() {
		dir := GinkgoT().TempDir()
		call := gauntletIn(dir, "certify", "--json", "--file", caseFile(dir, restless))
		Expect(call.code).To(Equal(0), call.stdout)
		Expect(call.results()[0].Faults[0].Fired).To(Equal(1))
	})

	It("blames nobody for an answer that was falsified on the way, and says by whom", func() {
		dir := GinkgoT().TempDir()
		call := gauntletIn(dir, "certify", "--json", "--file", caseFile(dir, falsified))
		Expect(call.code).To(Equal(3), call.stdout)
		lie, short := call.results()[0], call.results()[1]
		Expect(lie.Status).To(Equal(oracle.Pass), lie.Reason)
		Expect(lie.Fates[0].String()).To(ContainSubstring("falsified (its Content-Encoding gzip is a lie, by the fault hop 0: on SB poll 2, answer: add header"))
		Expect(short.Status).To(Equal(oracle.Inconclusive), short.Reason)
		Expect(short.Reason).To(ContainSubstring("the answer to request 19 was falsified: its length is 6 too small, by the fault hop 0: on SB poll 2, answer: length wrong -6"))
	})

	It("says the same in its words, in its file and by its exit code where shoulds count", func() {
		lax := gauntlet("certify", "--case", "control-direct", "--client", "mutant:reconnects")
		Expect(lax.code).To(Equal(0))
		Expect(lax.stdout).To(ContainSubstring("1 case: 1 Pass"))
		strict := gauntlet("certify", "--strict", "--case", "control-direct", "--client", "mutant:reconnects", "--out", "run")
		Expect(strict.code).To(Equal(1))
		Expect(strict.stdout).To(SatisfyAll(
			MatchRegexp(`(?m)^Fail +control-direct +connection\.kept: `),
			ContainSubstring("  broken     connection.kept (should, S16, S49)"),
			MatchRegexp(`reproduce .* --strict`),
			ContainSubstring("1 case: 1 Fail"),
		))
		judged := gauntletIn(strict.dir, "judge", "run")
		Expect(judged.code).To(Equal(1), judged.stdout)
		Expect(judged.stdout).NotTo(ContainSubstring("was Fail"))
	})

	It("is one for one defect, with what follows from it beneath", func() {
		out := gauntlet("certify", "--case", "control-direct", "--client", "mutant:overlaps").stdout
		broken := strings.Index(out, "  broken     exchange.one-in-flight")
		Expect(broken).To(BeNumerically(">", 0), out)
		Expect(out[broken:]).To(And(ContainSubstring("  so also    command.carried-out"), ContainSubstring("  so also    answer.delivered")))
		Expect(strings.Count(out, "  broken     ")).To(Equal(1), out)
	})
})
