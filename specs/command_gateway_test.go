//go:build unix

package specs

import (
	"bufio"
	"cmp"
	"context"
	"crypto/tls"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"regexp"
	"strings"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	"github.com/onsi/gomega/gbytes"
	"github.com/onsi/gomega/gexec"

	"gauntlet/harness/msn/client"
	"gauntlet/proxies"
	"gauntlet/proxies/network"
)

// startGateway runs `gauntlet gateway` on free ports until the spec ends.
func startGateway(flags ...string) *gexec.Session {
	GinkgoHelper()
	s, err := gexec.Start(exec.Command(command, append([]string{"gateway", "--listen", "127.0.0.1:0"}, flags...)...), nil, nil)
	Expect(err).NotTo(HaveOccurred())
	DeferCleanup(func() { s.Kill().Wait("5s") })
	Eventually(s.Out, soonEnough, "5ms").Should(gbytes.Say("ready: "))
	return s
}

// saysWhere finds in what a program has printed what comes behind words.
func saysWhere(s *gexec.Session, words string) string {
	GinkgoHelper()
	found := regexp.MustCompile(regexp.QuoteMeta(words) + `([^\s,]+)`).FindStringSubmatch(string(s.Out.Contents()))
	Expect(found).To(HaveLen(2), string(s.Out.Contents()))
	return found[1]
}

// person is a user of the reference client whose HTTP proxy is the gateway.
func person(email, gateway string, heard chan<- string) *client.User {
	u := client.NewUser(client.Options{
		Network: &network.Loopback{}, Route: proxies.Route{Kind: proxies.HTTPProxy, Proxy: gateway}, Email: email,
		Report: func(r client.Report) {
			if r.Kind == client.Received {
				heard <- r.Text
			}
		},
	})
	DeferCleanup(u.Close)
	return u
}

// chatsThrough lets alice and bob sign in and talk.
func chatsThrough(gateway string) {
	GinkgoHelper()
	ctx, cancel := context.WithTimeout(context.Background(), soonEnough)
	defer cancel()
	atAlice, atBob := make(chan string, 9), make(chan string, 9)
	alice, bob := person("alice@example.com", gateway, atAlice), person("bob@example.com", gateway, atBob)
	Expect(bob.SignIn(ctx)).To(Succeed())
	Expect(alice.SignIn(ctx)).To(Succeed())
	called := make(chan *client.Chat, 1)
	go func() {
		defer GinkgoRecover()
		chat, err := bob.Invited(ctx)
		Expect(err).NotTo(HaveOccurred())
		called <- chat
	}()
	calls, err := alice.Call(ctx, "bob@example.com")
	Expect(err).NotTo(HaveOccurred())
	var answers *client.Chat
	Eventually(called, soonEnough).Should(Receive(&answers))
	Expect(calls.Send("is this real?")).To(Succeed())
	Eventually(atBob, soonEnough).Should(Receive(Equal("is this real?")))
	Expect(answers.Send("as real as TCP")).To(Succeed())
	Eventually(atAlice, soonEnough).Should(Receive(Equal("as real as TCP")))
	Expect(calls.Leave(ctx)).To(Succeed())
	Expect(alice.SignOut(ctx)).To(Succeed())
	Expect(bob.SignOut(ctx)).To(Succeed())
}

// dispatchTo is a dispatch server (S6): it agrees on a version and sends whoever
// wants to sign in to another address, or to its own.
func dispatchTo(address string) string {
	GinkgoHelper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	Expect(err).NotTo(HaveOccurred())
	DeferCleanup(l.Close)
	address = cmp.Or(address, l.Addr().String())
	go func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			go dispatches(conn, address)
		}
	}()
	return l.Addr().String()
}

func dispatches(conn net.Conn, to string) {
	defer conn.Close()
	lines := bufio.NewScanner(conn)
	for lines.Scan() {
		switch words := append(strings.Fields(lines.Text()), "", "", ""); words[0] {
		case "VER":
			_, _ = fmt.Fprintf(conn, "VER %s MSNP8\r\n", words[1])
		case "CVR":
			_, _ = fmt.Fprintf(conn, "CVR %s 1.0 1.0 1.0 x y\r\n", words[1])
		case "USR":
			_, _ = fmt.Fprintf(conn, "XFR %s NS %s 0 %s\r\n", words[1], to, conn.LocalAddr())
		}
	}
}

