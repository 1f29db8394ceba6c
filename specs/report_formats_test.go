package specs

import (
	"encoding/json"
	"encoding/xml"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"gauntlet/fixtures"
	"gauntlet/harness/judge/history"
)

// written is a run of a few cases, some of which fail, with all its reports:
// one set from certify, one from the stored run.
var _ = Describe("The reports of a run", Ordered, func() {
	var dir string
	BeforeAll(func() {
		var err error
		dir, err = os.MkdirTemp("", "gauntlet reports ")
		Expect(err).NotTo(HaveOccurred())
		DeferCleanup(os.RemoveAll, dir)
		flags := func(set string) []string {
			return []string{"--junit", set + "/junit.xml", "--summary", set + "/summary.md", "--har", set + "/har", "--pcapng", set + "/pcapng"}
		}
		call := gauntletIn(dir, append([]string{"certify", "--client", "mutant:doubles", "--out", "run",
			"--case", "cut-message-answer-*", "--case", "cut-message-middle-rst-*", "--case", "effect-head-chunked", "--case", "control-*"}, flags("now")...)...)
		Expect(call.code).To(Equal(1), call.stderr)
		call = gauntletIn(dir, append([]string{"report", "run"}, flags("later")...)...)
		Expect(call.code).To(Equal(0), call.stderr)
	})
	content := func(name ...string) string {
		GinkgoHelper()
		text, err := os.ReadFile(filepath.Join(append([]string{dir}, name...)...))
		Expect(err).NotTo(HaveOccurred())
		return string(text)
	}

	It("say the same whether they are written at once or from the stored run", func() {
		Expect(content("later", "summary.md")).To(HavePrefix("## Gauntlet: mutant&#58;doubles, a must is broken\n"))
		for _, name := range []string{"har/" + oneCase + "/hop-0.har", "har/" + oneCase + "/hop-1.har", "pcapng/" + oneCase + ".pcapng"} {
			Expect(content("later", name)).To(Equal(content("now", name)), name)
		}
		Expect(strings.Count(content("later", "junit.xml"), "<testcase ")).To(Equal(strings.Count(content("now", "junit.xml"), "<testcase ")))
	})

	It("are JUnit XML that follows the usual schema", func() {
		_, err := exec.LookPath("xmllint")
		skipUnless(err == nil, "xmllint is missing: make deps installs libxml2-utils")
		xsd, err := fixtures.Files().Open(fixtures.Schemas + "/junit.xsd")
		Expect(err).NotTo(HaveOccurred())
		defer func() { _ = xsd.Close() }()
		check := exec.Command("xmllint", "--noout", "--schema", "-", "now/junit.xml", "later/junit.xml")
		check.Stdin = xsd
		c := run(dir, check)
		Expect(c.code).To(Equal(0), c.stderr)
	})

	It("are JUnit XML in which each case is a test, and each broken must a failure", func() {
		var suites struct {
			Tests    int `xml:"tests,attr"`
			Failures int `xml:"failures,attr"`
			Suites   []struct {
				Name  string `xml:"name,attr"`
				Cases []struct {
					Name    string `xml:"name,attr"`
					Failure *struct {
						Type string `xml:"type,attr"`
						Text string `xml:",chardata"`
					} `xml:"failure"`
				} `xml:"testcase"`
			} `xml:"testsuite"`
		}
		Expect(xml.Unmarshal([]byte(content("now", "junit.xml")), &suites)).To(Succeed())
		tests := 0
		for _, s := range suites.Suites {
			tests += len(s.Cases)
			for _, c := range s.Cases {
				if c.Name == oneCase {
					Expect(s.Name).To(Equal("cut-message"))
					Expect(c.Failure.Type).To(ContainSubstring("command.not-doubled"))
					Expect(c.Failure.Text).To(And(ContainSubstring("because"), ContainSubstring("reproduce")))
				}
			}
		}
		Expect(suites.Tests).To(Equal(tests))
		Expect(suites.Failures).To(BeNumerically(">=", 4))
	})

	It("are a summary for GitHub, which finds the place itself and is added to", func() {
		work := GinkgoT().TempDir()
		file := filepath.Join(work, "step.md")
		Expect(os.WriteFile(file, []byte("# before\n"), 0o600)).To(Succeed())
		cmd := exec.Command(command, "certify", "--case", "control-direct")
		cmd.Env = append(os.Environ(), "GITHUB_STEP_SUMMARY="+file)
		Expect(run(work, cmd).code).To(Equal(0))
		text, err := os.ReadFile(file)
		Expect(err).NotTo(HaveOccurred())
		Expect(string(text)).To(And(HavePrefix("# before\n## Gauntlet: built-in, sound\n"), ContainSubstring("| virtual | 1 | 1 | 1 |")))
		Expect(content("now", "summary.md")).To(And(ContainSubstring("<details><summary><b>Fail</b> "+oneCase), ContainSubstring("command.not-doubled")))
	})

	It("are HAR logs after their schema, one for each hop, with an entry for each exchange", func() {
		s := schema("har")
		found, err := filepath.Glob(filepath.Join(dir, "now", "har", "*", "*.har"))
		Expect(err).NotTo(HaveOccurred())
		Expect(len(found)).To(BeNumerically(">", 12))
		for _, name := range found {
			text, err := os.ReadFile(name)
			Expect(err).NotTo(HaveOccurred())
			follow(s, text, name)
		}
		_, events := storedHistory(filepath.Join(dir, "run", "cases", oneCase))
		var log struct {
			Log struct {
				Entries []struct {
					Request  struct{ URL string }
					Response struct{ Status int }
					Comment  string
					Faults   []string `json:"_faults"`
				}
			}
		}
		Expect(json.Unmarshal([]byte(content("now", "har", oneCase, "hop-0.har")), &log)).To(Succeed())
		exchanges := history.Exchanges(events, 0)
		Expect(log.Log.Entries).To(HaveLen(len(exchanges)))
		for i, e := range log.Log.Entries {
			Expect(string(exchanges[i].Head)).To(HavePrefix("POST " + e.Request.URL + " "))
			Expect(e.Response.Status).To(Equal(exchanges[i].Status))
		}
		Expect(log.Log.Entries).To(ContainElement(And(
			HaveField("Faults", []string{"hop 0: on MSG 2, answer: reset"}), HaveField("Response.Status", 0), HaveField("Comment", "no answer: the connection ended"))))
	})
})

