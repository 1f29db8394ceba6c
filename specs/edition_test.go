package specs

import (
	"bytes"
	"encoding/json"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strings"
	"testing/fstest"
	"time"

	"github.com/goccy/go-yaml"
	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	. "github.com/onsi/gomega/gstruct"

	"gauntlet/fixtures"
	"gauntlet/harness/judge/oracle"
	"gauntlet/harness/judge/requirement"
	"gauntlet/harness/msn/servers"
	"gauntlet/harness/run/adapter"
	"gauntlet/harness/run/catalogue"
	"gauntlet/harness/run/edition"
	"gauntlet/proxies"
)

// frozenEditions are those of the fixtures.
func frozenEditions() []edition.Edition {
	GinkgoHelper()
	list, err := edition.Load(fixtures.Files(), fixtures.Editions)
	Expect(err).NotTo(HaveOccurred())
	return list
}

func newestEdition() edition.Edition { return edition.Newest(frozenEditions()) }

// changedCase is a catalogue in which the first case that fits is another one.
func changedCase(change func(*catalogue.Case) bool) (cases []catalogue.Case, id string) {
	GinkgoHelper()
	cases, frozen := catalogued(), newestEdition()
	for i := range cases {
		if id = cases[i].ID; len(frozen.Digests(id)) > 0 && change(&cases[i]) {
			return cases, id
		}
	}
	Fail("no case is such that it could be changed so")
	return nil, ""
}

var _ = Describe("An edition of the catalogue", func() {
	It("is frozen: its cases and requirements are those of today", func() {
		for _, e := range frozenEditions() {
			changes, err := e.Changes(servers.MSN(), catalogued())
			Expect(err).NotTo(HaveOccurred())
			Expect(changes).To(BeEmpty(), "%s: a frozen case does not change: give the new one another id, or freeze the next edition with gauntlet freeze", e.Name)
		}
	})

	It("has five levels for each kind of client, each with cases, and no case twice", func() {
		names := map[adapter.Kind][]string{}
		seen := map[string]bool{}
		for _, l := range newestEdition().Levels {
			name, _, _ := strings.Cut(l.Name, ",")
			names[l.For] = append(names[l.For], name)
			Expect(l.Cases).NotTo(BeEmpty(), l.Name)
			for id := range l.Cases {
				Expect(seen).NotTo(HaveKey(string(l.For) + id))
				seen[string(l.For)+id] = true
			}
		}
		five := Equal([]string{"Core", "Proxy", "Intercepted", "Resilient", "Hostile"})
		Expect(names).To(MatchAllKeys(Keys{adapter.Kind(""): five, adapter.BlackBox: five}))
	})

	DescribeTable("notices that of a case another is was changed", func(change func(*catalogue.Case) bool) {
		cases, id := changedCase(change)
		changes, err := newestEdition().Changes(servers.MSN(), cases)
		Expect(err).NotTo(HaveOccurred())
		Expect(changes).NotTo(BeEmpty())
		Expect(changes).To(HaveEach(ContainSubstring("case " + id + " is ")))
	},
		Entry("its think time", func(c *catalogue.Case) bool { c.Think += time.Millisecond; return true }),
		Entry("what it proves", func(c *catalogue.Case) bool { c.Proves = c.Proves[1:]; return true }),
		Entry("its level", func(c *catalogue.Case) bool { c.Level = requirement.Should; return true }),
		Entry("a box", func(c *catalogue.Case) bool {
			if len(c.Chain) == 0 {
				return false
			}
			c.Chain = append(c.Chain[:0:0], c.Chain...)
			c.Chain[0].Port = 4711
			return true
		}),
		Entry("what a profile stands for", func(c *catalogue.Case) bool {
			if len(c.Chain) == 0 || c.Chain[0].Profile == "" {
				return false
			}
			c.Chain = append(c.Chain[:0:0], c.Chain...)
			c.Chain[0].Quirks = c.Chain[0].Quirks.With(proxies.Setting{Word: "client-idle", Argument: "47s"})
			return true
		}),
		Entry("its faults", func(c *catalogue.Case) bool { had := len(c.Faults) > 0; c.Faults = nil; return had }),
		Entry("its id", func(c *catalogue.Case) bool { c.ID += "-renamed"; return true }),
	)

	It("does not mind another title, another place or a new case", func() {
		cases, _ := changedCase(func(c *catalogue.Case) bool { c.Title, c.Why, c.File, c.Line = "a", "b", "c", 4; return true })
		fresh := cases[0]
		fresh.ID = "brand-new"
		changes, err := newestEdition().Changes(servers.MSN(), append(cases, fresh))
		Expect(err).NotTo(HaveOccurred())
		Expect(changes).To(BeEmpty())
	})

	It("notices that it was edited itself", func() {
		name := path.Join(fixtures.Editions, newestEdition().Name+".yaml")
		text, err := fs.ReadFile(fixtures.Files(), name)
		Expect(err).NotTo(HaveOccurred())
		edited := strings.Replace(string(text), "connection.kept: should", "connection.kept: must", 1)
		Expect(edited).NotTo(Equal(string(text)))
		_, err = edition.Load(fstest.MapFS{name: {Data: []byte(edited)}}, fixtures.Editions)
		Expect(err).To(MatchError(ContainSubstring("it was changed after it was frozen")))
	})

	It("comes back as it was frozen, the newest last", func() {
		files := fstest.MapFS{}
		for _, name := range []string{"2026.2", "2026.10", "2025.3"} {
			e, err := edition.Freeze(servers.MSN(), name, catalogued())
			Expect(err).NotTo(HaveOccurred())
			var text bytes.Buffer
			Expect(e.Write(&text)).To(Succeed())
			files["e/"+name+".yaml"] = &fstest.MapFile{Data: text.Bytes()}
		}
		list, err := edition.Load(files, "e")
		Expect(err).NotTo(HaveOccurred())
		Expect(edition.Newest(list).Name).To(Equal("2026.10"))
		Expect(edition.Newest(list).Levels).To(HaveLen(10), "five, and once more for a client that only connects")
		Expect(edition.Newest(list).Levels).To(HaveEach(HaveField("Cases", Not(BeEmpty()))))
		_, err = edition.Freeze(servers.MSN(), "newest", catalogued())
		Expect(err).To(MatchError(ContainSubstring("a year and a number")))
	})

	It("follows its schema", func() {
		found, err := fs.Glob(fixtures.Files(), fixtures.Editions+"/*.yaml")
		Expect(err).NotTo(HaveOccurred())
		for _, name := range found {
			text, err := fs.ReadFile(fixtures.Files(), name)
			Expect(err).NotTo(HaveOccurred())
			asJSON, err := yaml.YAMLToJSON(text)
			Expect(err).NotTo(HaveOccurred())
			follow(schema("edition"), asJSON, name)
		}
	})
})

