//go:build unix

package specs

import (
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"github.com/chromedp/chromedp"
	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	"github.com/onsi/gomega/gbytes"
	"github.com/onsi/gomega/gexec"
)

// laboratory is `gauntlet lab` at work, on free ports.
type laboratory struct {
	*gexec.Session
	proxy, page, dir string
}

func startLab(flags ...string) *laboratory {
	GinkgoHelper()
	lab := &laboratory{dir: GinkgoT().TempDir()}
	args := append([]string{"lab", "--any-port", "--page", "127.0.0.1:0", "--out", "run"}, flags...)
	cmd := exec.Command(command, args...)
	cmd.Dir = lab.dir
	var err error
	lab.Session, err = gexec.Start(cmd, nil, nil)
	Expect(err).NotTo(HaveOccurred())
	DeferCleanup(func() { lab.Session.Kill().Wait("5s") })
	Eventually(lab.Out, soonEnough, "5ms").Should(gbytes.Say("page: "))
	Eventually(lab.Out, soonEnough, "5ms").Should(gbytes.Say("token=.*\n"))
	lab.proxy = "127.0.0.1:" + saysWhere(lab.Session, "HTTP proxy: 127.0.0.1, port ")
	lab.page = saysWhere(lab.Session, "page: ")
	return lab
}

// visitor starts the Python example, as somebody at a keyboard would.
func (l *laboratory) visitor() *gexec.Session {
	GinkgoHelper()
	python, err := exec.LookPath("python3")
	skipUnless(err == nil, "python3 not found: install it with: make deps")
	cmd := exec.Command(python, "blackbox.py", "alice@example.com", "secret", "--proxy="+l.proxy)
	cmd.Dir = filepath.Join("..", "fixtures", "clients", "python")
	s, err := gexec.Start(cmd, nil, nil)
	Expect(err).NotTo(HaveOccurred())
	DeferCleanup(func() { s.Kill().Wait("5s") })
	return s
}

// shows waits until something on the page says that.
func (b *browser) shows(selector, words string) {
	GinkgoHelper()
	Eventually(func() string {
		return eval[string](b, fmt.Sprintf("[...document.querySelectorAll(%q)].map((e) => e.textContent).join('\\n')", selector))
	}, soonEnough, "100ms").Should(ContainSubstring(words))
}

// labCases are three that a client can be led through which only connects.
const labCases = `
id: visit-quiet
title: signs in and stays
why: many a client is well as long as nothing is asked of it
proves: [command.carried-out]
chain: [forward]
workload: [sign in, stay 3s]
---
id: visit-cut
title: a poll's answer is cut off
why: connections break
proves: [exchange.one-in-flight]
chain: [forward]
faults: ["hop 0: on poll 2, answer: reset"]
workload: [sign in, stay 8s]
---
id: visit-leave
title: signs out
why: leaving has to be said
proves: [exchange.one-in-flight]
chain: [forward]
workload: [sign in, sign out]
`

