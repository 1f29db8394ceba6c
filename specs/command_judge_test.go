package specs

import (
	"os"
	"path/filepath"
	"strings"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"gauntlet/harness/judge/oracle"
)

// struckBehindPortal cannot be passed with the box alone.
const struckBehindPortal = `
id: struck
title: nobody has accepted the terms, and a connection is cut
why: what nobody can do is no client's fault, with a fault either
proves: [connection.session-survives]
chain: [portal]
faults: ["hop 0: on request 2, answer: reset"]
workload: [sign in, stay 5s, sign out]
`

// stored makes a run of a few cases and gives its directory.
func stored(args ...string) string {
	GinkgoHelper()
	dir := filepath.Join(GinkgoT().TempDir(), "run")
	call := gauntlet(append([]string{"certify", "--out", dir}, args...)...)
	Expect(call.code).To(BeElementOf(0, 1), call.stderr)
	return dir
}

var _ = Describe("A stored run", func() {
	It("is judged again with the same verdicts", func() {
		dir := stored("--case", "cut-*-answer-*", "--case", "control-*", "--client", "mutant:doubles")
		again := gauntlet("judge", dir)
		Expect(again.code).To(Equal(1), again.stderr)
		Expect(again.stdout).To(MatchRegexp(`\n0 of \d+ verdicts differ from the stored ones\n`))
	})

	It("keeps what the reference client had shown, in the case and in the worlds that it is compared with", func() {
		for _, text := range []string{impassable + "chain: [portal]\n", struckBehindPortal} {
			dir := GinkgoT().TempDir()
			call := gauntletIn(dir, "certify", "--out", "run", "--client", "mutant:gives-up", "--file", caseFile(dir, text))
			Expect(call.code).To(Equal(3), call.stdout)
			again := gauntletIn(dir, "judge", "run")
			Expect(again.code).To(Equal(3), again.stdout)
			Expect(again.stdout).To(ContainSubstring("0 of 1 verdicts differ from the stored ones"))
			Expect(again.stdout).To(ContainSubstring("nobody gets through here"))
		}
	})

	DescribeTable("is Broken when its history was touched", func(touch func([]string) []string) {
		dir := stored("--case", "control-direct")
		file := filepath.Join(dir, "cases", "control-direct", "history.jsonl")
		text, err := os.ReadFile(file)
		Expect(err).NotTo(HaveOccurred())
		lines := touch(strings.SplitAfter(strings.TrimSuffix(string(text), "\n"), "\n"))
		Expect(os.WriteFile(file, []byte(strings.Join(lines, "")+"\n"), 0o600)).To(Succeed())

		again := gauntlet("judge", "--json", dir)
		Expect(again.code).To(Equal(2))
		Expect(again.results()[0].Status).To(Equal(oracle.Broken))
	},
		Entry("a line is missing", func(l []string) []string { return append(l[:40:40], l[41:]...) }),
		Entry("a line is changed", func(l []string) []string {
			l[40] = strings.Replace(l[40], `"at":`, `"at":1`, 1)
			return l
		}),
		Entry("the end is missing", func(l []string) []string { return l[:len(l)-1] }),
		Entry("two lines have changed places", func(l []string) []string {
			l[40], l[41] = l[41], l[40]
			return l
		}),
	)

	It("is Broken where a history belongs to another case, and where a case is gone", func() {
		dir := stored("--case", "cut-message-answer-*-forward")
		in := func(id string) string { return filepath.Join(dir, "cases", "cut-message-answer-"+id+"-forward") }
		other, err := os.ReadFile(filepath.Join(in("fin"), "history.jsonl"))
		Expect(err).NotTo(HaveOccurred())
		Expect(os.WriteFile(filepath.Join(in("rst"), "history.jsonl"), other, 0o600)).To(Succeed())
		swapped := gauntlet("judge", dir)
		Expect(swapped.code).To(Equal(2))
		Expect(swapped.stdout).To(ContainSubstring(`belongs to another run: its case is "cut-message-answer-fin-forward"`))

		Expect(os.RemoveAll(in("rst"))).To(Succeed())
		gone := gauntlet("judge", dir)
		Expect(gone.code).To(Equal(2))
		Expect(gone.stdout).To(ContainSubstring("cut-message-answer-rst-forward: was planned, is Broken: it is missing"))
	})

	It("is told by its plan when it was trimmed, whatever its summary says", func() {
		dir := stored("--case", "cut-message-answer-*", "--client", "mutant:doubles")
		for _, id := range []string{"cut-message-answer-fin-forward", "cut-message-answer-rst-forward"} {
			Expect(os.RemoveAll(filepath.Join(dir, "cases", id))).To(Succeed())
		}
		summary := filepath.Join(dir, "run.json")
		Expect(os.Remove(summary)).To(Succeed())
		trimmed := gauntlet("judge", dir)
		Expect(trimmed.code).To(Equal(2))
		for _, id := range []string{"fin", "rst"} {
			Expect(trimmed.stdout).To(ContainSubstring("cut-message-answer-" + id + "-forward: was planned, is Broken: it is missing"))
		}

		Expect(os.Remove(filepath.Join(dir, "plan.json"))).To(Succeed())
		Expect(gauntlet("judge", dir).complaint()).To(ContainSubstring("has no plan.json, which says what was to be run"))
	})

	It("is not read where a history is no file", func() {
		dir := stored("--case", "control-direct")
		file := filepath.Join(dir, "cases", "control-direct", "history.jsonl")
		Expect(os.Remove(file)).To(Succeed())
		Expect(os.Symlink(os.DevNull, file)).To(Succeed())
		call := gauntlet("judge", dir)
		Expect(call.code).To(Equal(2))
		Expect(call.stdout).To(ContainSubstring("history.jsonl is not a regular file"))
	})

	It("is compared with another: what regressed, what is fixed", func() {
		good := stored("--case", "cut-message-answer-*")
		bad := stored("--case", "cut-message-answer-*", "--client", "mutant:doubles")

		worse := gauntlet("diff", good, bad)
		Expect(worse.code).To(Equal(1))
		Expect(worse.stdout).To(MatchRegexp(`regressed  cut-message-answer-fin-forward +Pass → Fail\n +command\.`))
		better := gauntlet("diff", bad, good)
		Expect(better.code).To(Equal(0))
		Expect(better.stdout).To(MatchRegexp(`fixed +cut-message-answer-fin-forward +Fail → Pass`))
		Expect(gauntlet("diff", good, good).stdout).To(Equal("no difference\n"))
	})

	It("is a directory that certify has written, or the command says what is missing", func() {
		Expect(gauntlet("judge", GinkgoT().TempDir()).complaint()).To(ContainSubstring("is no run directory: it has no cases/*/result.json"))
	})
})