var _ = Describe("Reports in the run directory itself", func() {
	everywhere := func(in string) []string {
		return []string{"--out", in, "--har", in + "/har", "--pcapng", in + "/more/../pcapng", "--junit", in + "/junit/j.xml",
			"--summary", in + "/summary/s.md", "--certificate", in + "/certificate/c.json"}
	}

	It("are written like those elsewhere", func() {
		call := gauntlet(append([]string{"certify", "--case", "control-direct"}, everywhere("run")...)...)
		Expect(call.code).To(BeZero(), call.stderr)
		for _, name := range []string{"run.json", "har/control-direct/hop-0.har", "pcapng/control-direct.pcapng", "junit/j.xml", "summary/s.md", "certificate/c.json"} {
			Expect(filepath.Join(call.dir, "run", name)).To(BeARegularFile())
		}
	})

	It("are written for several clients, too", func() {
		call := gauntlet(append([]string{"certify", "--case", "control-direct", "--client", "built-in", "--client", "mutant:drags"}, everywhere("./run")...)...)
		Expect(call.code).To(BeElementOf(0, 1), call.stderr)
		for _, name := range []string{"built-in/run.json", "har/built-in/control-direct/hop-0.har", "har/mutant-drags/control-direct/hop-0.har"} {
			Expect(filepath.Join(call.dir, "run", name)).To(BeARegularFile())
		}
	})

	It("leave nothing behind after a mistake", func() {
		dir := GinkgoT().TempDir()
		Expect(gauntletIn(dir, append([]string{"certify", "--case", "no-such-case"}, everywhere("out")...)...).complaint()).To(ContainSubstring("no-such-case"))
	})
})

