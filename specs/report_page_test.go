package specs

import (
	"bytes"
	"fmt"
	"os"
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
var _ = Describe("The report in a browser", Ordered, ContinueOnFailure, Label("browser"), func() {
	const failing = "cut-message-answer-rst-forward"
	var b *browser
	var dir, page, changes, passed, since, should string

	BeforeAll(func() {
		b = openBrowser()
		dir = GinkgoT().TempDir()
		for client, code := range map[string]int{"built-in": 0, "mutant:doubles": 1, "mutant:overlaps": 1} {
			c := gauntletIn(dir, "certify", "--case", "cut-message-*", "--case", "control-*", "--client", client, "--out", strings.TrimPrefix(client, "mutant:"))
			Expect(c.code).To(Equal(code), c.stderr)
		}
		page, changes = filepath.Join(dir, "report.html"), filepath.Join(dir, "changes.html")
		c := gauntletIn(dir, "report", "built-in", "doubles", "overlaps", "--html", "report.html")
		Expect(c.code).To(BeZero(), c.stderr)
		Expect(c.stdout).To(ContainSubstring("the report is in "), "it says where it is")
		passed, since = filepath.Join(dir, "passed.html"), filepath.Join(dir, "since.html")
		Expect(gauntletIn(dir, "report", "built-in", "--html", "passed.html").code).To(BeZero())
		Expect(gauntletIn(dir, "certify", "--case", "cut-poll-*", "--client", "mutant:absent", "--out", "absent").code).To(Equal(1))
		Expect(gauntletIn(dir, "report", "absent", "--html", "since.html").code).To(BeZero())
		should = filepath.Join(dir, "should.html")
		Expect(gauntletIn(dir, "certify", "--case", "user-is-idle-*", "--client", "mutant:drags", "--out", "drags").code).To(BeZero())
		Expect(gauntletIn(dir, "report", "drags", "--html", "should.html").code).To(BeZero())
		Expect(gauntletIn(dir, "diff", "built-in", "doubles", "--html", "changes.html").code).To(Equal(1))
	})

	texts := func(selector string) []string {
		GinkgoHelper()
		return eval[[]string](b, fmt.Sprintf("[...document.querySelectorAll(%q)].map((e) => e.textContent.trim())", selector))
	}

	It("shows the clients side by side, and what each of them broke", func() {
		b.open(page, "", "light")
		Expect(texts("#clients tbody th")).To(Equal([]string{"Abuilt-in", "Bmutant:doubles", "Cmutant:overlaps"}))
		Expect(texts("#broken tbody th")).To(ContainElements("exchange.one-in-flight", "command.not-doubled"))
		b.keep("overview-light")
	})

	It("answers first: what the runs came to, then the musts that were broken, with a case of each", func() {
		b.open(page, "", "light")
		Expect(texts("#main > h1 ~ .banner:nth-of-type(-n+3)")).To(HaveExactElements(
			MatchRegexp(`^✓ built-in: all \d+ passed$`), MatchRegexp(`^✗ mutant:doubles: \d+ of \d+ cases failed: \d+ musts? broken$`), HavePrefix("✗ mutant:overlaps: ")))
		musts := slices.DeleteFunc(texts("#main > section h2"), func(h string) bool { return strings.HasPrefix(h, "Shoulds") }) // whether there are any is not the point here
		Expect(musts).To(HaveExactElements("Musts that were broken", "Broken before a case began", "Requirements and boxes", "Clients", "Cases"))
		Expect(texts("#broken tbody td a")).To(ContainElement(HavePrefix("cut-message-")))
		Expect(texts(".legend dt")).To(ContainElements("A", "⚡", "✗", "hop 0"))
		b.click("#broken tbody tr:first-child td a")
		b.await("#verdicts .verdict.fail")
	})

	It("says that all passed, and that something broken only stands on what was before", func() {
		b.open(passed, "", "light")
		Expect(texts("#main .banner")).To(HaveExactElements(MatchRegexp(`^✓ all \d+ passed$`)))
		Expect(texts("#broken, #since, #levels")).To(BeEmpty(), "nothing was")
		b.open(since, "", "light")
		Expect(texts("#main .banner")).To(HaveExactElements(HavePrefix("✗ ")))
		Expect(texts("#since li")).To(ContainElement(MatchRegexp(`poll.keeps-going is broken undisturbed already; \d+ cases stand on it, see cut-poll-`)))
	})

	It("calls nothing broken where only a should was not kept, and says so further down", func() {
		b.open(should, "", "light")
		Expect(texts("#main .banner")).To(HaveExactElements(MatchRegexp(`^✓ all \d+ passed`)))
		Expect(texts("#main > section h2")).To(HaveExactElements("Requirements and boxes", "Shoulds that were not kept", "Clients", "Cases"))
	})

	DescribeTable("has what matters on the screen of a telephone", func(scheme, picture string) {
		b.open(page, "", scheme)
		b.do(chromedp.EmulateViewport(390, 844))
		Expect(eval[[]string](b, `[...document.querySelectorAll('.banner, #broken td, #broken th[scope=row], #cases .result, #cases th[scope=row], #matrix select')].filter((e) => e.getBoundingClientRect().right > 390).map((e) => e.textContent)`)).To(BeEmpty())
		Expect(eval[int](b, "document.documentElement.scrollWidth")).To(BeNumerically("<=", 390))
		b.keep(picture)
	}, Entry("by day", "light", "overview-small-light"), Entry("by night", "dark", "overview-small-dark"))

	It("shows everything where its address names nothing that there is", func() {
		for _, address := range []string{"#sequence", "#/case/gone", "#/nothing"} {
			b.open(page, address, "light")
			Expect(texts("#clients tbody th")).To(HaveLen(3), address)
		}
	})

	It("has a matrix whose cells lead to their cases", func() {
		b.open(page, "", "light")
		Expect(texts(".matrix thead th")).To(Equal([]string{"Requirement", "direct", "forward", "intercept"}))
		cell := `.matrix a[aria-label$="command.not-doubled, forward, mutant:doubles"]`
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
		Expect(eval[bool](b, `(() => { const r = document.querySelector('.diagram a.chosen').getBoundingClientRect(); return r.top > 0 && r.bottom < innerHeight; })()`)).To(BeTrue(), "it is in view")
		b.keep("case-light")
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
		Expect(texts("#changes a")).To(ContainElement(HavePrefix("regressed: ")))
		b.click("#changes a.regressed")
		Eventually(func() []string { return texts("#cases tbody th a") }).Should(ContainElement(failing))
		b.keep("changes-light")
	})

	DescribeTable("can be read, and used without a mouse", func(place, scheme string, picture string) {
		b.open(page, place, scheme)
		Expect(apply[[]string](b, "contrast", 4.5)).To(BeEmpty())
		Expect(unnamed(b)).To(BeEmpty())
		Expect(unreached(b)).To(BeEmpty())
		b.keep(picture)
	},
		Entry("the overview", "#/?q=control", "light", "cases-light"),
		Entry("the overview in the dark", "#/?q=control", "dark", "cases-dark"),
		Entry("the answer", "", "light", "answer-light"),
		Entry("the answer in the dark", "", "dark", "answer-dark"),
		Entry("a case", "#/case/"+failing+"/2", "light", "case-top-light"),
		Entry("a case in the dark", "#/case/"+failing+"/2", "dark", "case-dark"),
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
		if n.Ignored || n.Role == nil || !strings.Contains(" link button combobox searchbox checkbox region application navigation search form ", " "+textOf(n.Role)+" ") {
			continue
		}
		controls++
		if textOf(n.Name) == "" {
			wrong = append(wrong, fmt.Sprintf("%s %d", textOf(n.Role), n.BackendDOMNodeID))
		}
	}
	Expect(controls).To(BeNumerically(">", 10))
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
	for range controls + 5 {
		b.do(chromedp.KeyEvent(kb.Tab))
		eval[bool](b, "window.wanted.delete(document.activeElement)")
	}
	return eval[[]string](b, "[...window.wanted].map(window.named)")
}

// hostilePage is the report on a client that sends what would act in a page.
func hostilePage() []byte {
	GinkgoHelper()
	evil := `"'></script></pre><script>window.owned = 1</script><img src=x onerror="window.owned = 2">` + "\x1b]0;owned\a\u202e\xff"
	var stored bytes.Buffer
	Expect(history.Write(&stored, history.Meta{Case: "hostile"}, []history.Event{
		{Seq: 1, From: history.AtHop, Kind: history.Accepted, Conn: 1, Text: evil},
		{Seq: 2, From: history.AtHop, Kind: history.RequestBegan, Conn: 1},
		{Seq: 3, From: history.AtHop, Kind: history.RequestHead, Conn: 1, Exchange: 1, Data: []byte("POST /" + evil + " HTTP/1.1\r\n" + strings.Repeat("X-Long: "+strings.Repeat("x", 1000)+"\r\n", 1000) + "\r\n"), Labels: []string{evil}},
		{Seq: 4, From: history.AtHop, Kind: history.RequestDone, Conn: 1, Exchange: 1, Data: []byte(evil)},
		{Seq: 5, From: history.AtClient, Kind: history.Failed, Text: evil},
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
