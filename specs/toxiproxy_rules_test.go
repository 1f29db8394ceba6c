//go:build unix

package specs

import (
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	toxiproxy "github.com/Shopify/toxiproxy/v2/client"
	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
)

var _ = Describe("What gauntlet proxy --api refuses", Label("box", "command"), func() {
	It("is said with Toxiproxy's words and statuses", func() {
		t := startToxic()
		t.proxy("redis")
		const toxics = "/proxies/redis/toxics"
		for _, c := range []struct {
			method, path, body string
			status             int
			says               string
		}{
			{"POST", "/proxies", `{"name": "x"}`, 400, "missing required field: upstream"},
			{"POST", "/proxies", `{"upstream": "127.0.0.1:1"}`, 400, "missing required field: name"},
			{"POST", "/proxies", `{"name": `, 400, "bad request body: unexpected EOF"},
			{"POST", "/proxies", `{"name": "redis", "upstream": "127.0.0.1:1"}`, 409, "proxy already exists"},
			{"POST", "/proxies", `{"name": "x", "upstream": "nowhere"}`, 400, "upstream: address nowhere: missing port in address"},
			{"POST", "/proxies", `{"name": "x", "listen": "0.0.0.0:0", "upstream": "127.0.0.1:1"}`, 403, "0.0.0.0:0 is not on the loopback interface: gauntlet proxy --public allows that"},
			{"POST", "/proxies", `{"name": "` + strings.Repeat("x", 1<<20) + `"}`, 400, "bad request body: http: request body too large"},
			{"GET", "/proxies/none", "", 404, "proxy not found"},
			{"DELETE", "/proxies/none/toxics/x", "", 404, "proxy not found"},
			{"DELETE", toxics + "/x", "", 404, "toxic not found"},
			{"POST", toxics + "/x", "{}", 404, "toxic not found"},
			{"POST", toxics, `{"type": "noise"}`, 400, "invalid toxic type"},
			{"POST", toxics, `{"type": "latency", "stream": "sideways"}`, 400, "stream was invalid, can be either upstream or downstream"},
			{"POST", toxics, `{"type": "latency", "attributes": {"latncy": 5}}`, 400, `bad request body: no attribute "latncy"; there are: jitter, latency`},
			{"POST", toxics, `{"type": "latency", "attributes": {"latency": -5}}`, 400, "bad request body: latency: want a number from 0 to 1099511627776"},
			{"POST", toxics, `{"type": "slicer", "attributes": {"average_size": 5, "size_variation": 5}}`, 400, "bad request body: size_variation: has to be less than average_size"},
			{"POST", toxics, `{"type": "fault", "attributes": {"line": "hop 1: on request 1, answer: reset"}}`, 400, "there is no such hop"},
			{"POST", toxics, `{"type": "fault", "toxicity": 0.5, "attributes": {"line": "hop 0: on request 1, answer: reset"}}`, 400, "a fault says itself how often it strikes"},
			{"POST", toxics, `{"type": "latency"}`, 200, `"latency":0`},
			{"POST", toxics, `{"type": "latency"}`, 409, "toxic already exists"},
			{"POST", "/populate", `[{"name": "y", "upstream": "127.0.0.1:1"}, {"name": "x"}]`, 400, "missing required field: upstream at proxy 2"},
			{"GET", "/version", "", 200, `{"version":"`},
		} {
			status, text := t.ask(c.method, c.path, c.body)
			Expect(status).To(Equal(c.status), c.path+" "+text)
			Expect(text).To(ContainSubstring(strings.ReplaceAll(c.says, `"latncy"`, `\"latncy\"`)))
			if status >= 400 {
				Expect(text).To(ContainSubstring(fmt.Sprintf(`"status":%d`, status)))
			}
		}
		all, err := t.Proxies()
		Expect(err).NotTo(HaveOccurred())
		Expect(all).To(HaveLen(1))
	})

	It("is whatever a page in a browser could send, and a way to itself", func() {
		t := startToxic()
		for _, header := range [][]string{{"User-Agent", "Mozilla/5.0"}, {"Origin", "http://a.example"}} {
			status, _ := t.ask("GET", "/proxies", "", header...)
			Expect(status).To(Equal(403))
		}
		r, err := http.NewRequest("GET", "http://"+t.api+"/proxies", nil)
		Expect(err).NotTo(HaveOccurred())
		r.Host = "a.example:80"
		resp, err := http.DefaultClient.Do(r)
		Expect(err).NotTo(HaveOccurred())
		resp.Body.Close()
		Expect(resp.StatusCode).To(Equal(403))
		Expect(resp.Header).NotTo(HaveKey("Access-Control-Allow-Origin"))

		p, err := t.CreateProxy("round", "127.0.0.1:0", t.api)
		Expect(err).NotTo(HaveOccurred())
		c, err := net.Dial("tcp", p.Listen)
		if err != nil { // it may be reset before the dial is over
			Expect(err).To(MatchError(syscall.ECONNRESET))
			return
		}
		DeferCleanup(c.Close)
		Expect(c.SetDeadline(time.Now().Add(patience))).To(Succeed())
		back, _ := says(c, "GET /version HTTP/1.1\r\nHost: "+t.api+"\r\n\r\n")
		Expect(back).To(BeEmpty())
	})
})

