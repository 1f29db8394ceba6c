//go:build unix

package specs

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os/exec"
	"regexp"
	"strings"
	"syscall"
	"time"

	toxiproxy "github.com/Shopify/toxiproxy/v2/client"
	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	"github.com/onsi/gomega/gbytes"
	"github.com/onsi/gomega/gexec"

	"gauntlet/proxies/network"
)

// patience is there only for what hangs.
const patience = 3 * time.Minute

// toxic is `gauntlet proxy --api` at work before a server that echoes.
type toxic struct {
	*gexec.Session
	*toxiproxy.Client
	api    string // host:port
	server *echo
}

func startToxic(args ...string) *toxic {
	GinkgoHelper()
	t := &toxic{server: newEcho()}
	var err error
	t.Session, err = gexec.Start(exec.Command(command, append([]string{"proxy", "--api", "127.0.0.1:0"}, args...)...), nil, nil)
	Expect(err).NotTo(HaveOccurred())
	DeferCleanup(func() { t.Session.Kill().Wait(patience) })
	Eventually(t.Out, patience, "5ms").Should(gbytes.Say("ready\n"))
	t.api = regexp.MustCompile(`api: http://(\S+)`).FindStringSubmatch(string(t.Out.Contents()))[1]
	t.Client = toxiproxy.NewClient(t.api)
	return t
}

// proxy is a new one before the server.
func (t *toxic) proxy(name string) *toxiproxy.Proxy {
	GinkgoHelper()
	p, err := t.CreateProxy(name, "127.0.0.1:0", t.server.Addr().String())
	Expect(err).NotTo(HaveOccurred())
	return p
}

// reserved is an address for a proxy that leaves it and comes back.
func reserved() string {
	GinkgoHelper()
	address, release, err := network.Reserve()
	Expect(err).NotTo(HaveOccurred())
	DeferCleanup(release)
	return address
}

// ask sends a request and gives the status and the error that comes back.
func (t *toxic) ask(method, path, body string, header ...string) (int, string) {
	GinkgoHelper()
	r, err := http.NewRequest(method, "http://"+t.api+path, strings.NewReader(body))
	Expect(err).NotTo(HaveOccurred())
	for i := 0; i < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	resp, err := http.DefaultClient.Do(r)
	Expect(err).NotTo(HaveOccurred())
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	Expect(err).NotTo(HaveOccurred())
	return resp.StatusCode, strings.TrimSpace(string(text))
}

// echo is a server that says what it is told, and of each connection tells all
// that it was.
type echo struct {
	net.Listener
	heard chan string
}

func newEcho() *echo {
	GinkgoHelper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	Expect(err).NotTo(HaveOccurred())
	DeferCleanup(l.Close)
	e := &echo{l, make(chan string, 100)}
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			go e.serve(c)
		}
	}()
	return e
}

func (e *echo) serve(c net.Conn) {
	defer c.Close()
	var all strings.Builder
	_, _ = io.Copy(c, io.TeeReader(c, &all)) // however it ends
	e.heard <- all.String()
}

// dialled is a connection through a proxy.
func dialled(p *toxiproxy.Proxy) net.Conn {
	GinkgoHelper()
	c, err := net.Dial("tcp", p.Listen)
	Expect(err).NotTo(HaveOccurred())
	DeferCleanup(func() { c.Close() })
	Expect(c.SetDeadline(time.Now().Add(patience))).To(Succeed())
	return c
}

// says sends text and gives what comes back until the end, and how that is.
func says(c net.Conn, text string) (back, end string) {
	GinkgoHelper()
	_, told := io.WriteString(c, text) // a reset is told once
	all, err := io.ReadAll(c)
	switch {
	case errors.Is(told, syscall.ECONNRESET), errors.Is(told, syscall.EPIPE), errors.Is(err, syscall.ECONNRESET):
		return string(all), "RST"
	case err == nil:
		return string(all), "FIN"
	}
	return string(all), err.Error()
}

// echoes checks that the connection carries text there and back, and says how long
// that takes.
func echoes(c net.Conn, text string) time.Duration {
	GinkgoHelper()
	began := time.Now()
	_, err := io.WriteString(c, text)
	Expect(err).NotTo(HaveOccurred())
	back := make([]byte, len(text))
	_, err = io.ReadFull(c, back)
	Expect(err).NotTo(HaveOccurred())
	Expect(string(back)).To(Equal(text))
	return time.Since(began)
}

