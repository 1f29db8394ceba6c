//go:build unix

package specs

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os/exec"
	"regexp"
	"strings"
	"sync/atomic"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	"github.com/onsi/gomega/gbytes"
	"github.com/onsi/gomega/gexec"
)

// standalone is `gauntlet proxy` at work before an origin that counts.
type standalone struct {
	*gexec.Session
	proxied   *http.Client
	control   string
	listens   string // host:port
	origin    string // its URL
	delivered *atomic.Int32
}

func startProxy(boxes string, flags ...string) *standalone {
	GinkgoHelper()
	s := &standalone{delivered: new(atomic.Int32)}
	origin := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if _, err := io.Copy(io.Discard, r.Body); err != nil {
			return // it never came whole
		}
		s.delivered.Add(1)
		fmt.Fprint(w, "hello ", r.Header.Get("Via"))
	}))
	DeferCleanup(origin.Close)
	args := append([]string{"proxy", boxes, "--listen", "127.0.0.1:0", "--to", origin.Listener.Addr().String()}, flags...)
	var err error
	s.Session, err = gexec.Start(exec.Command(command, args...), nil, nil)
	Expect(err).NotTo(HaveOccurred())
	DeferCleanup(func() { s.Session.Kill().Wait("5s") })
	Eventually(s.Out, soonEnough, "5ms").Should(gbytes.Say("control: "))
	s.control = regexp.MustCompile(`control: (\S+)`).FindStringSubmatch(string(s.Out.Contents()))[1]
	listens := regexp.MustCompile(`listens on \S+:(\d+)`).FindStringSubmatch(string(s.Out.Contents()))[1]
	s.listens, s.origin = "127.0.0.1:"+listens, origin.URL
	way := &url.URL{Scheme: "http", Host: s.listens}
	s.proxied = &http.Client{Transport: &http.Transport{Proxy: http.ProxyURL(way), DisableKeepAlives: true}, Timeout: 5 * time.Second}
	return s
}

// ask sends one POST through the proxy; what comes of it in a word or two.
func (s *standalone) ask() string {
	GinkgoHelper()
	return s.post("/x", "abc")
}