var _ = Describe("A file of proxies", Label("box", "command"), func() {
	file := func(text string) string {
		GinkgoHelper()
		name := filepath.Join(GinkgoT().TempDir(), "proxies.json")
		Expect(os.WriteFile(name, []byte(text), 0o600)).To(Succeed())
		return name
	}

	It("has proxies stand from the start, of the boxes that are named, and Toxiproxy's client finds and replaces them", func() {
		server := newEcho()
		t := startToxic("--config", file(fmt.Sprintf(`[{"name": "a", "upstream": %q}, {"name": "b", "listen": "127.0.0.1:0", "upstream": %q, "enabled": false}]`, server.Addr(), server.Addr())), "relay -> relay")
		all, err := t.Proxies()
		Expect(err).NotTo(HaveOccurred())
		Expect(all).To(HaveLen(2))
		Expect(all["b"].Enabled).To(BeFalse())
		c := dialled(all["a"])
		echoes(c, "hello")
		_, err = all["a"].AddToxic("cut", "fault", "downstream", 1, toxiproxy.Attributes{"line": "hop 1: on connection 1: limit 2 bytes to client, every 1st"})
		Expect(err).NotTo(HaveOccurred())
		back, _ := says(c, "hello")
		Expect(back).To(Equal("he"), "a fault strikes at its own hop")

		done, err := t.Populate([]toxiproxy.Proxy{{Name: "a", Listen: all["a"].Listen, Upstream: all["a"].Upstream, Enabled: true}, {Name: "b", Listen: "127.0.0.1:0", Upstream: t.server.Addr().String(), Enabled: true}})
		Expect(err).NotTo(HaveOccurred())
		Expect(done).To(HaveLen(2))
		Expect(done[0].ActiveToxics).To(HaveLen(1), "what is as it should be stays")
		says(halfClosed(dialled(done[1]), "to the new one"), "")
		Eventually(t.server.heard, patience).Should(Receive(Equal("to the new one")))
	})

	It("is read strictly, all mistakes at once", func() {
		for text, want := range map[string][]string{
			`[{"name": "a", "lisen": "x", "upstream": "127.0.0.1:80", "enabled": 7}, {"nam": "b"}]`:    {`proxies.json:1:16: unknown key "lisen"; allowed: name, listen, upstream, enabled (did you mean listen?)`, "proxies.json:1:69: true or false is wanted here", `proxies.json:1:74: unknown key "nam"`},
			"[{\"name\": \"a\", \"listen\": \"0.0.0.0:0\", \"upstream\": \"x\"},\n {\"name\": \"a\"}]": {"proxies.json:1:27: 0.0.0.0:0 is not on the loopback interface", "proxies.json:1:52: address x: missing port", `proxies.json:2:12: a second proxy "a"`, "proxies.json:2:2: a proxy needs an upstream"},
			`{}`: {"proxies.json:1:1: a list is wanted here"},
			``:   {"proxies.json:1:1: there is nothing in this file"},
		} {
			c := gauntlet("proxy", "--config", file(text))
			Expect(c.code).To(Equal(2))
			for _, line := range want {
				Expect(c.stderr).To(ContainSubstring(line))
			}
		}
		for _, args := range [][]string{{"proxy", "--api", "0.0.0.0:0"}, {"proxy", "--api", "127.0.0.1:0", "--to", "a:1"}, {"proxy", "--api", "127.0.0.1:0", "relay", "relay"}, {"proxy", "--config", "/nowhere"}} {
			c := gauntlet(args...)
			Expect(c.code).To(Equal(2), strings.Join(args, " "))
			Expect(strings.Count(c.stderr, "\n")).To(Equal(1), c.stderr)
		}
	})
})

var _ = Describe("Toxiproxy's client for Node", Label("box", "command"), func() {
	It("drives the API: create, update, toggle, all toxics, remove", func() {
		const folder = "testdata/toxiproxy"
		_, err := os.Stat(filepath.Join(folder, "node_modules"))
		skipUnless(err == nil, "toxiproxy-node-client is not there: make deps installs it, where npm and its registry can be reached")
		t := startToxic()
		out, err := exec.Command("node", filepath.Join(folder, "drive.js"), "http://"+t.api, t.server.Addr().String(), reserved()).CombinedOutput()
		Expect(err).NotTo(HaveOccurred(), string(out))
		Expect(strings.Join(strings.Fields(string(out)), " ")).To(Equal("created moved disabled enabled latency bandwidth slow_close timeout reset_peer slicer limit_data fault updated removed populated reset deleted"))
	})
})
