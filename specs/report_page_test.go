package specs

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"

	"github.com/chromedp/cdproto/accessibility"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"gauntlet/harness/judge/history"
	"gauntlet/harness/judge/oracle"
	"gauntlet/harness/report"
	"gauntlet/harness/report/html"
	"gauntlet/harness/run/rig"
)

// The page is opened as a person opens it: from the disk.
var _ = Describe("The report in a browser", Ordered, ContinueOnFailure, heavy, Label("browser"), func() {
	const failing = "cut-message-answer-rst-forward"
	clientPage := "clients/" + report.OwnName("mutant:doubles") + ".html"
	var b *browser
	var dir, page, changes, passed, since, should string

	BeforeAll(func() {
		b = openBrowser()
		dir = GinkgoT().TempDir()
		page, changes = filepath.Join(dir, "all", "report.html"), filepath.Join(dir, "changes.html")
		c := gauntletIn(dir, "certify", "--case", "cut-message-*", "--case", "control-*", "--client", "built-in", "--client", "mutant:doubles", "--client", "mutant:overlaps",
			"--out", "all", "--html", "--pcapng", "packets")
		Expect(c.code).To(Equal(1), c.stderr)
		Expect(strings.Split(strings.TrimSpace(c.stdout), "\n")).To(ContainElement("the report is in "+page), "it says where it is")
		Expect(filepath.Glob(filepath.Join(dir, "all", "*", "*.html"))).To(BeEmpty(), "there is one report of all")
		passed, since = filepath.Join(dir, "passed.html"), filepath.Join(dir, "since.html")
		Expect(gauntletIn(dir, "report", "all/built-in", "--html=passed.html").code).To(BeZero())
		Expect(gauntletIn(dir, "certify", "--case", "cut-poll-*", "--client", "mutant:absent", "--out", "absent").code).To(Equal(1))
		Expect(gauntletIn(dir, "report", "absent", "--html=since.html").code).To(BeZero())
		should = filepath.Join(dir, "should.html")
		Expect(gauntletIn(dir, "certify", "--case", "user-is-idle-*", "--client", "mutant:drags", "--out", "drags").code).To(BeZero())
		Expect(gauntletIn(dir, "report", "drags", "--html=should.html").code).To(BeZero())
		swept := gauntletIn(dir, "sweep", "--point", "sign-in | documented | direct | hop 0: on NS poll 1, answer: interim 103", "--out", "quiet")
		Expect(swept.code).To(BeZero(), swept.stderr)
		Expect(swept.stdout).To(ContainSubstring("the report is in " + filepath.Join(dir, "quiet", "report.html")))
		Expect(gauntletIn(dir, "report", "quiet", "--html=again.html").code).To(BeZero())
		Expect(gauntletIn(dir, "sweep", "--client", "mutant:doubles", "--point", "chat | documented | forward port 8080 | hop 0: on SB open 1, end: half-close", "--shrink", "0", "--out", "swept").code).To(Equal(1))
		Expect(gauntletIn(dir, "report", "all/built-in", "all/mutant-doubles", "--site", "site").code).To(BeZero())
		Expect(gauntletIn(dir, "report", "all/mutant-overlaps", "--site", "site").code).To(BeZero())
		Expect(gauntletIn(dir, "diff", "all/built-in", "all/mutant-doubles", "--html=changes.html").code).To(Equal(1))
	})

	texts := func(selector string) []string {
		GinkgoHelper()
		return eval[[]string](b, fmt.Sprintf("[...document.querySelectorAll(%q)].map((e) => e.textContent.trim())", selector))
	}

	// A sweep that found nothing has no case to show, and its map all the same.
	It("leads to the map of what a sweep has covered", func() {
		b.open(filepath.Join(dir, "again.html"), "", "light")
		Expect(texts(".banner")).To(Equal([]string{"✓ No point of 1 failed"}))
		Expect(texts("#swept a")).To(Equal([]string{"The map of effects and states"}))
		b.click("#swept a")
		b.await(".grid")
		Expect(texts(".grid thead th")).To(Equal([]string{"Effect by state", "NS poll"}))
		Expect(texts(".grid .tally.pass .aside")).To(Equal([]string{"1 point: 1 passed"}))
		Expect(texts(".grid .tally.missed .aside")).To(ContainElement("never tried"))
		Expect(eval[string](b, "inWords({runs: 9, passed: 2, failed: 3})")).To(Equal("2 passed, 3 failed, 4 not concluded"), "all of them are told")
	})

	It("shows the clients side by side, and what each of them broke", func() {
		b.open(page, "", "light")
		Expect(texts("#clients tbody th")).To(Equal([]string{"Abuilt-in", "Bmutant:doubles", "Cmutant:overlaps"}))
		Expect(texts("#broken tbody th")).To(ContainElements("exchange.one-in-flight", "command.not-doubled"))
	})

	It("has all clients by levels and requirements, each cell leading to its cases", func() {
		b.open(page, "", "light")
		Expect(texts(".standings thead th")).To(Equal([]string{"Level or requirement", "built-in", "mutant:doubles", "mutant:overlaps"}))
		Expect(texts(".standings .of-level th")).To(ContainElement("Core"))
		Expect(texts(".standings td .tally:not(.none):not(a)")).To(BeEmpty(), "each leads somewhere")
		b.see("#standings", "standings-light")
		Expect(texts(".standings .of-level td:last-child a")).To(ContainElement("✗ 0 of 1 passed, 45 not run"))
		Expect(eval[string](b, "passedOf({run: 0, of: 9, passed: 0})")).To(Equal("not run"))
		cell := `.standings a[aria-label$="command.not-doubled, mutant:doubles"]`
		Expect(texts(cell)).To(HaveExactElements(HavePrefix("✗ 8/")))
		b.click(cell)
		Eventually(func() []string { return texts("#cases tbody th a") }).Should(And(HaveLen(8), HaveEach(HavePrefix("cut-message-"))))
	})

	It("lists first what failed, and names what took longest", func() {
		b.open(page, "", "light")
		badges := texts("#cases tbody tr td:last-child .badge")
		Expect(slices.IndexFunc(badges, func(s string) bool { return strings.HasSuffix(s, "Fail") })).To(BeNumerically("<", 13))
		Expect(texts("#cases tbody tr:nth-child(-n+13) .badge.fail")).To(HaveLen(13), "12 of one client and 1 of another")
		Expect(texts("#dearest h3")).To(ContainElements("On its own clock", "In requests"))
		Expect(texts("#dearest li")).To(ContainElement(MatchRegexp(`^\S+ \(\S+\): \d+\.\d+ s$`)))
		b.see("#dearest", "dearest-light")
	})

	It("leads to the files of a case", func() {
		b.open(page, "#/case/"+failing+"/1", "light")
		Expect(texts("#files a")).To(ConsistOf("history.jsonl", "result.json", failing+".pcapng"))
		for _, address := range eval[[]string](b, "[...document.querySelectorAll('#files a')].map((a) => decodeURI(new URL(a.href).pathname))") {
			Expect(address).To(BeARegularFile())
		}
		b.see("#files", "files-light")
	})

	It("is served to nobody but whoever was given its address", func() {
		somewhere := GinkgoT().TempDir()
		Expect(os.WriteFile(filepath.Join(somewhere, "xdg-open"), []byte("#!/bin/sh\necho \"$1\" > \""+somewhere+"/given\"\n"), 0o755)).To(Succeed())
		open := exec.Command(command, "report", "all/built-in", "--open")
		open.Dir, open.Env = dir, append(os.Environ(), "PATH="+somewhere+":"+os.Getenv("PATH"))
		Expect(open.Start()).To(Succeed())
		DeferCleanup(func() { _ = open.Process.Kill() }) // it may have ended
		var given string
		Eventually(func() string {
			text, _ := os.ReadFile(filepath.Join(somewhere, "given")) // soon
			given = strings.TrimSpace(string(text))
			return given
		}, soonEnough).Should(MatchRegexp(`^http://127\.0\.0\.1:\d+/[A-Z0-9]{20,}/$`))
		b.visit(given + "#/case/" + failing)
		Expect(texts("#files a")).To(ConsistOf("history.jsonl", "result.json"))
		got := func(address, host string) (int, string) {
			GinkgoHelper()
			request, err := http.NewRequest(http.MethodGet, address, nil)
			Expect(err).NotTo(HaveOccurred())
			request.Host = host
			answer, err := http.DefaultClient.Do(request)
			Expect(err).NotTo(HaveOccurred())
			defer func() { _ = answer.Body.Close() }()
			text, err := io.ReadAll(answer.Body)
			Expect(err).NotTo(HaveOccurred())
			return answer.StatusCode, string(text)
		}
		code, text := got(eval[string](b, "document.querySelector('#files a').href"), "")
		Expect(code).To(Equal(http.StatusOK))
		Expect(text).To(HavePrefix("{"))
		there, _ := url.Parse(given)
		for address, host := range map[string]string{"http://" + there.Host + "/": "", given + "files/999/x": "", given + "../": "", given: "elsewhere.example:80"} {
			code, text := got(address, host)
			Expect(code).To(BeNumerically(">=", 400), address)
			Expect(text).NotTo(ContainSubstring("<script"))
		}
		Expect(open.Process.Signal(os.Interrupt)).To(Succeed())
		Expect(open.Wait()).To(Succeed(), "that is how it ends")
	})

	It("makes a site of runs over time", func() {
		for _, page := range []string{"index.html", clientPage} {
			b.visitIn("file://"+filepath.Join(dir, "site", page), "light", 1400)
			Expect(eval[bool](b, "[...document.images].every((i) => i.complete && i.naturalWidth > 60)")).To(BeTrue())
		}
		b.visitIn("file://"+filepath.Join(dir, "site", "index.html"), "light", 1400)
		Expect(texts("tbody th")).To(Equal([]string{"built-in", "mutant:doubles", "mutant:overlaps"}), "what was there stays")
		Expect(texts("tbody tr:nth-child(2) .word")).To(Equal([]string{"12 of 21 failed"}))
		b.click("tbody tr:nth-child(2) .word")
		b.await("html[data-ready] #broken")
		Expect(texts(".banner")).To(HaveExactElements(HavePrefix("✗ 12 of 21 cases failed")))
	})

	It("answers first: what the runs came to, then the musts that were broken, with a case of each", func() {
		b.open(page, "", "light")
		Expect(texts("#main > h1 ~ .banner:nth-of-type(-n+3)")).To(HaveExactElements(
			MatchRegexp(`^✓ built-in: all \d+ passed$`), MatchRegexp(`^✗ mutant:doubles: \d+ of \d+ cases failed: \d+ musts? broken$`), HavePrefix("✗ mutant:overlaps: ")))
		musts := slices.DeleteFunc(texts("#main > section h2"), func(h string) bool { return strings.HasPrefix(h, "Shoulds") }) // whether there are any is not the point here
		Expect(musts).To(HaveExactElements("Musts that were broken", "Broken before a case began", "Clients by levels and requirements", "Requirements and boxes", "Clients", "What took longest and cost most", "Cases"))
		Expect(texts("#broken tbody td a")).To(ContainElement(HavePrefix("cut-message-")))
		Expect(texts(".legend dt")).To(ContainElements("A", "⚡", "✗", "hop 0"))
		b.click("#broken tbody tr:first-child td a")
		b.await("#verdicts .verdict.fail")
	})

	It("says that all passed, and that something broken only stands on what was before", func() {
		b.open(passed, "", "light")
		Expect(texts("#main .banner")).To(HaveExactElements(MatchRegexp(`^✓ all \d+ passed$`)))
		Expect(texts("#broken, #since, #levels")).To(BeEmpty(), "nothing was")
		const levels = "[{level: 'Core', met: true, run: 2, of: 2, passed: 2}, {level: 'Proxy', run: 1, of: 2, passed: 1}]"
		Expect(eval[[]string](b, "report.runs[0].levels = "+levels+", [...levelTable().querySelectorAll('thead th')].map((e) => e.textContent)")).To(
			Equal([]string{"Client", "Core"}), "one of which only a part was run is not there")
		b.open(since, "", "light")
		Expect(texts("#main .banner")).To(HaveExactElements(HavePrefix("✗ ")))
		Expect(texts("#since li")).To(ContainElement(MatchRegexp(`poll.keeps-going is broken undisturbed already; \d+ cases stand on it, see cut-poll-`)))
	})

	It("calls nothing broken where only a should was not kept, and says so further down", func() {
		b.open(should, "", "light")
		Expect(texts("#main .banner")).To(HaveExactElements(MatchRegexp(`^✓ all \d+ passed`)))
		Expect(texts("#main > section h2")).To(HaveExactElements("Requirements and boxes", "Shoulds that were not kept", "Clients", "What took longest and cost most", "Cases"))
	})

	It("shows everything where its address names nothing that there is", func() {
		for _, address := range []string{"#sequence", "#/case/gone", "#/nothing"} {
			b.open(page, address, "light")
			Expect(texts("#clients tbody th")).To(HaveLen(3), address)
		}
	})

	It("has a matrix whose cells lead to their cases", func() {
		b.open(page, "", "light")
		Expect(texts("#matrix thead th")).To(Equal([]string{"Requirement", "direct", "forward", "intercept"}))
		cell := `#matrix a[aria-label$="command.not-doubled, forward, mutant:doubles"]`
		Expect(texts(cell)).To(HaveLen(1))
		b.click(cell)
		Eventually(func() []string { return texts("#cases tbody th a") }).Should(And(ContainElement(failing), HaveEach(HaveSuffix("-forward"))))
		Expect(texts("#cases tbody tr:first-child .result .badge")).To(HaveEach(Or(HaveSuffix("Pass"), HaveSuffix("Fail"), HaveSuffix("Inconclusive"), HaveSuffix("Blocked"))))
	})

	It("filters and searches", func() {
		b.open(page, "", "light")
		all := len(texts("#cases tbody tr"))
		Expect(all).To(BeNumerically(">", 16))
		b.do(chromedp.SendKeys(chromedp.CSS("#cases input[name=q]"), "rst middle"))
		Eventually(func() []string { return texts("#cases tbody th a") }).Should(And(HaveLen(2), HaveEach(HavePrefix("cut-message-middle-rst-"))))
		Expect(eval[string](b, "document.activeElement.name")).To(Equal("q"), "one can go on typing")
		Expect(texts("#said")).To(Equal([]string{"2 cases"}), "who does not see the list is told")
		eval[bool](b, `(() => { const s = document.querySelector('#cases select[name=status]'); s.value = 'none'; return s.dispatchEvent(new Event('change')); })()`)
		Eventually(func() []string { return texts("#cases p") }).Should(Equal([]string{"No case is like that."}))
		b.click("#cases form button")
		Eventually(func() int { return len(texts("#cases tbody tr")) }).Should(Equal(all))
	})

	It("draws a failing case, and leads from the verdict to the request", func() {
		b.open(page, "", "light")
		b.goTo("#/case/"+failing+"/2", "#verdicts .verdict.fail")
		Expect(texts(".lanes text")).To(Equal([]string{"clientclient", "forward port 8080forward port 8080", "gatewaygateway", "messengermessenger"}), "with their full names as titles")
		Expect(texts(".diagram .row.fault .words")).To(ContainElement("⚡ hop 0: on MSG 2, answer: reset"), "the fault is where it struck")
		Expect(texts(".diagram .row.blamed")).NotTo(BeEmpty(), "the request that broke it is marked")
		Expect(texts(".diagram .connection")).NotTo(BeEmpty())
		link := ".verdict.fail .places a"
		number := strings.TrimPrefix(texts(link)[0], "request ")
		b.click(link)
		b.await(".diagram a.chosen")
		Eventually(func() []string { return texts("#bytes h3") }).Should(ConsistOf(HavePrefix("Request " + number + ":")))
		Eventually(func() bool { // it may have been chosen before, out of view
			return eval[bool](b, `(() => { const r = document.querySelector('.diagram a.chosen').getBoundingClientRect(); return r.top > 0 && r.bottom < innerHeight; })()`)
		}).Should(BeTrue(), "it comes into view")
	})

	It("shows the bytes at each hop side by side", func() {
		b.open(page, "#/case/"+failing+"/1", "light")
		Expect(texts("#bytes .hop h4")).To(Equal([]string{"Hop 0: client → forward port 8080", "Hop 1: forward port 8080 → gateway"}))
		Expect(texts("#bytes .hop .struck")).To(Equal([]string{"⚡ hop 0: on MSG 2, answer: reset"}))
		Expect(texts("#bytes .hop:last-child .line.other")).To(ContainElement(ContainSubstring("POST /gateway/gateway.dll?")), "what the box changed is marked")
	})

	It("has a timeline that zooms, by buttons and by keys", func() {
		b.open(page, "#/case/"+failing+"/1", "light")
		span := func() string {
			return eval[string](b, "document.querySelector('svg.timeline').getAttribute('aria-label')")
		}
		b.await("svg.timeline .struck")
		whole := span()
		eval[any](b, "document.querySelector('#timeline button').click()")
		Eventually(span).ShouldNot(Equal(whole))
		eval[any](b, "document.querySelector('.ruler').focus()")
		b.do(chromedp.KeyEvent("-"))
		Eventually(span).Should(Equal(whole))
		b.do(chromedp.KeyEvent("+"), chromedp.KeyEvent(kb.ArrowRight))
		Eventually(span).ShouldNot(HavePrefix("Timeline from 0.000 s"))
		eval[any](b, "document.querySelector('#timeline').scrollIntoView()")
		b.keep("timeline-light")
	})

	It("copies the command that shows the failure again", func() {
		b.open(page, "#/case/"+failing+"/1", "light")
		Expect(texts(".command code")).To(ConsistOf(ContainSubstring("certify --case " + failing + " --client mutant:doubles")))
		b.click(".command button")
		Eventually(func() []string { return texts("#said") }).Should(Equal([]string{"The command was copied."}))
	})

	It("shows what changed between two runs", func() {
		b.open(changes, "", "light")
		Expect(texts("#main > h1 + section h2")).To(Equal([]string{"What changed"}), "that comes first")
		Expect(texts("#changes li")).To(ContainElement(MatchRegexp(`^regressed: 12 cases cut-message-.*, cut-message-.* and 7 more$`)))
		b.click("#changes a.regressed")
		Eventually(func() []string { return texts("#cases tbody th a") }).Should(ContainElement(failing))
	})

	DescribeTable("can be read on any screen, by day and by night", func(file, place, ready, picture string) {
		b.readsWell(picture, func(width int) {
			b.visitIn("file://"+filepath.Join(dir, file)+place, "light", width)
			b.await(ready)
		}, strings.HasSuffix(ready, ".diagram"))
	},
		Entry("the index, with the clients compared", "all/report.html", "", "[data-ready] #standings", "index"),
		Entry("the index of one client", "should.html", "", "[data-ready] #shoulds", "one"),
		Entry("a list of cases", "all/report.html", "#/?q=control", "[data-ready] #cases", "cases"),
		Entry("a case", "all/report.html", "#/case/"+failing+"/1", "[data-ready] .diagram", "case"),
		Entry("a comparison of two runs", "changes.html", "", "[data-ready] #changes", "changes"),
		Entry("a case of a comparison", "changes.html", "#/case/"+failing+"/1", "[data-ready] .diagram", "changed-case"),
		Entry("a sweep", "swept/report.html", "", "[data-ready] #swept", "sweep"),
		Entry("the map of a sweep", "swept/report.html", "#/swept/0", "[data-ready] .grid", "map"),
		Entry("a site", "site/index.html", "", "tbody", "site"),
		Entry("a client of a site", "site/"+clientPage, "", "tbody", "site-client"),
	)

	DescribeTable("can be used without a mouse", func(place string) {
		b.open(page, place, "light")
		Expect(unreached(b)).To(BeEmpty())
	},
		Entry("the index, with a list of cases", "#/?q=control-direct"),
		Entry("a case", "#/case/"+failing+"/2"),
	)

	It("makes nothing of what a client smuggles in", func() {
		file := filepath.Join(dir, "hostile.html")
		Expect(os.WriteFile(file, hostilePage(), 0o600)).To(Succeed())
		b.open(file, "#/case/hostile", "light")
		Expect(texts("#bytes pre")).To(ContainElement(ContainSubstring("<img src=x onerror=")), "it is shown, as text")
		Expect(eval[bool](b, "window.owned === undefined && document.images.length === 0")).To(BeTrue())
	})

	AfterAll(func() { Expect(b.said()).To(BeEmpty(), "nothing was wrong in the browser's eyes") })
})

