package specs

import (
	"bytes"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"gauntlet/harness/judge/oracle"
	"gauntlet/harness/run/catalogue"
	"gauntlet/proxies/fault"
)

// A catalogue is as good as the ways in which it can catch a client: a
// requirement that is really looked at, after an effect at a landmark.
// It is run once for all specs, which is why they are in order.
var _ = Describe("The catalogue", Ordered, heavy, long, Label("command"), func() {
	var whole called

	BeforeAll(func() {
		whole = gauntlet("certify", "--json", "--seed", "7", "--html", "--out", "run")
		Expect(whole.code).To(BeZero(), whole.stderr)
		Expect(filepath.Join(whole.dir, "run", "report.html")).To(BeARegularFile())
	})

	It("is passed by the built-in client, and every fault fires", func() {
		for _, r := range whole.results() {
			Expect(r.Status).To(BeElementOf(oracle.Pass, oracle.NotApplicable), "%s: %s", r.ID, r.Reason)
			for _, f := range r.Faults {
				Expect(f.Fired > 0).To(Equal(r.Status == oracle.Pass), "%s: %s", r.ID, f.Text)
			}
		}
	})

	It("looks at 60 or more different pairs of a requirement with a disturbance", func() {
		cases := map[string]catalogue.Case{}
		for _, c := range catalogued() {
			cases[c.ID] = c
		}
		triples := map[string]bool{}
		for _, r := range whole.results() {
			for _, v := range r.Verdicts {
				if v.Checked > 0 && v.Status == oracle.Pass && proved(cases[r.ID], v) {
					for _, f := range cases[r.ID].Faults {
						triples[fmt.Sprint(v.Requirement, " after ", f.Effect.Name, " at ", landmark(f))] = true
					}
				}
			}
		}
		Expect(len(triples)).To(BeNumerically(">=", 60))
		Expect(len(cases)).To(BeNumerically(">=", 150))
	})

	It("gets no twins: in no new case does just the same happen as in another, byte for byte and in the same order", func() {
		twins := map[string][]string{}
		for _, r := range whole.results() {
			if r.Status == oracle.Pass {
				what := happened(filepath.Join(whole.dir, "run", "cases", r.ID))
				twins[what] = append(twins[what], r.ID)
			}
		}
		Expect(len(twins)).To(BeNumerically(">", 1000))
		first := frozenEditions()[0] // its cases stay, for the certificates of those days
		old := func(id string) bool { return len(first.Digests(id)) > 0 }
		var grown [][]string
		for _, ids := range twins {
			if len(ids) > 1 && len(slices.DeleteFunc(slices.Clone(ids), old)) > 0 {
				grown = append(grown, ids)
			}
		}
		Expect(grown).To(BeEmpty())
	})

	// Each tenth is enough, but for make full: what makes a history depend on the order in which the machine
	// works is in a box, a workload or a dialect, and those stand in many cases.
	It("gives the same histories for the same seed, byte for byte, however many work at it", func() {
		workers := 1
		if runtime.NumCPU() == 1 {
			workers = 2
		}
		words := []string{"certify", "--seed", "7", "--out", "run"}
		for i, c := range catalogued() {
			if i%10 == 0 || os.Getenv("GAUNTLET_TWICE") == "all" {
				words = append(words, "--case", c.ID)
			}
		}
		again := exec.Command(command, words...)
		again.Env = append(os.Environ(), fmt.Sprintf("GOMAXPROCS=%d", workers))
		c := run(GinkgoT().TempDir(), again)
		Expect(c.code).To(BeZero(), c.stdout+c.stderr)
		there, here := digests(whole.dir), digests(c.dir)
		Expect(len(here)).To(BeNumerically(">", 130))
		var differ []string
		for name, sum := range here {
			if there[name] != sum {
				differ = append(differ, name)
			}
		}
		Expect(differ).To(BeEmpty())
	})
})

// digests are those of the histories of a run. A control tells of the first case that
// stands on it, which is another where not all are run.
func digests(dir string) map[string][sha256.Size]byte {
	GinkgoHelper()
	files, err := filepath.Glob(filepath.Join(dir, "run", "cases", "*", "history.jsonl"))
	Expect(err).NotTo(HaveOccurred())
	sums := map[string][sha256.Size]byte{}
	for _, file := range files {
		text, err := os.ReadFile(file)
		Expect(err).NotTo(HaveOccurred())
		name, err := filepath.Rel(dir, filepath.Dir(file))
		Expect(err).NotTo(HaveOccurred())
		sums[name] = sha256.Sum256(text)
	}
	return sums
}

// happened is a digest of all that was done in a run, at each vantage point: by the
// client, the boxes, the gateway, and the faults to them. What a history says of itself
// and of the case is left out: when an event was seen, and the words that a fault is
// written in. The way of the contact is seen from nowhere, and goes by its name.
func happened(dir string) string {
	GinkgoHelper()
	text, err := os.ReadFile(filepath.Join(dir, "history.jsonl"))
	Expect(err).NotTo(HaveOccurred())
	first, rest, _ := bytes.Cut(text, []byte("\n"))
	rest = rest[:bytes.LastIndexByte(bytes.TrimSpace(rest), '\n')] // its last line sums it up
	var head struct{ Definition struct{ Contact []string } }
	Expect(json.Unmarshal(first, &head)).To(Succeed())
	sum := sha256.New()
	for line := range bytes.Lines(rest) {
		if stamped := bytes.HasPrefix(line, []byte(`{"seq":`)); stamped { // others are raw bytes
			_, line, _ = bytes.Cut(line, []byte(`,"from":`))
		}
		before, fault, _ := bytes.Cut(line, []byte(`,"fault":`))
		sum.Write(before)
		words, _ := strconv.QuotedPrefix(string(fault))
		sum.Write(fault[len(words):])
	}
	return fmt.Sprintf("%v %x", head.Definition.Contact, sum.Sum(nil))
}

func proved(c catalogue.Case, v oracle.Verdict) bool {
	for _, id := range c.Proves {
		if id == v.Requirement {
			return true
		}
	}
	return false
}

// landmark is the place of a fault without its numbers.
func landmark(f fault.Fault) string {
	return strings.TrimRight(fmt.Sprint(f.Landmark.At), " 0123456789")
}