var _ = Describe("Known failures", func() {
	certify := func(list string) called {
		GinkgoHelper()
		dir := GinkgoT().TempDir()
		file := filepath.Join(dir, "known.yaml")
		Expect(os.WriteFile(file, []byte(list), 0o600)).To(Succeed())
		return gauntletIn(dir, "certify", "--lines", "--case", "cut-message-answer-*", "--client", "mutant:doubles", "--known", file)
	}

	It("do not turn a run red", func() {
		call := certify("- {case: 'cut-message-answer-*', reason: it says everything twice}\n")
		Expect(call.code).To(Equal(0), call.stdout)
		Expect(call.stdout).To(ContainSubstring("known: it says everything twice"))
	})

	It("are known when the run is judged again, whatever became of the list", func() {
		dir := GinkgoT().TempDir()
		file := filepath.Join(dir, "known.yaml")
		Expect(os.WriteFile(file, []byte("- {case: 'cut-message-answer-*', reason: it says everything twice}\n"), 0o600)).To(Succeed())
		first := gauntletIn(dir, "certify", "--out", "run", "--case", "cut-message-answer-rst-forward", "--client", "mutant:doubles", "--known", file)
		Expect(first.code).To(Equal(0), first.stdout)
		Expect(os.Remove(file)).To(Succeed())
		again := gauntletIn(dir, "judge", "run")
		Expect(again.code).To(Equal(0), again.stdout)
		Expect(again.stdout).To(ContainSubstring("0 of 1 verdicts differ"))
	})

	It("turn it red when they no longer fail, or fit nothing", func() {
		call := certify("- {case: 'cut-message-answer-*', reason: it says everything twice}\n- {case: 'stall-*', reason: it waits}\n")
		Expect(call.code).To(Equal(1))
		Expect(call.stdout).To(ContainSubstring(`known failure "stall-*" fits no case that was run`))

		dir := GinkgoT().TempDir()
		file := filepath.Join(dir, "known.yaml")
		Expect(os.WriteFile(file, []byte("- {case: control-direct, reason: none}\n"), 0o600)).To(Succeed())
		passed := gauntletIn(dir, "certify", "--case", "control-direct", "--known", file)
		Expect(passed.code).To(Equal(1))
		Expect(passed.stdout).To(ContainSubstring("control-direct passes; take it off the list"))
	})

	It("need a reason", func() {
		dir := GinkgoT().TempDir()
		file := filepath.Join(dir, "known.yaml")
		Expect(os.WriteFile(file, []byte("- case: control-direct\n"), 0o600)).To(Succeed())
		Expect(gauntletIn(dir, "certify", "--known", file).complaint()).To(HavePrefix("known failures: " + file + ":1:3: a known failure needs a case"))
	})
})