// poisons are what each type of toxic does to a connection.
func poisons() map[string]func(t *toxic, c net.Conn) {
	atLeast := func(d time.Duration, text string) func(*toxic, net.Conn) {
		return func(_ *toxic, c net.Conn) { Expect(echoes(c, text)).To(BeNumerically(">=", d)) }
	}
	comes := func(text, back, end, heard string) func(*toxic, net.Conn) {
		return func(t *toxic, c net.Conn) {
			gotBack, gotEnd := says(c, text)
			Expect([]string{gotBack, gotEnd}).To(Equal([]string{back, end}))
			c.Close()
			Eventually(t.server.heard, patience).Should(Receive(Equal(heard)))
		}
	}
	late := func(_ *toxic, c net.Conn) {
		echoes(c, "hello")
		began := time.Now()
		Expect(c.(*net.TCPConn).CloseWrite()).To(Succeed())
		_, err := c.Read(make([]byte, 1))
		Expect(err).To(Equal(io.EOF))
		Expect(time.Since(began)).To(BeNumerically(">=", 300*time.Millisecond))
	}
	reset := func(_ *toxic, c net.Conn) {
		_, end := says(c, "hello")
		Expect(end).To(Equal("RST"))
	}
	long := strings.Repeat("x", 1000)
	return map[string]func(*toxic, net.Conn){
		`downstream latency {"latency": 300}`:                                          atLeast(300*time.Millisecond, "hello"),
		`upstream latency {"latency": 300, "jitter": 100}`:                             atLeast(200*time.Millisecond, "hello"),
		`downstream bandwidth {"rate": 2}`:                                             atLeast(400*time.Millisecond, long),
		`upstream bandwidth {"rate": 2}`:                                               atLeast(400*time.Millisecond, long),
		`downstream slow_close {"delay": 300}`:                                         late,
		`upstream slow_close {"delay": 300}`:                                           late,
		`downstream timeout {"timeout": 200}`:                                          comes("hello", "", "FIN", "hello"),
		`upstream timeout {"timeout": 200}`:                                            comes("hello", "", "FIN", ""),
		`downstream reset_peer {"timeout": 0}`:                                         reset,
		`upstream reset_peer {"timeout": 200}`:                                         reset,
		`downstream slicer {"average_size": 2, "size_variation": 1, "delay": 100000}`:  atLeast(100*time.Millisecond, "0123456789"),
		`upstream slicer {"average_size": 2, "delay": 50000}`:                          atLeast(200*time.Millisecond, "0123456789"),
		`downstream limit_data {"bytes": 3}`:                                           comes("hello", "hel", "FIN", "hello"),
		`upstream limit_data {"bytes": 5}`:                                             comes("hello, you", "", "FIN", "hello"),
		`downstream fault {"line": "hop 0: on connection 1: limit 2 bytes to client"}`: comes("hello", "he", "FIN", "hello"),
		`downstream fault {"line": "hop 0: on request 1, forward: status 503"}`: func(_ *toxic, c net.Conn) {
			const request = "GET / HTTP/1.1\r\nHost: x\r\n\r\n"
			_, err := io.WriteString(c, request)
			Expect(err).NotTo(HaveOccurred())
			line, err := bufio.NewReader(c).ReadString('\n')
			Expect(err).NotTo(HaveOccurred())
			Expect(line).To(HavePrefix("HTTP/1.1 503 "))
		},
	}
}

