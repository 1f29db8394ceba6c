package specs

import (
	"encoding/base64"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"gauntlet/fixtures"
	"gauntlet/harness/judge/history"
	"gauntlet/harness/judge/oracle"
	"gauntlet/harness/msn/servers"
	"gauntlet/harness/report/certificate"
	"gauntlet/harness/run/catalogue"
	"gauntlet/harness/run/edition"
	"gauntlet/harness/run/profile"
)

// certified is a run with its certificate, in a folder that may be spoilt. The
// runs are made once; each spec spoils a copy.
type certified struct{ dir string }

func (c certified) file(name ...string) string {
	return filepath.Join(append([]string{c.dir}, name...)...)
}

func (c certified) verify(args ...string) called {
	GinkgoHelper()
	return gauntletIn(c.dir, append([]string{"verify", "certificate.json"}, args...)...)
}

func (c certified) copy() certified {
	GinkgoHelper()
	dir := GinkgoT().TempDir()
	Expect(os.CopyFS(dir, os.DirFS(c.dir))).To(Succeed())
	return certified{dir}
}

// statement reads the certificate, whoever signed it.
func (c certified) statement() certificate.Statement {
	GinkgoHelper()
	text, err := os.ReadFile(c.file("certificate.json"))
	Expect(err).NotTo(HaveOccurred())
	s, err := certificate.Open(text, nil)
	Expect(err).NotTo(HaveOccurred())
	return s
}

// forge writes the certificate anew, signed by nobody.
func (c certified) forge(change func(*certificate.Statement)) {
	GinkgoHelper()
	s := c.statement()
	change(&s)
	file, err := os.Create(c.file("certificate.json"))
	Expect(err).NotTo(HaveOccurred())
	Expect(certificate.Seal(file, s, nil)).To(Succeed())
	Expect(file.Close()).To(Succeed())
}

// certify makes a run with a certificate in a new folder.
func certify(args ...string) certified {
	GinkgoHelper()
	dir, err := os.MkdirTemp("", "gauntlet certificate ")
	Expect(err).NotTo(HaveOccurred())
	DeferCleanup(os.RemoveAll, dir)
	Expect(gauntletIn(dir, "keygen", "mine").code).To(Equal(0))
	call := gauntletIn(dir, append([]string{"certify", "--out", "run", "--certificate", "certificate.json", "--key", "mine"}, args...)...)
	Expect(call.code).To(BeElementOf(0, 1), call.stderr)
	return certified{dir}
}

const oneCase = "cut-message-answer-rst-forward"

