package specs

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"gauntlet/harness/judge/oracle"
	"gauntlet/proxies/external"
)

var _ = Describe("The exit code", func() {
	It("is 0 when all that was asked passed", func() {
		call := gauntlet("certify", "--case", "control-*")
		Expect(call.code).To(Equal(0), call.stdout)
		Expect(call.stdout).To(MatchRegexp(`\n\d+ cases: \d+ Pass\n`))
	})

	It("is 1 when the client broke a must", func() {
		Expect(gauntlet("certify", "--case", "control-direct", "--client", "mutant:absent").code).To(Equal(1))
	})

	It("is 2 when the call is wrong", func() {
		Expect(gauntlet("certify", "--case", "no-such-case").code).To(Equal(2))
	})

	It("is 2 when what there is to say cannot be written", func() {
		full, err := os.OpenFile("/dev/full", os.O_WRONLY, 0)
		skipUnless(err == nil, "needs /dev/full, a disk without any room")
		DeferCleanup(full.Close)
		var stderr strings.Builder
		cmd := exec.Command(command, "certify", "--case", "control-direct", "--out", filepath.Join(GinkgoT().TempDir(), "run"))
		cmd.Stdout, cmd.Stderr = full, &stderr
		Expect(cmd.Run()).To(MatchError("exit status 2"))
		Expect(stderr.String()).To(And(HavePrefix("gauntlet: what there was to say could not be written: "), HaveSuffix("no space left on device\n")))
	})

	It("is 1 when the client broke a must undisturbed already, which is told once", func() {
		call := gauntlet("certify", "--case", "cut-poll-*", "--client", "mutant:absent")
		Expect(call.code).To(Equal(1))
		Expect(call.stdout).To(MatchRegexp(`Fail  since undisturbed: poll.keeps-going .*; \d+ cases stand on it`))
		Expect(strings.Count(call.stdout, "since undisturbed: poll.keeps-going (")).To(Equal(1))
	})

	DescribeTable("is 3 where nobody gets through, and says what was seen", func(world, seen string) {
		dir := GinkgoT().TempDir()
		call := gauntletIn(dir, "certify", "--client", "mutant:gives-up", "--file", caseFile(dir, impassable+world))
		Expect(call.code).To(Equal(3), call.stdout)
		told := strings.Join(strings.Fields(call.stdout), " ") // it is wrapped
		Expect(told).To(MatchRegexp(`Blocked impassable: .*nobody gets through here: .*seen: ` + seen))
	},
		Entry("a portal", "chain: [portal]\n", "a page of somebody else's"),
		Entry("a proxy that forbids it", "chain: [forward refuses-requests-with gateway.dll port 8080]\n", "403 to everything"),
		Entry("a proxy that drops bodies", "chain: [forward drops-request-body measured port 8080]\n", "the body of request 1 is there at hop 0 and missing at hop 1"),
		Entry("a server that holds to connections, and a proxy that does not",
			"chain: [forward fresh-upstream port 8080]\ngateway: {binding: connection}\n", `400 to \d+ of \d+ requests`),
	)
})

// impassable is a case in a world in which nobody can sign in.
const impassable = `
id: impassable
title: nobody has accepted the terms
why: what nobody can do is no client's fault
proves: [command.carried-out]
workload: [sign in, stay 5s, sign out]
`

// quick is a case whose script has no pauses, for real sockets.
const quick = `
id: quick
title: a quick session
why: real time is dear
proves: [command.carried-out, connection.session-survives]
chain: [forward port 8080]
faults: ["hop 0: on USR 1, answer: reset"]
workload: [sign in, open chat, send 2 messages, hear 1 message, sign out]
`

// alike are cases of one class, of which the choice for real time would take one.
const alike = `
id: alike-${which}
title: a session of ${which}
why: who writes two cases wants to see two results
proves: [command.carried-out]
matrix: {which: {one: stay 100ms, two: stay 200ms}}
chain: [forward port 8080]
workload: [sign in, "${which}", sign out]
`