var _ = Describe("gauntlet proxy --api", Label("box", "command"), func() {
	for what, look := range poisons() {
		It("does what Toxiproxy's client asks for, to new connections and to open ones: "+what, func() {
			words := strings.SplitN(what, " ", 3)
			for _, open := range []bool{false, true} {
				t := startToxic()
				p := t.proxy("redis")
				var c net.Conn
				if open {
					c = dialled(p)
					echoes(c, "")
				}
				code, text := t.ask(http.MethodPost, "/proxies/redis/toxics", fmt.Sprintf(`{"stream": %q, "type": %q, "attributes": %s}`, words[0], words[1], words[2]))
				Expect(code).To(Equal(200), text)
				if !open {
					c = dialled(p)
				}
				look(t, c)
			}
		})
	}

	It("keeps proxies that Toxiproxy's client creates, moves, disables, lists and deletes", func() {
		t := startToxic()
		address := reserved()
		p, err := t.CreateProxy("redis", address, t.server.Addr().String())
		Expect(err).NotTo(HaveOccurred())
		c := dialled(p)
		echoes(c, "hello")
		Expect(p.Disable()).To(Succeed())
		_, end := says(c, "")
		Expect(end).To(BeElementOf("FIN", "RST"))
		_, err = net.Dial("tcp", address)
		Expect(err).To(MatchError(syscall.ECONNREFUSED))
		Expect(p.Enable()).To(Succeed())
		Expect(p.Listen).To(Equal(address))
		echoes(dialled(p), "hello")

		other := newEcho()
		p.Upstream = other.Addr().String()
		Expect(p.Save()).To(Succeed())
		says(halfClosed(dialled(p), "to the other"), "")
		Eventually(other.heard, patience).Should(Receive(Equal("to the other")))

		_, err = t.CreateProxy("redis", "127.0.0.1:0", t.server.Addr().String())
		Expect(err).To(MatchError(ContainSubstring("HTTP 409: proxy already exists")))
		all, err := t.Proxies()
		Expect(err).NotTo(HaveOccurred())
		Expect(all).To(HaveLen(1))
		Expect(all["redis"].Listen).To(Equal(address))
		Expect(p.Delete()).To(Succeed())
		_, err = t.Proxy("redis")
		Expect(err).To(MatchError(ContainSubstring("HTTP 404: proxy not found")))
		_, err = net.Dial("tcp", address)
		Expect(err).To(MatchError(syscall.ECONNREFUSED))
	})

	It("keeps toxics that Toxiproxy's client adds, updates, lists and removes, also from connections that are open", func() {
		t := startToxic()
		p := t.proxy("redis")
		c := dialled(p)
		echoes(c, "hello")
		const hour = 3600_000
		added, err := p.AddToxic("", "latency", "upstream", 1, toxiproxy.Attributes{"latency": hour})
		Expect(err).NotTo(HaveOccurred())
		Expect(added.Name).To(Equal("latency_upstream"))
		Expect(added.Attributes).To(Equal(toxiproxy.Attributes{"latency": float64(hour), "jitter": float64(0)}))
		updated, err := p.UpdateToxic("latency_upstream", -1, toxiproxy.Attributes{"latency": 200})
		Expect(err).NotTo(HaveOccurred())
		Expect(updated.Toxicity).To(BeEquivalentTo(1))
		Expect(echoes(c, "hello")).To(And(BeNumerically(">=", 200*time.Millisecond), BeNumerically("<", patience)))
		list, err := p.Toxics()
		Expect(err).NotTo(HaveOccurred())
		Expect(list).To(Equal(toxiproxy.Toxics{*updated}))

		_, err = p.UpdateToxic("latency_upstream", 1, toxiproxy.Attributes{"latency": hour})
		Expect(err).NotTo(HaveOccurred())
		_, err = io.WriteString(c, "held")
		Expect(err).NotTo(HaveOccurred())
		Expect(p.RemoveToxic("latency_upstream")).To(Succeed())
		back := make([]byte, 4)
		_, err = io.ReadFull(c, back)
		Expect(err).NotTo(HaveOccurred(), "what a toxic holds flows when it is removed")
		Expect(string(back)).To(Equal("held"))

		_, err = p.AddToxic("never", "timeout", "", 0, nil)
		Expect(err).NotTo(HaveOccurred())
		echoes(c, "hello")
		_, err = p.UpdateToxic("never", 1, nil)
		Expect(err).NotTo(HaveOccurred())
		Expect(t.ResetState()).To(Succeed())
		_, end := says(c, "")
		Expect(end).To(Equal("FIN"), "who has lost bytes is not left with half of what was said")
		list, err = p.Toxics()
		Expect(err).NotTo(HaveOccurred())
		Expect(list).To(BeEmpty())
		echoes(dialled(p), "hello")
	})

	It("strikes as many connections as toxicity says", func() {
		t := startToxic()
		p := t.proxy("redis")
		_, err := p.AddToxic("half", "limit_data", "downstream", 0.5, toxiproxy.Attributes{"bytes": 2})
		Expect(err).NotTo(HaveOccurred())
		struck := 0
		for range 40 {
			if back, _ := says(halfClosed(dialled(p), "hello"), ""); back == "he" {
				struck++
			}
		}
		Expect(struck).To(And(BeNumerically(">", 5), BeNumerically("<", 35)), "the seed decides, and it is always the same")
	})
})

// halfClosed is the connection when the text is said and there is no more to come.
func halfClosed(c net.Conn, text string) net.Conn {
	GinkgoHelper()
	_, err := io.WriteString(c, text)
	Expect(err).NotTo(HaveOccurred())
	Expect(c.(*net.TCPConn).CloseWrite()).To(Succeed())
	return c
}