var _ = Describe("The levels of certification", func() {
	It("are met by who passes all their cases, as they were frozen", func() {
		e := newestEdition()
		var ended []edition.Ended
		for _, c := range catalogued() {
			ended = append(ended, edition.Ended{Case: c, Status: oracle.Pass})
		}
		standings, err := e.Standings(ended)
		Expect(err).NotTo(HaveOccurred())
		Expect(standings).To(HaveEach(Or(HaveField("Met", true), HaveField("For", adapter.BlackBox))), "a black-box client is put some of them otherwise")

		for i := range ended {
			switch ended[i].Case.ID {
			case "control-direct":
				ended[i].Case.Think++ // Core: another case under the old name
			case "control-forward-8080":
				ended[i].Status = oracle.Inconclusive // Proxy
			case "control-intercept-destination":
				ended[i].Status = oracle.NotApplicable // Intercepted
			}
		}
		standings, err = e.Standings(ended)
		Expect(err).NotTo(HaveOccurred())
		var met []string
		for _, s := range standings {
			if s.Met && s.For == "" {
				met = append(met, s.Level)
			}
		}
		Expect(met).To(Equal([]string{"Resilient", "Hostile"}))
	})

	It("are listed, and with a name their cases", func() {
		Expect(listedAs("--levels")).To(HaveLen(len(newestEdition().Levels)))
		Expect(listedAs("--levels", "core")).To(ContainElement(HaveField("ID", "control-direct")))
		Expect(gauntlet("list", "--levels", "cosmic").complaint()).To(ContainSubstring(`no level "cosmic"`))
	})

	It("are told after a run of one, and in run.json", func() {
		run := gauntlet("certify", "--level", "intercepted", "--out", "run")
		Expect(run.code).To(Equal(0), run.stderr)
		Expect(run.stdout).To(MatchRegexp(`levels of edition \S+\n  Core: not run\n  Proxy: not run\n  Intercepted: met, \d+ of \d+\n`))
		summary, err := os.ReadFile(filepath.Join(run.dir, "run", "run.json"))
		Expect(err).NotTo(HaveOccurred())
		follow(schema("run"), summary, "run.json")
		var said struct{ Levels []edition.Standing }
		Expect(json.Unmarshal(summary, &said)).To(Succeed())
		Expect(said.Levels[2]).To(And(HaveField("Level", "Intercepted"), HaveField("Met", true)))
		Expect(gauntlet("certify", "--case", "control-direct").stdout).NotTo(ContainSubstring("levels of"), "no level was run as a whole")
		Expect(gauntlet("certify", "--case", "control-direct", "--client", "mutant:slinks-away").stdout).To(
			MatchRegexp(`levels of edition \S+\n  Core: not met, 1 failed of 1 that were run, of \d+\n[^ ]`), "one that failed decides")
	})
})