// unnamed are the controls of which somebody who cannot see them is not told
// what they are.
func unnamed(b *browser) []string {
	GinkgoHelper()
	tree, err := chromedp.Call(b.ctx, accessibility.GetFullAXTree, accessibility.GetFullAXTreeParams{})
	Expect(err).NotTo(HaveOccurred())
	controls, wrong := 0, []string{}
	for _, n := range tree.Nodes {
		if n.Ignored || n.Role == nil || !strings.Contains(" link button combobox searchbox textbox checkbox radio spinbutton slider DisclosureTriangle image region application navigation search form ", " "+textOf(n.Role)+" ") {
			continue
		}
		controls++
		if textOf(n.Name) == "" {
			wrong = append(wrong, fmt.Sprintf("%s %d", textOf(n.Role), n.BackendDOMNodeID))
		}
	}
	Expect(controls).To(BeNumerically(">", 3))
	return wrong
}

func textOf(v *accessibility.Value) string {
	if v == nil {
		return ""
	}
	return strings.Trim(string(v.Value), `"`)
}

// unreached are the controls to which the Tab key does not come.
func unreached(b *browser) []string {
	GinkgoHelper()
	controls := apply[int](b, "controls")
	Expect(controls).To(BeNumerically(">", 10))
	eval[any](b, "document.activeElement.blur(), getSelection().collapse(document.body, 0)")
	b.do(slices.Repeat([]chromedp.Action[chromedp.Void]{chromedp.KeyEvent(kb.Tab)}, controls+5)...)
	return eval[[]string](b, "[...window.wanted].map(window.named)")
}

