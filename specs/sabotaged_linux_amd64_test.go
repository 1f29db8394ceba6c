package specs

import (
	"encoding/json"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"gauntlet/harness/report"
	"gauntlet/harness/run/rig"
)

var _ = Describe("A machine whose nth operation fails", func() {
	const cases = "control-forward-8080,cut-poll-forward-fin-forward"

	// tries are the numbers of the operations that are made to fail: two, drawn by
	// the suite's seed, or with GAUNTLET_NTH=10 each tenth, with all each.
	tries := func(operations int) (list []int) {
		GinkgoHelper()
		step := operations/2 + 1
		switch every := os.Getenv("GAUNTLET_NTH"); every {
		case "":
		case "all":
			step = 1
		default:
			var err error
			step, err = strconv.Atoi(every)
			Expect(err).NotTo(HaveOccurred())
		}
		for n := int(GinkgoRandomSeed())%step + 1; n <= operations; n += step {
			list = append(list, n)
		}
		return list
	}

	// wrong is what is the matter with the end of a sabotaged call.
	wrong := func(c called, s sabotage, clean int) string {
		switch {
		case c.code != clean && c.code != 2:
			return "the exit code"
		case strings.Contains(c.stdout+c.stderr, "goroutine "):
			return "a stack"
		case c.code == 2 && c.stderr == "" && !strings.Contains(c.stdout, "Broken"):
			return "no message"
		case strings.Count(c.stderr, "\n") > 2:
			return "several messages"
		case s.spoilt == "" && c.code != clean:
			return "it fails though nothing was spoilt"
		}
		return ""
	}

	// stored are the files that a directory holds, by name. None is half a file.
	stored := func(dir string) map[string]string {
		GinkgoHelper()
		files := map[string]string{}
		Expect(filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() {
				return err
			}
			text, err := os.ReadFile(path)
			files[path] = string(text)
			Expect(path).NotTo(HaveSuffix(".part"))
			Expect(filepath.Ext(path) != ".json" || json.Valid(text)).To(BeTrue(), path)
			return err
		})).To(Succeed())
		return files
	}

	// each lets each of a call's operations fail, one at a time; before makes the
	// directory ready and after looks at what is left of it.
	each := func(work string, clean int, before func(), after func(c called), args ...string) {
		GinkgoHelper()
		before()
		until := ""
		if args[0] == "lab" {
			until = "token="
		}
		whole := sabotage{below: work, until: until}
		Expect(whole.run(work, args...).code).To(Equal(clean))
		for _, n := range tries(whole.count) {
			before()
			s := sabotage{below: work, nth: n, until: until}
			c := s.run(work, args...)
			told := fmt.Sprintf("%v, operation %d (%s): exit %d\n%s%s", args, n, s.spoilt, c.code, c.stdout, c.stderr)
			AddReportEntry(fmt.Sprintf("%s %d %s: exit %d: %s", args[0], n, s.spoilt, c.code, c.stderr), ReportEntryVisibilityNever)
			By(told)
			Expect(wrong(c, s, clean)).To(BeEmpty(), told)
			after(c)
		}
	}

	var work, dir string
	BeforeEach(func() {
		work = GinkgoT().TempDir()
		dir = filepath.Join(work, "run")
		skipUnless(traceable(work), "needs a system that lets a process be traced (ptrace)")
	})

	// goes on with what a run has left, and sees that it is whole then, and that
	// what was finished has stayed.
	resumed := func() {
		GinkgoHelper()
		stored(dir)
		before := finishedIn(dir)
		if _, err := report.ReadPlan(dir); err != nil {
			return
		}
		c := gauntletIn(work, "certify", "--lines", "--resume", "run")
		Expect(c.code).To(BeZero(), c.stdout+c.stderr)
		after := finishedIn(dir)
		for id, o := range before {
			Expect(after[id].Result.Verdicts).To(Equal(o.Result.Verdicts), "what was finished stays")
			Expect(after[id].Stored).To(Equal(o.Stored), "what was finished stays")
		}
		stored(dir)
		Expect(resultsBelow(dir)).To(HaveLen(2))
	}

	It("ends a run with one message, and the run goes on from there", func() {
		each(work, 0, func() { Expect(os.RemoveAll(dir)).To(Succeed()) }, func(called) {
			if _, err := os.Stat(dir); err == nil {
				resumed()
			}
		}, "certify", "--lines", "--case", cases, "--out", "run")
	})

	It("ends the lab with one message", func() {
		each(work, report.Unproved, func() { Expect(os.RemoveAll(dir)).To(Succeed()) }, func(called) {
			if _, err := os.Stat(dir); err == nil {
				stored(dir)
			}
		}, "lab", "--any-port", "--page", "127.0.0.1:0", "--out", "run")
	})

	It("ends what goes on with a run in the same way", func() {
		Expect(gauntletIn(work, "certify", "--lines", "--case", cases, "--out", "run").code).To(BeZero())
		kept := filepath.Join(work, "kept")
		Expect(os.CopyFS(kept, os.DirFS(dir))).To(Succeed())
		Expect(os.Remove(filepath.Join(kept, "run.json"))).To(Succeed())
		Expect(os.RemoveAll(filepath.Join(kept, "cases", "control-forward-8080"))).To(Succeed())
		each(work, 0, func() {
			Expect(os.RemoveAll(dir)).To(Succeed())
			Expect(os.CopyFS(dir, os.DirFS(kept))).To(Succeed())
		}, func(called) { resumed() }, "certify", "--lines", "--resume", "run")
	})

	It("ends what reads a run with one message, and the run stays as it was", func() {
		Expect(gauntletIn(work, "certify", "--lines", "--case", cases, "--out", "run", "--certificate", "signed.json").code).To(BeZero())
		before := stored(dir)
		same := func(called) { Expect(stored(dir)).To(Equal(before)) }
		page := filepath.Join(work, "page.html")
		none := func() { Expect(os.RemoveAll(page)).To(Succeed()) }
		each(work, 0, none, same, "judge", "run")
		each(work, report.Unproved, none, same, "verify", "signed.json")
		each(work, 0, none, func(c called) {
			same(c)
			if c.code == 0 {
				Expect(page).To(BeAnExistingFile())
			}
			stored(work)
		}, "report", "run", "--html=page.html", "--junit", "junit.xml")
	})
})

// finishedIn are the outcomes that a run has left.
func finishedIn(dir string) map[string]rig.Outcome {
	GinkgoHelper()
	finished, err := report.Finished(dir)
	Expect(err).NotTo(HaveOccurred())
	outcomes := map[string]rig.Outcome{}
	for id, read := range finished {
		outcomes[id], err = read()
		Expect(err).NotTo(HaveOccurred())
	}
	return outcomes
}
