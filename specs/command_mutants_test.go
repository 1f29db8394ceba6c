package specs

import (
	"os/exec"
	"slices"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"gauntlet/harness/judge/oracle"
	"gauntlet/harness/judge/requirement"
	"gauntlet/harness/mutants"
	"gauntlet/harness/run/rig"
)

// reasons are what the command has to say of a few wrong clients. That each
// of them all is caught, and by what, is the matter of gauntlet mutants.
var reasons = map[string]string{
	"reopens":  "opens another NS session",
	"overlaps": "of the same session was out since",
	"loses":    "never arrived and the user was not told",
	"doubles":  "arrived more than once",
	"absent":   "no request of the NS session between",
}

// cuts certifies by the cases that lose one connection each.
var cuts = []string{"certify", "--json", "--case", "control-direct", "--case", "cut-message-*", "--case", "cut-poll-answer-*"}

var _ = Describe("A wrong client", func() {
	for _, m := range mutants.All() {
		if reasons[m.Name] == "" {
			continue
		}
		It("that "+m.Defect+" is caught by "+string(m.Violates), Label("mutant"), func() {
			call := gauntlet(append(slices.Clone(cuts), "--client", "mutant:"+m.Name)...)
			Expect(call.code).To(Equal(1), call.stderr)
			var why []string
			for _, r := range call.results() {
				Expect(r.Status).NotTo(Equal(oracle.Broken), r.Reason)
				why = append(why, failedBy(r, m.Violates)...)
			}
			Expect(why).NotTo(BeEmpty())
			Expect(why).To(ContainElement(ContainSubstring(reasons[m.Name])))
		})
	}

	It("is shown again, alone, by the printed command, run as it is printed", Label("mutant"), func() {
		call := gauntlet(append(slices.Clone(cuts), "--client", "mutant:doubles")...)
		shown := firstFailure(call.results())
		again := run(call.dir, exec.Command("sh", "-c", shown.Reproduce))
		Expect(again.code).To(Equal(1), again.stderr)
		Expect(again.stdout).To(ContainSubstring("Fail  " + shown.ID + ": "))
		for _, v := range shown.Failures() {
			Expect(again.stdout).To(ContainSubstring("because    " + v.Reason + "\n"))
		}
		Expect(again.stdout).To(ContainSubstring("reproduce  " + shown.Reproduce + "\n"))
		Expect(again.stdout).To(ContainSubstring("\n1 case: 1 Fail\n"))
	})
})

// failedBy are the reasons for which the client failed a requirement.
func failedBy(r rig.Result, id requirement.ID) []string {
	var why []string
	for _, v := range r.Failures() {
		if v.Requirement == id {
			why = append(why, v.Reason)
		}
	}
	return why
}

func firstFailure(results []rig.Result) rig.Result {
	GinkgoHelper()
	for _, r := range results {
		if r.Status == oracle.Fail {
			return r
		}
	}
	Fail("no case failed")
	return rig.Result{}
}

// hostile says what the command finds of clients that do not play along.
var hostile = map[string]string{
	"storms": "storms",
	"hangs":  "not done after 3m0s, and it does not return",
	"clings": "not done after 3m0s, and it does not return",
	"spins":  "kept a processor busy, or waited outside of the network, without end: gauntlet/harness/",
	"panics": "the process died: panic: a mistake of the client's, in gauntlet/harness/mutants.panicker.Do",
	"leaks":  "left behind when the client was closed: gauntlet/harness/mutants.leaker.Do",
}

var _ = Describe("A hostile client", func() {
	for _, m := range mutants.All() {
		if !m.Hostile {
			continue
		}
		It("that "+m.Defect+" gets a verdict, and the other cases go on", Label("mutant"), func() {
			dir := GinkgoT().TempDir()
			args := []string{"certify", "--json", "--client", "mutant:" + m.Name, "--file", caseFile(dir, twoCases)}
			if m.Name == "spins" {
				args = append(args, "--silence", "5s") // nothing else ends it; on a busy machine it may come before the step
			}
			call := gauntletIn(dir, args...)
			Expect(call.code).To(Equal(1), call.stdout+call.stderr)
			results := call.results()
			Expect(results).To(HaveLen(2))
			for _, r := range results {
				Expect(r.Status).NotTo(Equal(oracle.Broken), r.Reason)
			}
			Expect(failedBy(*named("wild", results), m.Violates)).To(ContainElement(ContainSubstring(hostile[m.Name])))
			if !slices.Contains([]string{"storms", "leaks", "clings"}, m.Name) { // which need no second step
				Expect(named("well", results).Failures()).To(BeEmpty())
			}
		})
	}
})

func named(id string, results []rig.Result) *rig.Result {
	GinkgoHelper()
	for i := range results {
		if results[i].ID == id {
			return &results[i]
		}
	}
	Fail("no result of " + id)
	return nil
}

// shortCases are twoCases for real time.
const shortCases = `
id: well
title: signs in, and that is all
why: many a client is well as long as nothing is asked of it
proves: [command.carried-out]
chain: []
workload: [sign in]
---
id: wild
title: opens a chat
why: here the client has to do something
proves: [command.carried-out]
chain: []
workload: [sign in, open chat]
`

var _ = Describe("On real sockets, a client", Label("mutant"), func() {
	certified := func(client string) called {
		dir := GinkgoT().TempDir()
		return gauntletIn(dir, "certify", "--json", "--mode", "loopback", "--all", "--client", client, "--file", caseFile(dir, shortCases))
	}

	It("that panics in a goroutine of its own gets its verdict, and the other cases go on", func() {
		call := certified("mutant:panics")
		Expect(call.code).To(Equal(1), call.stdout+call.stderr)
		Expect(named("well", call.results()).Failures()).To(BeEmpty())
		Expect(failedBy(*named("wild", call.results()), "command.carried-out")).To(ContainElement(ContainSubstring(hostile["panics"])))
	})

	for name, why := range map[string]string{"leaks": hostile["leaks"], "keeps-open": "left connection 1 of its own"} {
		It("that "+name+" is told what it left behind", func() {
			call := certified("mutant:" + name)
			Expect(call.code).To(Equal(1), call.stdout+call.stderr)
			for _, r := range call.results() {
				Expect(failedBy(r, "client.leaves-nothing")).To(ContainElement(ContainSubstring(why)))
			}
		})
	}
})