var _ = Describe("The reports of several clients", func() {
	It("do not overwrite one another", func() {
		call := gauntlet("certify", "--case", "control-direct", "--client", "built-in", "--client", "mutant:drags",
			"--junit", "r/j.xml", "--har", "r/har", "--summary", "r/s.md", "--certificate", "r/c.json")
		Expect(call.code).To(BeElementOf(0, 1), call.stderr)
		for _, name := range []string{"j-built-in.xml", "j-mutant-drags.xml", "har/built-in/control-direct/hop-0.har", "har/mutant-drags/control-direct/hop-0.har", "c-built-in.json", "c-mutant-drags.json"} {
			Expect(filepath.Join(call.dir, "r", name)).To(BeARegularFile())
		}
		summary, err := os.ReadFile(filepath.Join(call.dir, "r", "s.md"))
		Expect(err).NotTo(HaveOccurred())
		Expect(strings.Count(string(summary), "## Gauntlet: ")).To(Equal(2))
		Expect(gauntletIn(call.dir, "verify", "r/c-mutant-drags.json").code).To(Equal(3))
	})
})

var _ = Describe("A packet capture", Ordered, func() {
	var file string
	var events []history.Event
	BeforeAll(func() {
		_, err := exec.LookPath("tshark")
		skipUnless(err == nil, "tshark is missing: make deps installs it")
		dir, err := os.MkdirTemp("", "gauntlet capture ")
		Expect(err).NotTo(HaveOccurred())
		DeferCleanup(os.RemoveAll, dir)
		call := gauntletIn(dir, "certify", "--case", oneCase, "--out", "run", "--pcapng", "captures")
		Expect(call.code).To(Equal(0), call.stderr)
		file = filepath.Join(dir, "captures", oneCase+".pcapng")
		_, events = storedHistory(filepath.Join(dir, "run", "cases", oneCase))
	})
	// tshark prints fields of the packets that a filter lets through.
	tshark := func(filter string, fields ...string) []string {
		GinkgoHelper()
		args := []string{"-r", file, "-Y", filter, "-T", "fields", "-E", "separator=/t"}
		for _, field := range fields {
			args = append(args, "-e", field)
		}
		c := run(filepath.Dir(file), exec.Command("tshark", args...))
		Expect(c.code).To(Equal(0), c.stderr)
		return strings.Split(strings.TrimSuffix(c.stdout, "\n"), "\n")
	}

	It("shows tshark the exchanges of each hop", func() {
		for hop, name := range []string{"hop 0", "hop 1"} {
			var want []string
			for _, x := range history.Exchanges(events, hop) {
				want = append(want, strings.Fields(string(x.Head))[1])
			}
			got := tshark("http.request and frame.interface_name == \""+name+"\"", "http.request.uri")
			Expect(got).To(Equal(want), name)
		}
	})

	It("shows tshark the fault on the packet with which it showed", func() {
		Expect(tshark("frame.comment", "frame.interface_name", "tcp.flags.reset", "frame.comment")).To(ConsistOf(
			MatchRegexp(`^hop 0\t(1|True)\tfault: hop 0: on MSG 2, answer: reset$`)))
	})

	It("is TCP with which tshark finds no fault but the reset", func() {
		c := run(filepath.Dir(file), exec.Command("tshark", "-r", file, "-q", "-z", "expert,warn"))
		Expect(c.code).To(Equal(0), c.stderr)
		Expect(c.stdout).To(ContainSubstring("Connection reset (RST)"))
		Expect(c.stdout).NotTo(Or(ContainSubstring("Errors ("), ContainSubstring("Malformed"), ContainSubstring("checksum"), MatchRegexp(`Warns \(([2-9]|\d\d)`)))
		Expect(tshark("tcp.analysis.flags", "frame.number")).To(HaveExactElements(""))
	})
})

var _ = Describe("gauntlet report", func() {
	It("says what is missing", func() {
		Expect(gauntlet("report", ".").complaint()).To(ContainSubstring("say which report: "))
		Expect(gauntlet("report", ".", "--junit", "x").complaint()).To(ContainSubstring("is no run directory"))
		Expect(gauntlet("certify", "--har", os.DevNull+"/x").complaint()).To(ContainSubstring("--har: "))
	})
})
