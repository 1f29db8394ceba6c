package specs

import (
	"bufio"
	"context"
	"encoding/base64"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"sync"

	"github.com/Azure/go-ntlmssp"
	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"gauntlet/harness/judge/history"
	"gauntlet/harness/judge/oracle"
	"gauntlet/harness/msn/builtin"
	"gauntlet/harness/msn/client"
	"gauntlet/harness/msn/servers"
	"gauntlet/harness/run/adapter"
	"gauntlet/harness/run/rig"
	"gauntlet/proxies/http1"
	"gauntlet/proxies/network"
)

// overNTLM is the reference client on connections that go through NTLM with their
// first request. One that reuses its proof shows on each what let it in on the first.
func overNTLM(reuses bool) adapter.Factory {
	return builtin.New(func(o *client.Options) {
		o.Network = &ntlmNetwork{Network: o.Network, user: o.Route.User, password: o.Route.Password, reuses: reuses}
		o.Route.User = ""
	})
}

type ntlmNetwork struct {
	network.Network
	user, password string
	reuses         bool

	mu    sync.Mutex
	proof string // the newest
}

func (n *ntlmNetwork) DialContext(ctx context.Context, kind, address string) (net.Conn, error) {
	conn, err := n.Network.DialContext(ctx, kind, address)
	if err != nil {
		return nil, err
	}
	return &ntlmConn{Conn: conn, on: n, in: bufio.NewReader(conn)}, nil
}

// ntlmConn is one connection. The reference client writes each request in one go.
type ntlmConn struct {
	net.Conn
	on    *ntlmNetwork
	in    *bufio.Reader
	known bool
}

func (c *ntlmConn) Read(p []byte) (int, error) { return c.in.Read(p) }

func (c *ntlmConn) Write(p []byte) (int, error) {
	if c.known {
		return c.Conn.Write(p)
	}
	raw, body, _ := strings.Cut(string(p), "\r\n\r\n")
	head := http1.Parse([]byte(raw + "\r\n\r\n"))
	proof, err := c.prove(head)
	if err != nil {
		return 0, err
	}
	c.known = true
	head.Add("Proxy-Authorization", proof)
	if _, err := c.Conn.Write(append(head.Bytes(), body...)); err != nil {
		return 0, err
	}
	return len(p), nil
}

// prove goes through the first two messages, by a request without its body, and gives
// the third.
func (c *ntlmConn) prove(head http1.Head) (string, error) {
	c.on.mu.Lock()
	defer c.on.mu.Unlock()
	if c.on.reuses && c.on.proof != "" {
		return c.on.proof, nil
	}
	hello, err := ntlmssp.NewNegotiateMessage("", "")
	if err != nil {
		return "", err
	}
	head = http1.Parse(head.Bytes())
	head.Set("Content-Length", "0")
	head.Add("Proxy-Authorization", "NTLM "+base64.StdEncoding.EncodeToString(hello))
	if _, err := c.Conn.Write(head.Bytes()); err != nil {
		return "", err
	}
	asked, err := http.ReadResponse(c.in, nil)
	if err != nil {
		return "", err
	}
	if _, err := io.Copy(io.Discard, asked.Body); err != nil {
		return "", err
	}
	challenge, err := base64.StdEncoding.DecodeString(strings.TrimPrefix(asked.Header.Get("Proxy-Authenticate"), "NTLM "))
	if err != nil {
		return "", err
	}
	message, err := ntlmssp.NewAuthenticateMessage(challenge, c.on.user, c.on.password, nil)
	c.on.proof = "NTLM " + base64.StdEncoding.EncodeToString(message)
	return c.on.proof, err
}

// answersOn are the statuses that each of the client's connections got, in order.
func answersOn(events []history.Event) (list []string) {
	for _, c := range history.Connections(events, 0) {
		var on []string
		for _, x := range c.Exchanges {
			on = append(on, fmt.Sprint(x.Status))
		}
		list = append(list, strings.Join(on, " "))
	}
	return list
}

var _ = Describe("A box that wants NTLM", Label("box"), func() {
	const letIn = `^407 200( 200)*( 0)?$` // the last may be lost

	It("lets a client in that knows how, on each connection anew, so that a lost one ends no session", inVirtualTime(func() {
		journey := journey{through: "forward ntlm alice:secret port 8080", fault: "hop 0: on MSG 2, answer: reset", by: overNTLM(false)}.travel()
		Expect(journey.Faults[0].Fired).To(Equal(1))
		answers := answersOn(journey.Run.Events)
		Expect(len(answers)).To(BeNumerically(">", 1))
		Expect(answers).To(HaveEach(MatchRegexp(letIn)))
		journey.session("SB")
		Expect(journey.result.Failures()).To(BeEmpty())
		Expect(journey.verdict("connection.session-survives").Status).To(Equal(oracle.Pass))
	}))

	It("does not know a client again that shows what let it in on a connection before", inVirtualTime(func() {
		journey := journey{through: "forward ntlm alice:secret port 8080", fault: "hop 0: on NS poll 3, answer: reset", by: overNTLM(true)}.travel()
		answers := answersOn(journey.Run.Events)
		Expect(answers[0]).To(MatchRegexp(letIn))
		Expect(answers[1:]).To(HaveEach(MatchRegexp(`^407( 407)*$`)))
		Expect(journey.result.Failures()).To(ContainElement(HaveField("Requirement", BeEquivalentTo("connection.session-survives"))))
	}))

	It("does so on real sockets", waits, func() {
		c := journey{through: "forward ntlm alice:secret", fault: "hop 0: on NS poll 1, answer: reset", doing: []string{"sign in", "stay 4s", "sign out"}}.asCase()
		o := rig.One(context.Background(), c, rig.Options{Speaks: servers.MSN(), Mode: rig.Loopback, Client: overNTLM(false)})
		Expect(o.Result.Status).To(Equal(oracle.Pass), o.Result.Reason)
		answers := answersOn(o.Events)
		Expect(len(answers)).To(BeNumerically(">", 1))
		Expect(answers).To(HaveEach(MatchRegexp(letIn)))
	})
})