// hostilePage is the report on a client that sends what would act in a page.
func hostilePage() []byte {
	GinkgoHelper()
	evil := `"'></script></pre><script>window.owned = 1</script><img src=x onerror="window.owned = 2">` + "\x1b]0;owned\a\u202e\xff"
	var stored bytes.Buffer
	Expect(history.Write(&stored, history.Meta{Case: "hostile"}, []history.Event{
		{Seq: 1, From: history.AtHop, Kind: history.Accepted, Conn: 1, How: evil},
		{Seq: 2, From: history.AtHop, Kind: history.RequestBegan, Conn: 1},
		{Seq: 3, From: history.AtHop, Kind: history.RequestHead, Conn: 1, Exchange: 1, Data: []byte("POST /" + evil + " HTTP/1.1\r\n" + strings.Repeat("X-Long: "+strings.Repeat("x", 1000)+"\r\n", 1000) + "\r\n"), Labels: []string{evil}},
		{Seq: 4, From: history.AtHop, Kind: history.RequestDone, Conn: 1, Exchange: 1, Data: []byte(evil)},
		{Seq: 5, From: history.AtClient, Kind: history.Failed, User: evil, Text: evil},
		{Seq: 6, From: history.AtGateway, Kind: history.Rejected, Status: 400, Text: evil},
	})).To(Succeed())
	run := html.Run{Summary: report.Summary{Client: evil}, Cases: []html.Case{{
		Result:  rig.Result{ID: "hostile", Title: evil, Status: oracle.Fail, Reason: evil, Reproduce: evil},
		History: func() ([]byte, error) { return stored.Bytes(), nil },
	}}}
	var page bytes.Buffer
	Expect(html.Write(&page, html.Page{Runs: []html.Run{run}})).To(Succeed())
	return page.Bytes()
}