var _ = Describe("A certificate", Ordered, func() {
	var good, bad, core certified
	BeforeAll(func() {
		good = certify("--case", "cut-message-answer-*", "--case", "control-*")
		bad = certify("--case", oneCase, "--client", "mutant:doubles")
		core = certify("--level", "core")
	})

	It("is accepted by who knows the signer, and by nobody else", func() {
		signed := good.verify("--key", "mine.pub")
		Expect(signed.code).To(Equal(0), signed.stdout+signed.stderr)
		Expect(signed.stdout).To(And(ContainSubstring("consistent, and signed by this key"), ContainSubstring("built-in"), ContainSubstring("levels met: none")))
		unknown := good.verify()
		Expect(unknown.code).To(Equal(3))
		Expect(unknown.stdout).To(HaveSuffix("consistent, signer unknown\n"))
	})

	It("says which levels are met, and follows its schema", func() {
		Expect(core.verify("--key", "mine.pub").stdout).To(ContainSubstring("levels met: Core\n"))
		for _, c := range []certified{good, bad, core} {
			s := c.statement()
			text, err := json.Marshal(s)
			Expect(err).NotTo(HaveOccurred())
			follow(schema("certificate"), text, string(text))
			Expect(s.Predicate.Configuration).To(ContainElement(HaveField("Digest.SHA256", newestEdition().Digest)))
		}
	})

	It("can say that a client failed", func() {
		Expect(bad.verify("--key", "mine.pub").stdout).To(ContainSubstring("FAILED, 0 cases passed, 1 failed"))
	})

	It("says so where a must is broken in a simpler world than that of a case that passes", func() {
		c := certify("--case", "control-forward-8080", "--client", "mutant:pings")
		s := c.statement()
		Expect(s.Predicate.PassedTests).To(ConsistOf("control-forward-8080"))
		Expect(s.Predicate.Result).To(Equal(certificate.Failed))
		Expect(c.verify("--key", "mine.pub").stdout).To(ContainSubstring("broken in simpler worlds: command.no-png since undisturbed\n"))
		text, err := json.Marshal(s)
		Expect(err).NotTo(HaveOccurred())
		follow(schema("certificate"), text, string(text))
		c.forge(func(s *certificate.Statement) {
			s.Predicate.Gauntlet.Earlier, s.Predicate.Result = nil, certificate.Passed
		})
		Expect(c.verify().stdout).To(ContainSubstring("refused: it says that [] is broken in simpler worlds"))
	})

	It("is in an envelope that OpenSSL can check", func() {
		_, err := exec.LookPath("openssl")
		skipUnless(err == nil, "openssl is missing: make deps installs it")
		var envelope struct {
			Payload, PayloadType string
			Signatures           []struct{ Sig string }
		}
		c := good.copy()
		text, err := os.ReadFile(c.file("certificate.json"))
		Expect(err).NotTo(HaveOccurred())
		Expect(json.Unmarshal(text, &envelope)).To(Succeed())
		payload, err := base64.StdEncoding.DecodeString(envelope.Payload)
		Expect(err).NotTo(HaveOccurred())
		signature, err := base64.StdEncoding.DecodeString(envelope.Signatures[0].Sig)
		Expect(err).NotTo(HaveOccurred())
		pae := []byte("DSSEv1 28 application/vnd.in-toto+json " + strconv.Itoa(len(payload)) + " ")
		Expect(os.WriteFile(c.file("pae"), append(pae, payload...), 0o600)).To(Succeed())
		Expect(os.WriteFile(c.file("sig"), signature, 0o600)).To(Succeed())
		check := run(c.dir, exec.Command("openssl", "pkeyutl", "-verify", "-pubin", "-inkey", "mine.pub", "-rawin", "-in", "pae", "-sigfile", "sig"))
		Expect(check.code).To(Equal(0), check.stdout+check.stderr)
	})

	It("moves with its run, and names another place if told", func() {
		c := good.copy()
		Expect(os.Rename(c.file("run"), c.file("elsewhere"))).To(Succeed())
		Expect(c.verify("--key", "mine.pub").code).To(Equal(2))
		Expect(c.verify("--key", "mine.pub", "--run", "elsewhere").code).To(Equal(0))
	})

	refused := func(c certified, why string, args ...string) {
		GinkgoHelper()
		call := c.verify(args...)
		Expect(call.code).To(Equal(1), call.stdout+call.stderr)
		Expect(call.stdout).To(And(HavePrefix("refused: "), ContainSubstring(why)))
	}

	It("is refused with another key, or with none of its own", func() {
		c := good.copy()
		Expect(gauntletIn(c.dir, "keygen", "other").code).To(Equal(0))
		refused(c, "not signed by this key", "--key", "other.pub")
		c.forge(func(*certificate.Statement) {})
		refused(c, "not signed by this key", "--key", "mine.pub")
	})

	It("is refused for another client", func() {
		c := good.copy()
		Expect(c.verify("--key", "mine.pub", "--client", command).code).To(Equal(0), "the built-in client is the command's own file")
		refused(c, "about another client than mine.pub", "--key", "mine.pub", "--client", "mine.pub")
	})

	DescribeTable("is refused when signed words are changed: by its signature, and without a key by its histories",
		func(change func(*certificate.Statement), why string) {
			c := bad.copy()
			if strings.Contains(why, "levels") {
				c = core.copy()
			}
			text, err := os.ReadFile(c.file("certificate.json"))
			Expect(err).NotTo(HaveOccurred())
			c.forge(change)
			refused(c, why)

			var envelope, forged map[string]any
			Expect(json.Unmarshal(text, &envelope)).To(Succeed())
			text, err = os.ReadFile(c.file("certificate.json"))
			Expect(err).NotTo(HaveOccurred())
			Expect(json.Unmarshal(text, &forged)).To(Succeed())
			envelope["payload"] = forged["payload"] // under the old signature
			text, err = json.Marshal(envelope)
			Expect(err).NotTo(HaveOccurred())
			Expect(os.WriteFile(c.file("certificate.json"), text, 0o600)).To(Succeed())
			refused(c, "not signed by this key", "--key", "mine.pub")
		},
		Entry("a verdict, with the lists and the result", func(s *certificate.Statement) {
			p := &s.Predicate
			p.Gauntlet.Cases[0].Status = oracle.Pass
			p.PassedTests, p.FailedTests, p.Result = p.FailedTests, []string{}, certificate.Passed
		}, "is said to be Pass, and the result that is stored is Fail"),
		Entry("the lists alone", func(s *certificate.Statement) {
			p := &s.Predicate
			p.PassedTests, p.FailedTests, p.Result = p.FailedTests, []string{}, certificate.Passed
		}, "do not agree with how it says the cases ended"),
		Entry("a case that is left out", func(s *certificate.Statement) {
			s.Predicate.Gauntlet.Cases, s.Predicate.FailedTests = []certificate.Recorded{}, []string{}
			s.Predicate.Result = certificate.Warned
		}, oneCase+" was run, and it says nothing of it"),
		Entry("a control that is left out", func(s *certificate.Statement) { s.Predicate.Gauntlet.Controls = nil }, "was run, and it says nothing of it"),
		Entry("the client's name", func(s *certificate.Statement) {
			s.Subject[0].Name, s.Predicate.Gauntlet.Client = "built-in", "built-in"
		}, "its history is of case "+oneCase+", client mutant:doubles"),
		Entry("a level more", func(s *certificate.Statement) { s.Predicate.Gauntlet.Levels = []string{"Core", "Hostile"} }, "it says that the levels [Core Hostile] are met, and the histories show [Core]"),
		Entry("an edition that nobody knows", func(s *certificate.Statement) { s.Predicate.Gauntlet.Edition = "2099.1" }, `edition "2099.1", which is not known here`),
		Entry("another edition's digest", func(s *certificate.Statement) { s.Predicate.Configuration[0].Digest.SHA256 = strings.Repeat("0", 64) }, "has the digest of another"),
		Entry("the digest of a history", func(s *certificate.Statement) { s.Predicate.Gauntlet.Cases[0].History = strings.Repeat("0", 64) }, "its history was changed, or is of another run"),
	)

	It("is refused when a history is missing or was touched", func() {
		c := good.copy()
		file := c.file("run", "cases", oneCase, "history.jsonl")
		text, err := os.ReadFile(file)
		Expect(err).NotTo(HaveOccurred())
		Expect(os.WriteFile(file, append(text, '\n'), 0o600)).To(Succeed())
		refused(c, oneCase+": its history was changed", "--key", "mine.pub")
		Expect(os.RemoveAll(filepath.Dir(file))).To(Succeed())
		refused(c, oneCase+": its history is missing", "--key", "mine.pub")

		controls := good.copy()
		found, err := filepath.Glob(controls.file("run", "controls", "*"))
		Expect(err).NotTo(HaveOccurred())
		Expect(os.RemoveAll(found[0])).To(Succeed())
		refused(controls, "histories of controls are missing", "--key", "mine.pub")
	})

	It("is refused when all is forged but the history, which shows what happened", func() {
		c := bad.copy()
		result := c.file("run", "cases", oneCase, "result.json")
		text, err := os.ReadFile(result)
		Expect(err).NotTo(HaveOccurred())
		Expect(os.WriteFile(result, []byte(strings.Replace(string(text), `"status": "Fail"`, `"status": "Pass"`, 1)), 0o600)).To(Succeed())
		c.forge(func(s *certificate.Statement) {
			p := &s.Predicate
			p.Gauntlet.Cases[0].Status = oracle.Pass
			p.PassedTests, p.FailedTests, p.Result = p.FailedTests, []string{}, certificate.Passed
		})
		refused(c, oneCase+" is said to be Pass, and its history shows Fail: command.")
	})

	DescribeTable("is refused when a failure is passed off as what was not asked, and judge sees it", func(as oracle.Status, unwitnessed bool) {
		c := bad.copy()
		result := c.file("run", "cases", oneCase, "result.json")
		text, err := os.ReadFile(result)
		Expect(err).NotTo(HaveOccurred())
		Expect(os.WriteFile(result, []byte(strings.Replace(string(text), `"status": "Fail"`, `"status": "`+as.String()+`"`, 1)), 0o600)).To(Succeed())
		c.forge(func(s *certificate.Statement) {
			p := &s.Predicate
			p.Gauntlet.Cases[0].Status, p.Gauntlet.Cases[0].Unwitnessed = as, unwitnessed
			p.FailedTests, p.Result = []string{}, certificate.Warned
			if as != oracle.NotApplicable {
				p.WarnedTests = []string{oneCase}
			}
		})
		refused(c, oneCase+" is said to be "+as.String()+", and its history shows Fail: command.")
		judged := gauntletIn(c.dir, "judge", "run")
		Expect(judged.code).To(Equal(1), judged.stdout)
	},
		Entry("not applicable", oracle.NotApplicable, false),
		Entry("not applicable, and the history is said not to show it", oracle.NotApplicable, true),
		Entry("unsupported", oracle.Unsupported, true),
		Entry("broken", oracle.Broken, true),
	)

	DescribeTable("is refused when a failure in virtual time is passed off as what nobody could do, and judge sees it", func(planned, lie string) {
		c := bad.copy()
		rewrite := func(name, old, new string) {
			text, err := os.ReadFile(c.file("run", name))
			Expect(err).NotTo(HaveOccurred())
			Expect(string(text)).To(ContainSubstring(old))
			Expect(os.WriteFile(c.file("run", name), []byte(strings.ReplaceAll(string(text), old, new)), 0o600)).To(Succeed())
		}
		rewrite("plan.json", planned, lie)
		rewrite("cases/"+oneCase+"/result.json", `"status": "Fail"`, `"status": "Blocked"`)
		c.forge(func(s *certificate.Statement) {
			p := &s.Predicate
			p.Gauntlet.Cases[0].Status = oracle.Blocked
			p.WarnedTests, p.FailedTests, p.Result = p.FailedTests, []string{}, certificate.Warned
		})
		refused(c, oneCase+" is said to be Blocked, and its history shows Fail: command.")
		Expect(gauntletIn(c.dir, "judge", "run").code).To(Equal(1))
	},
		Entry("as it was planned", `"seed": 1`, `"seed": 1`),
		Entry("in a run that is said to be of real time", `"mode": "virtual"`, `"mode": "loopback"`),
		Entry("in a run that is said to be of somebody's own cases", `"seed": 1`, `"seed": 1, "file": "mine.yaml"`),
	)

	It("is refused when a history was written anew and sealed again, with or without a key", func() {
		c := bad.copy()
		file := c.file("run", "cases", oneCase, "history.jsonl")
		meta, events := storedHistory(filepath.Dir(file))
		var kept []history.Event
		for _, e := range events {
			if e.From != history.AtHop || e.Hop != 1 {
				kept = append(kept, e)
			}
		}
		var text strings.Builder
		Expect(history.Write(&text, meta, kept)).To(Succeed())
		Expect(os.WriteFile(file, []byte(text.String()), 0o600)).To(Succeed())
		refused(c, "its history was changed, or is of another run")
		refused(c, "its history was changed, or is of another run", "--key", "mine.pub")
	})

	It("is refused when an older edition is passed off as a new one", func() {
		cases := slices.DeleteFunc(catalogued(), func(c catalogue.Case) bool { // the run's own
			_, err := os.Stat(core.file("run", "cases", c.ID))
			return err != nil
		})
		older, err := edition.Freeze(servers.MSN(), "2025.1", cases)
		Expect(err).NotTo(HaveOccurred())
		for i := range cases {
			cases[i].Think++ // so it would take another run
		}
		newer, err := edition.Freeze(servers.MSN(), "2025.2", cases)
		Expect(err).NotTo(HaveOccurred())
		profiles, err := profile.Load(fixtures.Files(), fixtures.Boxes)
		Expect(err).NotTo(HaveOccurred())
		check := certificate.Check{Run: core.file("run"), Editions: []edition.Edition{older, newer}, Vocabulary: servers.Vocabulary(profile.Table(profiles))}
		speaksOf := func(e edition.Edition, digest string) certificate.Statement {
			s := core.statement()
			s.Predicate.Gauntlet.Edition = e.Name
			s.Predicate.Configuration[0].Digest.SHA256, s.Predicate.Configuration[0].Annotations["name"] = digest, e.Name
			return s
		}

		Expect(check.Refusals(speaksOf(older, older.Digest))).To(BeEmpty(), "an older edition under its own name is one")
		Expect(check.Refusals(speaksOf(newer, older.Digest))).To(ContainElement(ContainSubstring("has the digest of another")))
		Expect(check.Refusals(speaksOf(newer, newer.Digest))).To(ContainElements(
			ContainSubstring("control-direct is not the case that edition 2025.2 froze"),
			ContainSubstring("it says that the levels [Core] are met, and the histories show []")))
	})

	It("says what is wrong with what it is given", func() {
		c := good.copy()
		Expect(os.WriteFile(c.file("junk"), []byte("{}\n"), 0o600)).To(Succeed())
		Expect(os.WriteFile(c.file("sparse"), nil, 0o600)).To(Succeed())
		Expect(os.Truncate(c.file("sparse"), 1<<36)).To(Succeed()) // no machine would hold it
		for want, args := range map[string][]string{
			"no such file":                      {"verify", "nowhere"},
			"it has more than 64 MiB":           {"verify", "sparse"},
			"no certificate: the payload is of": {"verify", "junk"},
			`holds no PEM block "PUBLIC KEY"`:   {"verify", "certificate.json", "--key", "mine"},
			`holds no PEM block "PRIVATE KEY"`:  {"certify", "--certificate", "x", "--key", "mine.pub"},
			"say --certificate FILE too":        {"certify", "--key", "mine"},
			"file exists":                       {"keygen", "mine"},
		} {
			Expect(gauntletIn(c.dir, args...).complaint()).To(ContainSubstring(want))
		}
	})
})