// firstID is the SessionID that a gateway gives to its first session.
func firstID(flags ...string) string {
	GinkgoHelper()
	address := saysWhere(startGateway(flags...), "gateway: HTTP on ")
	resp, err := http.Post("http://"+address+"/gateway/gateway.dll?Action=open&Server=NS&IP=messenger.hotmail.com", "", strings.NewReader("VER 1 MSNP8 CVR0\r\n"))
	Expect(err).NotTo(HaveOccurred())
	defer resp.Body.Close()
	return resp.Header.Get("X-MSN-Messenger")
}

var _ = Describe("gauntlet gateway", Label("gateway", "command"), func() {
	It("gives SessionIDs that nobody can foresee, unless a seed is given", func() {
		Expect(firstID()).NotTo(Equal(firstID()))
		Expect(firstID("--seed", "5")).To(And(HavePrefix("SessionID="), Equal(firstID("--seed", "5"))))
	})

	It("carries a sign-in and a chat with a messenger of its own, and counts them", func() {
		s := startGateway("--metrics", "127.0.0.1:0", "--log", "json")
		chatsThrough(saysWhere(s, "gateway: HTTP on "))
		resp, err := http.Get(saysWhere(s, "metrics: "))
		Expect(err).NotTo(HaveOccurred())
		defer resp.Body.Close()
		text, err := io.ReadAll(resp.Body)
		Expect(err).NotTo(HaveOccurred())
		Expect(string(text)).To(And(
			ContainSubstring(`gauntlet_gateway_sessions_opened_total{server="NS"} 2`),
			ContainSubstring(`gauntlet_gateway_sessions_opened_total{server="SB"} 2`),
			ContainSubstring(`gauntlet_gateway_requests_total{action="open",server="SB"} 2`),
			MatchRegexp(`process_resident_memory_bytes [1-9]`)))
		Eventually(s.Err, soonEnough).Should(gbytes.Say(`"msg":"session identified","session":\d+,"server":"NS","user":"bob@example.com"`))
	})

	It("speaks every version that its messenger does, and names a switchboard that leads to itself", func() {
		s := startGateway()
		conn, err := net.Dial("tcp", saysWhere(s, "gateway: HTTP on "))
		Expect(err).NotTo(HaveOccurred())
		defer conn.Close()
		session := (&rawClient{Conn: conn}).opens(dispatch, "Server=NS&IP=messenger.hotmail.com", "VER 1 MSNP18 MSNP12 MSNP8 CVR0\r\n")
		for _, command := range []string{"USR 2 SSO I alice@example.com\r\n", "USR 3 SSO S t=any&p= any\r\n", "CHG 4 NLN 0:0\r\n", "XFR 5 SB\r\n"} {
			session.says(command)
		}
		Eventually(func() string { session.polls(); return session.heard }, soonEnough).Should(And(
			HavePrefix("VER 1 MSNP18\r\n"), ContainSubstring("XFR 5 SB 127.0.0.1:1863 CKI ")))
	})

	It("carries them to an MSNP server over TCP in another process", func() {
		server := startGateway("--messenger", "127.0.0.1:0")
		front := startGateway("--upstream", saysWhere(server, "MSNP over TCP on "))
		chatsThrough(saysWhere(front, "gateway: HTTP on "))
		Eventually(func() int { return strings.Count(string(front.Err.Contents()), "session opened") }, soonEnough).Should(Equal(4))
		Expect(string(server.Err.Contents())).NotTo(ContainSubstring("session opened"), "the other one's gateway has nothing to do with it")
	})

	It("signs users in where a dispatch server sends them, and never sends them on itself", proves(6), func() {
		server := startGateway("--messenger", "127.0.0.1:0")
		dispatch := dispatchTo(saysWhere(server, "MSNP over TCP on "))
		front := startGateway("--upstream", dispatch)
		chatsThrough(saysWhere(front, "gateway: HTTP on "))
		Eventually(front.Err, soonEnough).Should(gbytes.Say("upstream sends a client on"))
	})

	It("ends the session of a client that is sent in a circle", func() {
		front := startGateway("--upstream", dispatchTo(""))
		conn, err := net.Dial("tcp", saysWhere(front, "gateway: HTTP on "))
		Expect(err).NotTo(HaveOccurred())
		defer conn.Close()
		session := (&rawClient{Conn: conn}).opens(dispatch, "Server=NS&IP=messenger.hotmail.com", "VER 1 MSNP8 CVR0\r\n")
		session.says("USR 2 TWN I alice@example.com\r\n")
		Eventually(front.Err, soonEnough).Should(gbytes.Say("which was asked already"))
		Expect(session.heard).NotTo(ContainSubstring("XFR"))
	})

	It("reaches no switchboard that the server has not named", func() {
		server := startGateway("--messenger", "127.0.0.1:0")
		front := startGateway("--upstream", saysWhere(server, "MSNP over TCP on "))
		resp, err := http.Post("http://"+saysWhere(front, "gateway: HTTP on ")+"/gateway/gateway.dll?Action=open&Server=SB&IP=127.0.0.1", "", strings.NewReader("USR 1 a b\r\n"))
		Expect(err).NotTo(HaveOccurred())
		Expect(resp.Body.Close()).To(Succeed())
		Expect(resp.StatusCode).To(Equal(http.StatusBadGateway))
		Eventually(front.Err, soonEnough).Should(gbytes.Say("no switchboard at .*127.0.0.1.* was named"))
	})

	It("says what to do when the server behind it is down", func() {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		Expect(err).NotTo(HaveOccurred())
		front := startGateway("--upstream", l.Addr().String())
		Expect(l.Close()).To(Succeed())
		resp, err := http.Post("http://"+saysWhere(front, "gateway: HTTP on ")+"/gateway/gateway.dll?Action=open&Server=NS&IP=x", "", strings.NewReader("VER 1 MSNP8 CVR0\r\n"))
		Expect(err).NotTo(HaveOccurred())
		Expect(resp.Body.Close()).To(Succeed())
		Expect(resp.StatusCode).To(Equal(http.StatusBadGateway))
		Eventually(front.Err, soonEnough).Should(gbytes.Say("is the MSNP server up"))
	})

	It("tells every client before it goes", func() {
		s := startGateway("--farewell", "1m")
		address := saysWhere(s, "gateway: HTTP on ")
		conn, err := net.Dial("tcp", address)
		Expect(err).NotTo(HaveOccurred())
		defer conn.Close()
		session := (&rawClient{Conn: conn}).opensNS()
		s.Interrupt()
		Eventually(s.Err, soonEnough).Should(gbytes.Say("shutting down"))
		// A poll may still come before the farewell, which begins behind that line.
		Eventually(func() string { return session.polls().element("Session") }, soonEnough).Should(Equal("close"))
		Expect(session.heard).To(HaveSuffix("OUT SSD\r\n"))
		Eventually(s, soonEnough).Should(gexec.Exit(0))
	})

	It("keeps its limits", func() {
		s := startGateway("--max-sessions", "1", "--per-address", "2", "--max-body", "1KiB")
		script := "http://" + saysWhere(s, "gateway: HTTP on ") + "/gateway/gateway.dll?Action=open&Server=NS&IP=x"
		status := func(body string) int {
			resp, err := http.Post(script, "", strings.NewReader(body))
			Expect(err).NotTo(HaveOccurred())
			Expect(resp.Body.Close()).To(Succeed())
			return resp.StatusCode
		}
		Expect(status(strings.Repeat("A", 1025))).To(Equal(http.StatusRequestEntityTooLarge))
		Expect(status("VER 1 MSNP8 CVR0\r\n")).To(Equal(http.StatusOK))
		Expect(status("VER 1 MSNP8 CVR0\r\n")).To(Equal(http.StatusServiceUnavailable))
	})

	It("keeps them for those who come to its messenger over TCP", func() {
		s := startGateway("--messenger", "127.0.0.1:0", "--per-address", "3", "--metrics", "127.0.0.1:0")
		signs, chat, served := saysWhere(s, "MSNP over TCP on "), saysWhere(s, "switchboard on "), 0
		for _, door := range []string{signs, signs, chat, chat, chat} {
			conn, err := net.Dial("tcp", door)
			Expect(err).NotTo(HaveOccurred())
			DeferCleanup(conn.Close)
			_, err = conn.Write([]byte(map[string]string{signs: "VER 1 MSNP8 CVR0\r\n", chat: "ANS 1 bob@example.com 1 1\r\n"}[door]))
			if err == nil {
				_, err = conn.Read(make([]byte, 1))
			}
			if err == nil {
				served++
			}
		}
		Expect(served).To(Equal(3))
		resp, err := http.Get(saysWhere(s, "metrics: "))
		Expect(err).NotTo(HaveOccurred())
		defer resp.Body.Close()
		text, err := io.ReadAll(resp.Body)
		Expect(err).NotTo(HaveOccurred())
		Expect(string(text)).To(ContainSubstring(`gauntlet_gateway_requests_refused_total{status="429",why="too many sessions of one address"} 2`))
	})

	It("tells whom to help when a client speaks the wrong protocol", func() {
		s := startGateway("--messenger", "127.0.0.1:0")
		_, err := tls.Dial("tcp", saysWhere(s, "gateway: HTTP on "), &tls.Config{MinVersion: tls.VersionTLS12})
		Expect(err).To(HaveOccurred())
		Eventually(s.Err, soonEnough).Should(gbytes.Say("a client speaks TLS to the port for HTTP: use http:// and not https://"))
		_, err = http.Get("http://" + saysWhere(s, "MSNP over TCP on "))
		Expect(err).To(HaveOccurred())
		Eventually(s.Err, soonEnough).Should(gbytes.Say("a client speaks HTTP to the port for MSNP"))
	})

	DescribeTable("refuses, in one line that says what to do,",
		func(want string, args ...string) {
			Expect(gauntlet(append([]string{"gateway"}, args...)...).complaint()).To(ContainSubstring(want))
		},
		Entry("an unknown dialect", `no dialect "msn"`, "--dialect", "msn"),
		Entry("an unknown knob", `no knob "colour"`, "--knob", "colour=red"),
		Entry("half a knob", `want name=value`, "--knob", "id"),
		Entry("a size that is none", `--max-body "much": want a number of bytes`, "--max-body", "much"),
		Entry("an account that is none", `--account "alice": want email or email:password`, "--account", "alice"),
		Entry("an upstream without a port", `want host:port`, "--upstream", "messenger.example.com"),
		Entry("an upstream with accounts", `--upstream has accounts of its own`, "--upstream", "a:1863", "--account", "a@b"),
		Entry("an unknown log form", `no form "xml"`, "--log", "xml"),
	)

	It("refuses a port that is taken, and one that it may not have", func() {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		Expect(err).NotTo(HaveOccurred())
		defer l.Close()
		Expect(gauntlet("gateway", "--listen", l.Addr().String()).complaint()).To(ContainSubstring("something else listens there: choose another port, or 0"))
		if os.Geteuid() == 0 {
			return // who may everything cannot be refused
		}
		Expect(gauntlet("gateway", "--listen", "127.0.0.1:80").complaint()).To(ContainSubstring("ports below 1024 need a permission"))
	})

	It("warns when others can reach it", func() {
		s := startGateway("--listen", "0.0.0.0:0", "--messenger", "0.0.0.0:0")
		Eventually(s.Err, soonEnough).Should(gbytes.Say("warning: 0.0.0.0:0 is not on the loopback interface"))
		for _, words := range []string{"gateway: HTTP on ", "set the client's HTTP proxy to ", "MSNP over TCP on ", "switchboard on "} {
			host, _, err := net.SplitHostPort(saysWhere(s, words))
			Expect(err).NotTo(HaveOccurred())
			Expect(net.ParseIP(host).IsUnspecified()).To(BeFalse(), "nobody can connect to %s", host)
		}
	})
})