func (s *standalone) post(target, body string) string {
	GinkgoHelper()
	resp, err := s.proxied.Post("http://gateway.messenger.hotmail.com"+target, "text/plain", strings.NewReader(body))
	if err != nil {
		return "lost"
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	Expect(err).NotTo(HaveOccurred())
	return fmt.Sprint(resp.StatusCode, " ", strings.TrimSpace(string(text)))
}

// askThrough is the head that answers a request line; empty if there is none.
func (s *standalone) askThrough(line string) string {
	GinkgoHelper()
	c, err := net.Dial("tcp", s.listens)
	Expect(err).NotTo(HaveOccurred())
	defer c.Close()
	Expect(c.SetDeadline(time.Now().Add(5 * time.Second))).To(Succeed())
	fmt.Fprintf(c, "%s HTTP/1.1\r\nHost: x\r\n\r\n", line)
	head, _ := bufio.NewReader(c).ReadString('\n') // what there is of it
	return head
}

// tell uses the control.
func (s *standalone) tell(method, body string) (int, string) {
	GinkgoHelper()
	r, err := http.NewRequest(method, s.control, strings.NewReader(body))
	Expect(err).NotTo(HaveOccurred())
	resp, err := http.DefaultClient.Do(r)
	Expect(err).NotTo(HaveOccurred())
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	Expect(err).NotTo(HaveOccurred())
	return resp.StatusCode, strings.TrimSpace(string(text))
}

var _ = Describe("gauntlet proxy", Label("box", "command"), func() {
	It("stands alone, disturbs as told, says so, and ends at a signal", func() {
		s := startProxy("forward via x", "--fault", "hop 0: on request 2, answer: reset")
		Expect(s.ask()).To(Equal("200 hello 1.1 x"))
		Expect(s.ask()).To(Equal("lost"))
		Expect(s.delivered.Load()).To(BeEquivalentTo(2))
		Eventually(s.Out, soonEnough, "5ms").Should(gbytes.Say(`msg=fired fault="hop 0: on request 2, answer: reset" hop=0 connection=2 exchange=2`))
		Expect(s.Interrupt().Wait("5s").ExitCode()).To(Equal(0))
		Expect(s.Out).To(gbytes.Say("stopped"))
	})

	It("knows an MSN client's requests by their names", func() {
		s := startProxy("forward", "--fault", "hop 0: on poll 2, answer: reset", "--fault", "hop 0: on MSG 1, forward: status 503")
		const script = "/gateway/gateway.dll?"
		Expect(s.post(script+"Action=open&Server=NS&IP=messenger.hotmail.com", "VER 1 MSNP8 CVR0\r\n")).To(Equal("200 hello"))
		Expect(s.post(script+"Action=poll&SessionID=1.2", "")).To(Equal("200 hello"))
		Expect(s.post(script+"SessionID=1.2", "MSG 2 A 2\r\nhi")).To(HavePrefix("503 "))
		Expect(s.post(script+"Action=poll&SessionID=1.2", "")).To(Equal("lost"))
	})

	It("takes, lists and forgets faults while it runs", func() {
		s := startProxy("forward")
		const fault = "hop 0: on request 2, forward: close"
		Expect(s.ask()).To(Equal("200 hello"))
		code, _ := s.tell(http.MethodPost, fault)
		Expect(code).To(Equal(200))
		Expect(s.ask()).To(Equal("200 hello"), "requests count from the arming")
		Expect(s.ask()).To(Equal("lost"))
		Expect(s.delivered.Load()).To(BeEquivalentTo(2))
		code, list := s.tell(http.MethodGet, "")
		Expect(code).To(Equal(200))
		Expect(list).To(MatchJSON(`[{"fault": "` + fault + `", "counted": 2, "connections": [3]}]`))
		code, list = s.tell(http.MethodDelete, "")
		Expect(code).To(Equal(200))
		Expect(list).To(MatchJSON(`[]`))
		Expect(s.ask()).To(Equal("200 hello"))
	})

	It("points at mistakes in what it is told, and arms nothing then", func() {
		s := startProxy("forward")
		code, text := s.tell(http.MethodPost, "hop 0: on request 1, answer: reset\nhop 1: on request 1, answer: reset")
		Expect(code).To(Equal(400))
		Expect(text).To(ContainSubstring("there is no such hop"))
		code, _ = s.tell(http.MethodDelete, "hop 0: on request 9, answer: reset")
		Expect(code).To(Equal(404))
		Expect(s.ask()).To(Equal("200 hello"))
	})

	It("runs chains and profiles", func() {
		s := startProxy("forward via x -> profile squid")
		Expect(s.ask()).To(Equal("200 hello 1.1 x, 1.1 squid"))
	})

	It("warns where others can reach it", func() {
		s := startProxy("forward", "--listen", "0.0.0.0:0")
		Expect(s.Err).To(gbytes.Say("gauntlet: warning: 0.0.0.0 is not on the loopback interface"))
	})

	It("leads nobody to its control, or round to itself", func() {
		s := startProxy("forward", "--to", "")
		for _, target := range []string{s.control, strings.Replace(s.control, "127.0.0.1", "localhost", 1), "http://" + s.listens + "/"} {
			resp, err := s.proxied.Get(target)
			Expect(err).NotTo(HaveOccurred())
			resp.Body.Close()
			Expect(resp.StatusCode).To(BeNumerically(">=", 500), target)
		}
		Expect(s.askThrough("CONNECT " + strings.TrimSuffix(strings.TrimPrefix(s.control, "http://"), "/faults"))).NotTo(ContainSubstring(" 200 "))
	})

	It("leads others to nothing of this machine, but where that is allowed", func() {
		s := startProxy("forward", "--to", "", "--listen", "0.0.0.0:0")
		Expect(s.Err).To(gbytes.Say("reach through it every public address, in this machine's name"))
		resp, err := s.proxied.Get(s.origin)
		Expect(err).NotTo(HaveOccurred())
		resp.Body.Close()
		Expect(resp.StatusCode).To(BeNumerically(">=", 500))
		Expect(s.askThrough("CONNECT " + strings.TrimPrefix(s.origin, "http://"))).NotTo(ContainSubstring(" 200 "))
		Expect(s.delivered.Load()).To(BeZero())

		s = startProxy("forward", "--to", "", "--listen", "0.0.0.0:0", "--allow", "127.0.0.0/8")
		resp, err = s.proxied.Get(s.origin)
		Expect(err).NotTo(HaveOccurred())
		resp.Body.Close()
		Expect(resp.StatusCode).To(Equal(200))
	})

	It("arms ten thousand faults at once", func() {
		s := startProxy("forward")
		var lines strings.Builder
		for i := range 10_000 {
			fmt.Fprintf(&lines, "hop 0: on request %d, answer: reset\n", i+1000)
		}
		code, _ := s.tell(http.MethodPost, lines.String())
		Expect(code).To(Equal(200))
		code, _ = s.tell(http.MethodDelete, "")
		Expect(code).To(Equal(200))
		Expect(s.ask()).To(Equal("200 hello"))
	})

	It("warns where one machine cannot have several addresses", func() {
		s := startProxy("forward egress 3")
		Expect(s.Err).To(gbytes.Say("gauntlet: warning: forward egress 3: all 3 addresses are this machine's one here"))
		Expect(s.ask()).To(Equal("200 hello"))
	})

	It("says in one line what cannot be", func() {
		for _, args := range [][]string{
			{"proxy", "froward"}, {"proxy", "direct"}, {"proxy", "relay"}, {"proxy", "portal -> forward"}, {"proxy", "profile squib"},
			{"proxy", "forward", "--fault", "hop 1: on request 1, answer: reset"}, {"proxy", "forward", "--to", "nowhere"}, {"proxy", "forward", "--allow", "somewhere"},
			{"proxy", "forward", "--control", "0.0.0.0:0"}, {"fingerprint", "forward vai"}, {"fingerprint"}, {"fingerprint", "squid", "--all"},
		} {
			c := gauntlet(args...)
			Expect(c.code).To(Equal(2), strings.Join(args, " "))
			Expect(strings.Count(c.stderr, "\n")).To(Equal(1), c.stderr)
		}
	})
})

var _ = Describe("gauntlet fingerprint", Label("box", "command", "fingerprint"), func() {
	It("shows that every profile is as it was stored", func() {
		c := gauntlet("fingerprint", "--all", "--json")
		Expect(c.code).To(Equal(0), c.stderr)
		Expect(c.stdout).To(ContainSubstring(`"id": "squid"`))
		Expect(strings.Count(c.stdout, `"equals_stored": true`)).To(Equal(len(profiled())))
		Expect(c.stdout).NotTo(ContainSubstring(`"equals_stored": false`))
	})

	It("prints a table for any box", func() {
		c := gauntlet("fingerprint", "forward via x lower-case-names")
		Expect(c.code).To(Equal(0), c.stderr)
		Expect(c.stdout).To(MatchRegexp(`(?m)^request fields added +via$`))
		Expect(c.stdout).To(MatchRegexp(`(?m)^answer names +lower case$`))
	})
})