var _ = Describe("gauntlet lab", waits, Label("lab", "command", "browser"), func() {
	It("shows a client at work, disturbs it, and lets it go on", func() {
		lab := startLab()
		b := openBrowser()
		b.do(chromedp.EmulateViewport(1400, 1900), chromedp.Navigate(lab.page))
		b.shows("#prompt", "Sign in as alice@example.com")
		b.shows("#places li", "HTTP proxy: 127.0.0.1, port ")
		client := lab.visitor()
		Eventually(client.Out, soonEnough).Should(gbytes.Say("signed in"))
		b.shows("#notes .user", "alice@example.com signed in")
		b.shows("#prompt", "You are signed in.")
		b.click("#quick button")
		b.shows("#faults td", "hop 0: on poll 1, answer: reset")
		b.shows("#notes .fault", "fired on connection")
		b.click("#call")
		b.shows("#notes .session", "(SB) opened")
		b.shows("#verdicts td", "exchange.one-in-flight")
		b.keep("lab")
		b.readsWell("lab", func(int) {}, false)
		b.wear("light", 1400)
		Expect(eval[[]string](b, "[...document.querySelectorAll('#verdicts .Fail')].map((e) => e.parentElement.innerText)")).To(BeEmpty(), "the session goes on, and nothing is wrong with it")
		Expect(b.said()).To(BeEmpty())
		client.Terminate()
		b.shows("#notes .user", "alice@example.com signed out")
		b.click("#end")
		Eventually(lab.Session, soonEnough).Should(gexec.Exit(0))
		Expect(filepath.Join(lab.dir, "run", "cases", "lab", "history.jsonl")).To(BeARegularFile())
		text, err := os.ReadFile(filepath.Join(lab.dir, "run", "run.json"))
		Expect(err).NotTo(HaveOccurred())
		Expect(string(text)).To(ContainSubstring(`"mode": "attached"`))
		Expect(gauntletIn(lab.dir, "judge", "run").code).To(Equal(0))
	})

	It("steps through cases and judges each", func() {
		file := caseFile(GinkgoT().TempDir(), labCases)
		lab := startLab("--cases", "visit-*", "--file", file)
		b := openBrowser()
		b.do(chromedp.EmulateViewport(1400, 1100), chromedp.Navigate(lab.page))
		for _, id := range []string{"visit-quiet", "visit-cut"} {
			b.shows("#case", id)
			b.shows("#prompt", "Sign in as alice@example.com")
			client := lab.visitor()
			b.shows("#outcomes td", id)
			b.shows("#prompt", "Close the client, then press Done.")
			client.Kill().Wait("5s")
			b.click("#answered")
		}
		b.shows("#case", "visit-leave")
		b.shows("#prompt", "Sign in as alice@example.com")
		client := lab.visitor()
		b.shows("#prompt", "Sign out, then press Done.")
		b.keep("lab-cases")
		client.Terminate()
		b.shows("#notes .user", "alice@example.com signed out")
		Expect(b.said()).To(BeEmpty())
		b.click("#answered")
		Eventually(lab.Session, soonEnough).Should(gexec.Exit(0), func() string { return string(lab.Out.Contents()) })
		for _, id := range []string{"visit-quiet", "visit-cut", "visit-leave"} {
			Expect(string(lab.Out.Contents())).To(ContainSubstring(id + ": Pass"))
		}
	})

	It("takes nothing from other sites, and nothing without its token", func() {
		lab := startLab()
		base, token, _ := strings.Cut(lab.page, "/?token=")
		status := func(method, path, cookie string, fields ...string) int {
			GinkgoHelper()
			r, err := http.NewRequest(method, base+path, strings.NewReader("hop 0: on poll 1, answer: reset"))
			Expect(err).NotTo(HaveOccurred())
			if cookie != "" {
				r.AddCookie(&http.Cookie{Name: "gauntlet-lab", Value: cookie})
			}
			for i := 0; i < len(fields); i += 2 {
				r.Header.Set(fields[i], fields[i+1])
			}
			if host := r.Header.Get("Host"); host != "" {
				r.Host = host
			}
			resp, err := http.DefaultClient.Do(r)
			Expect(err).NotTo(HaveOccurred())
			defer resp.Body.Close()
			_, err = io.Copy(io.Discard, resp.Body)
			Expect(err).NotTo(HaveOccurred())
			return resp.StatusCode
		}
		Expect(status("GET", "/state", "")).To(Equal(403))
		Expect(status("GET", "/state", "guess")).To(Equal(403))
		Expect(status("GET", "/ca.pem", "")).To(Equal(200), "a client has to get at it")
		Expect(status("GET", "/state", token)).To(Equal(200))
		Expect(status("POST", "/faults", token, "Origin", "http://evil.example")).To(Equal(403))
		Expect(status("POST", "/faults", token, "Sec-Fetch-Site", "cross-site")).To(Equal(403))
		Expect(status("GET", "/state", token, "Host", "evil.example")).To(Equal(403), "a name that was made to lead here")
		Eventually(func() int { return status("POST", "/faults", token, "Origin", base) }, soonEnough).Should(Equal(200))
		Expect(lab.Interrupt().Wait(soonEnough).ExitCode()).To(BeElementOf(0, 1, 3))
		Expect(filepath.Join(lab.dir, "run", "run.json")).To(BeARegularFile(), "an interrupt loses nothing")
	})

	It("gives SessionIDs that nobody can foresee", func() {
		first := func(lab *laboratory) string {
			GinkgoHelper()
			proxy := http.Transport{Proxy: http.ProxyURL(&url.URL{Scheme: "http", Host: lab.proxy}), DisableKeepAlives: true}
			resp, err := (&http.Client{Transport: &proxy}).Post("http://"+gatewayHost+"/gateway/gateway.dll?Action=open&Server=NS&IP=x", "", strings.NewReader("VER 1 MSNP8 CVR0\r\n"))
			Expect(err).NotTo(HaveOccurred())
			Expect(resp.Body.Close()).To(Succeed())
			return resp.Header.Get("X-MSN-Messenger")
		}
		Expect(first(startLab())).To(And(HavePrefix("SessionID="), Not(Equal(first(startLab())))))
	})

	It("says on the page and in its log what to do about a client that does not get on", func() {
		lab := startLab()
		says := func(first string) {
			GinkgoHelper()
			conn, err := net.Dial("tcp", lab.proxy)
			Expect(err).NotTo(HaveOccurred())
			DeferCleanup(conn.Close)
			_, err = io.WriteString(conn, first)
			Expect(err).NotTo(HaveOccurred())
		}
		says("\x16\x03\x01\x00\x05hello")
		says("\x05\x01\x00")
		says("VER 1 MSNP8 CVR0\r\n")
		says(post("http://"+gatewayHost+"/gateway/gateway.dll?Action=open&Server=NS&IP=x", "VER 1 MSNP21 CVR0\r\n"))
		says("CONNECT login.live.com:443 HTTP/1.1\r\nHost: login.live.com:443\r\n\r\nGET / HTTP/1.1\r\n\r\n")
		base, token, _ := strings.Cut(lab.page, "/?token=")
		page := func() string {
			GinkgoHelper()
			r, err := http.NewRequest(http.MethodGet, base+"/state", nil)
			Expect(err).NotTo(HaveOccurred())
			r.AddCookie(&http.Cookie{Name: "gauntlet-lab", Value: token})
			resp, err := http.DefaultClient.Do(r)
			Expect(err).NotTo(HaveOccurred())
			defer resp.Body.Close()
			text, err := io.ReadAll(resp.Body)
			Expect(err).NotTo(HaveOccurred())
			return string(text)
		}
		for _, advice := range []string{
			"a client speaks TLS to the port for HTTP: use http:// and not https:// for it",
			"a client speaks SOCKS to the port for HTTP: enter it as an HTTP proxy",
			"a client speaks MSNP without HTTP to the port for HTTP: switch the client's HTTP connection method on",
			"no version of MSNP in common: have the client offer one that is spoken",
			"a client does not agree on TLS with the login services: they are reached by https:// only",
		} {
			Eventually(page, soonEnough).Should(ContainSubstring(advice))
			Eventually(func() string { return string(lab.Err.Contents()) }, soonEnough).Should(ContainSubstring(advice))
		}
	})

	DescribeTable("blames nobody when nobody came",
		func(id string, interrupted bool, flags ...string) {
			lab := startLab(flags...)
			if interrupted {
				lab.Interrupt()
			}
			Expect(lab.Wait(soonEnough).ExitCode()).To(Equal(3), string(lab.Out.Contents()))
			Expect(string(lab.Out.Contents())).To(ContainSubstring(id + ": Inconclusive"))
			text, err := os.ReadFile(filepath.Join(lab.dir, "run", "cases", id, "result.json"))
			Expect(err).NotTo(HaveOccurred())
			Expect(string(text)).NotTo(ContainSubstring(`"status": "Fail"`))
			Expect(gauntletIn(lab.dir, "judge", "run").code).To(Equal(3), "the stored history says the same")
		},
		Entry("and the lab is ended", "lab", true),
		Entry("and a case is ended", "control-forward-8080", true, "--cases", "control-forward-8080"),
		Entry("in time for a case", "control-forward-8080", false, "--cases", "control-forward-8080", "--patience", "300ms"),
	)

	It("is no way to other servers of this machine", func() {
		lab := startLab()
		base, _, _ := strings.Cut(lab.page, "/?")
		through := &http.Client{Transport: &http.Transport{Proxy: func(*http.Request) (*url.URL, error) {
			return &url.URL{Scheme: "http", Host: lab.proxy}, nil
		}}}
		resp, err := through.Get(base + "/ca.pem")
		Expect(err).NotTo(HaveOccurred())
		defer resp.Body.Close()
		Expect(resp.StatusCode).To(Equal(http.StatusBadGateway))
	})

	DescribeTable("refuses, in one line that says what to do,",
		func(want string, args ...string) {
			Expect(gauntlet(append([]string{"lab", "--page", "127.0.0.1:0"}, args...)...).stderr).To(ContainSubstring(want))
		},
		Entry("an unknown box", `--box: box "teapot"`, "--box", "teapot"),
		Entry("a box that no client can be set to", "name a forward proxy or a SOCKS proxy", "--box", "relay"),
		Entry("cases that nobody has", `no case`, "--cases", "nothing-like-it"),
		Entry("cases without a proxy", `none of the`, "--cases", "control-direct*"),
	)
})
