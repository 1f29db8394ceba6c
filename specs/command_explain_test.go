package specs

import (
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"gauntlet/harness/judge/oracle"
	"gauntlet/harness/judge/requirement"
	"gauntlet/harness/msn/servers"
	"gauntlet/harness/mutants"
	"gauntlet/harness/run/catalogue"
	"gauntlet/harness/run/workload"
	"gauntlet/proxies"
	"gauntlet/proxies/fault"
)

// unfolded is a text on one line.
func unfolded(text string) string { return strings.Join(strings.Fields(text), " ") }

var _ = Describe("gauntlet explain", func() {
	It("tells of a case what it does, why, what is asked, and how to run it alone", func() {
		call := gauntlet("explain", "cut-message-answer-rst-forward")
		Expect(call.code).To(Equal(0), call.stderr)
		Expect(call.stdout).To(SatisfyAll(
			ContainSubstring("one that tries anew says it twice"),
			ContainSubstring("hop 0: on MSG 2, answer: reset"),
			ContainSubstring("What the user sends arrives once. (must, S14, S17)"),
			ContainSubstring("certify --case cut-message-answer-rst-forward"),
		))
	})

	It("tells of every word of the road, with an example that runs", func() {
		words := []string{"explain"}
		for _, e := range fault.Manual() {
			words = append(words, e.Word)
		}
		for _, q := range proxies.Quirks() {
			words = append(words, q.Word)
		}
		words = append(words, slices.Sorted(maps.Keys(fault.Effects()))...)
		for _, w := range workload.Words() {
			words = append(words, string(w.Verb))
		}
		for _, w := range slices.Concat(servers.Knobs(), servers.Dialects()) {
			words = append(words, w.Name)
		}
		for _, w := range catalogue.ProxyWords() {
			words = append(words, string(w.Setting))
		}
		call := gauntlet(words...)
		Expect(call.code).To(BeZero(), call.stderr)

		examples := regexp.MustCompile(`(?m)^  ((?:faults|chain|workload): \[.*\](?:\n  proxy: .*)?|gateway: \{.*\})$`).FindAllStringSubmatch(call.stdout, -1)
		Expect(len(examples)).To(BeNumerically(">=", len(words)-1))
		var cases []string
		for i, e := range examples {
			e[1] = strings.ReplaceAll(e[1], "\n  ", "\n")
			if !strings.HasPrefix(e[1], "chain") {
				e[1] += "\nchain: [forward port 8080]"
			}
			if !strings.HasPrefix(e[1], "workload") {
				e[1] += "\nworkload: [sign in, stay 5s, sign out]"
			}
			cases = append(cases, fmt.Sprintf("id: example-%d\ntitle: an example\nwhy: It runs.\nproves: [exchange.form]\n%s\n", i, e[1]))
		}
		file := filepath.Join(GinkgoT().TempDir(), "examples.yaml")
		Expect(os.WriteFile(file, []byte(strings.Join(cases, "---\n")), 0o600)).To(Succeed())
		run := gauntlet("certify", "--file", file, "--json", "--out", filepath.Join(GinkgoT().TempDir(), "run"))
		var results []struct{ ID, Status, Reason string }
		Expect(json.Unmarshal([]byte(run.stdout), &results)).To(Succeed(), run.stderr)
		Expect(results).To(HaveLen(len(examples)))
		for _, r := range results {
			Expect(r.Status).NotTo(Equal("Broken"), r.ID+": "+r.Reason)
		}
	})

	It("knows every requirement, every statement and every mutant", func() {
		ids, want := []string{"explain"}, []string{}
		for _, q := range requirement.All() {
			ids, want = append(ids, string(q.ID)), append(want, q.Sentence)
		}
		for _, p := range requirement.Places() {
			ids, want = append(ids, p.Statement.String()), append(want, p.Says)
		}
		for _, m := range mutants.All() {
			ids, want = append(ids, "mutant:"+m.Name), append(want, m.Defect)
		}
		for _, c := range catalogued() {
			ids, want = append(ids, c.ID), append(want, c.Title)
		}
		call := gauntlet(ids...)
		Expect(call.code).To(Equal(0), call.stderr)
		told := unfolded(call.stdout)
		for _, sentence := range want {
			Expect(told).To(ContainSubstring(unfolded(sentence)))
		}
	})

	It("tells of each number that a requirement rests on where it comes from", func() {
		ids := []string{"explain"}
		for _, id := range requirement.IDs() {
			ids = append(ids, string(id))
		}
		told := unfolded(gauntlet(ids...).stdout)
		for _, q := range requirement.All() {
			for _, n := range q.Numbers {
				Expect(told).To(SatisfyAll(MatchRegexp(`%s +%s`, n.Level, regexp.QuoteMeta(unfolded(n.Says))), ContainSubstring(unfolded(n.Origin))), string(q.ID))
			}
		}
		Expect(gauntlet("explain", "connection.recovers").stdout).To(SatisfyAll(
			MatchRegexp(`must +120 s after the loss`), MatchRegexp(`should +30 s after the loss`), WithTransform(unfolded, ContainSubstring("so that by then it is dead")),
		))
	})

	It("says what each status means for a client", func() {
		words, told := []string{"explain"}, []string{}
		for _, status := range oracle.Statuses() {
			words = append(words, strings.ToLower(status.String()))
			told = append(told, "status "+status.String()+": "+status.Means())
		}
		Expect(unfolded(gauntlet(words...).stdout)).To(Equal(strings.Join(told, " ")))
	})

	It("names what is near an id that it does not know", func() {
		Expect(gauntlet("explain", "cut-pol-answer-fin-forward").complaint()).To(ContainSubstring("cut-poll-answer-fin-forward"))
	})
})

var _ = Describe("gauntlet list --coverage", func() {
	It("places all 61 statements", func() {
		call := gauntlet("list", "--coverage")
		Expect(call.code).To(Equal(0), call.stderr)
		Expect(requirement.Places()).To(HaveLen(61))
		for _, p := range requirement.Places() {
			Expect(call.stdout).To(MatchRegexp(`(?m)^%s\s`, p.Statement))
		}
	})

	It("names the effects that no case has in a state, unless a sweep has", func() {
		before := regexp.MustCompile(`(?m)^NS poll +effects .*\n +(.*)$`).FindStringSubmatch(gauntlet("list", "--coverage").stdout)
		Expect(before).NotTo(BeNil())
		Expect(strings.Split(before[1], "; ")).To(And(ContainElement("large head"), Not(ContainElement("close"))))
		swept := gauntlet("sweep", "--point", "sign-in | documented | direct | hop 0: on NS poll 1, answer: large head 4096", "--out", "out")
		Expect(swept.code).To(Equal(0), swept.stderr)
		after := gauntletIn(swept.dir, "list", "--coverage", "--swept", "out")
		Expect(after.code).To(Equal(0), after.stderr)
		Expect(regexp.MustCompile(`(?m)^NS poll +effects .*\n +(.*)$`).FindStringSubmatch(after.stdout)[1]).NotTo(ContainSubstring("large head"))
	})
})