var _ = Describe("On real sockets", waits, Label("loopback"), func() {
	It("goes through our own forward proxy", func() {
		dir := GinkgoT().TempDir()
		call := gauntletIn(dir, "certify", "--json", "--mode", "loopback", "--file", caseFile(dir, quick))
		Expect(call.code).To(Equal(0), call.stdout+call.stderr)
		result := call.results()[0]
		Expect(result.Status).To(Equal(oracle.Pass), result.Reason)
		Expect(result.Faults[0].Fired).To(Equal(1))
	})

	It("goes through a real Squid, and proves it", Label("squid"), func() {
		needs(external.Products()["squid"])
		dir := GinkgoT().TempDir()
		call := gauntletIn(dir, "certify", "--json", "--mode", "loopback", "--box", "squid", "--file", caseFile(dir, quick))
		Expect(call.code).To(Equal(0), call.stdout+call.stderr)
		Expect(call.results()[0].Faults[0].Fired).To(Equal(1))
	})

	It("tells of a client that ends in a control alone, behind the box and undisturbed", func() {
		python, err := exec.LookPath("python3")
		skipUnless(err == nil, "python3 is not here: make deps installs it")
		program, err := filepath.Abs("../fixtures/clients/python/driven.py")
		Expect(err).NotTo(HaveOccurred())
		dir := GinkgoT().TempDir()
		text := fmt.Sprintf("name: here\nmode: driven\ncommand: [sh, -c, 'case \"$2\" in \"control: box\"*) exit 3;; esac; exec \"$0\" \"$1\"', %q, %q, \"{{.Case}}\"]\n", python, program)
		file := filepath.Join(dir, "client.yaml")
		Expect(os.WriteFile(file, []byte(text), 0o600)).To(Succeed())
		args := []string{"certify", "--out", "run", "--no-namespace", "--client", file, "--file", caseFile(dir, quick)}
		call := gauntletIn(dir, args...)
		Expect(call.code).To(Equal(1), call.stdout+call.stderr)
		Expect(call.stdout).To(MatchRegexp(`Pass +quick`))
		Expect(call.stdout).To(MatchRegexp(`Fail  since with the box: command.carried-out .*seen in a control alone`))

		again := gauntletIn(dir, "judge", "run")
		Expect(again.code).To(Equal(1), again.stdout)
		Expect(again.stdout).To(ContainSubstring("seen in a control alone"))

		args[2] = "known"
		list := filepath.Join(dir, "known.yaml")
		Expect(os.WriteFile(list, []byte("- {case: 'control: box*', reason: it ends there}\n"), 0o600)).To(Succeed())
		Expect(gauntletIn(dir, append(args, "--known", list)...).code).To(Equal(0))
	})

	It("runs the whole of a file that is named: nobody picks from one's own cases", func() {
		dir := GinkgoT().TempDir()
		call := gauntletIn(dir, "certify", "--json", "--mode", "loopback", "--file", caseFile(dir, alike))
		Expect(call.code).To(Equal(0), call.stdout+call.stderr)
		Expect(call.results()).To(ConsistOf(HaveField("ID", "alike-one"), HaveField("ID", "alike-two")), "as they end")
	})

	It("leaves out what only addresses of our own can express", func() {
		dir := GinkgoT().TempDir()
		intercepted := strings.Replace(quick, "forward port 8080", "intercept", 1)
		call := gauntletIn(dir, "certify", "--json", "--mode", "loopback", "--file", caseFile(dir, intercepted))
		Expect(call.code).To(Equal(3), "nothing was judged")
		Expect(call.results()[0].Status).To(Equal(oracle.NotApplicable))
		Expect(call.results()[0].Reason).To(ContainSubstring("addresses of our own"))
	})
})

var _ = Describe("How certify gets on", func() {
	It("shows all that went over the wire of what passed with -v, masked, and without it not", func() {
		for flag, shown := range map[string]bool{"-v": true, "--lines": false} {
			call := gauntletIn(GinkgoT().TempDir(), "certify", "--case", "control-direct", flag)
			Expect(call.code).To(BeZero(), call.stderr)
			Expect(strings.Contains(call.stdout, "request 2 ") && strings.Contains(call.stdout, "the user: sign in")).To(Equal(shown), call.stdout)
		}
	})

	It("is seen on a terminal as it goes: failures at once, and how many there are", func() {
		script, err := exec.LookPath("script")
		skipUnless(err == nil, "script not found, which makes a terminal: it is part of util-linux")
		line := "'" + command + "' certify --client mutant:doubles --case 'cut-message-answer-*'"
		call := run(GinkgoT().TempDir(), exec.Command(script, "-qec", line, "/dev/null"))
		Expect(call.code).To(Equal(1), call.stdout)
		live, _, whole := strings.Cut(call.stdout, "REQUIREMENT")
		Expect(whole).To(BeTrue(), call.stdout)
		Expect(live).To(MatchRegexp(`(?m)^.*Fail\S* +cut-message-answer-\S+ +command.not-doubled: `))
		Expect(live).To(MatchRegexp(`[1-9]\d* failed, controls [1-9]`))
	})
})
