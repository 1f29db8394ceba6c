package specs

import (
	"context"
	"crypto/x509"
	"errors"
	"os"
	"slices"
	"sync"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"gauntlet/harness/judge/oracle"
	"gauntlet/harness/msn/msnp"
	"gauntlet/harness/run/rig"
)

// realPlayer is a program that sends what a real client sent, field by field,
// when its user wants something. It finds gateway and login services by their
// names, or through its proxy, and trusts the file that it is given.
type realPlayer struct {
	client realClient
	say    func(any)

	mu    sync.Mutex // of all that follows: it polls by itself
	heard map[*realSession]*msnp.Decoder
	ns    *realSession
	chat  *realSession
	trid  int
}

// playReal performs what it is told as the real client of that name. A mistake
// ends the program.
func playReal(name string) {
	RegisterFailHandler(func(message string, _ ...int) { panic(message) })
	all := append(realClients(), strangers()...)
	at := slices.IndexFunc(all, func(c realClient) bool { return c.name == name })
	p := &realPlayer{client: all[at], say: speaker(os.Stdout), heard: map[*realSession]*msnp.Decoder{}, trid: 100}
	obeys(p.say, name, p.obey)
}

func (p *realPlayer) obey(o order) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	switch o.Type {
	case "connect":
		p.ns = p.way(o).signsIn(p.client)
		p.ns.hasContacts()
		go p.polls()
	case "call":
		p.chat = p.ns.calls()
	case "send":
		p.trid++
		p.chat.tells(p.trid, o.Text)
	case "leave":
		p.chat.says("OUT\r\n")
		p.chat = nil
	case "sign out":
		p.ns.leaves()
		p.ns = nil
	default:
		return errors.New("nobody was seen to do that")
	}
	return nil
}

func (p *realPlayer) way(o order) *realWay {
	w := &realWay{net: &plainly{}, roots: x509.NewCertPool()}
	text, err := os.ReadFile(os.Args[1])
	Expect(err).NotTo(HaveOccurred())
	Expect(w.roots.AppendCertsFromPEM(text)).To(BeTrue())
	if o.Proxy != nil && o.Proxy.Enabled {
		w.proxy = o.Proxy.Address
	}
	return w
}

// polls asks both servers every two seconds, as such clients do.
func (p *realPlayer) polls() {
	for {
		time.Sleep(2 * time.Second) // this is a program, and its time is real
		p.mu.Lock()
		for _, s := range []*realSession{p.ns, p.chat} {
			if s != nil {
				s.polls()
				p.attends(s)
			}
		}
		p.mu.Unlock()
	}
}

// attends does what a client does by itself: it answers challenges, and shows
// messages.
func (p *realPlayer) attends(s *realSession) {
	if p.heard[s] == nil {
		p.heard[s] = &msnp.Decoder{From: msnp.Server}
	}
	p.heard[s].Feed([]byte(s.heard))
	s.heard = ""
	for {
		c, more, err := p.heard[s].Next()
		Expect(err).NotTo(HaveOccurred())
		if !more {
			return
		}
		switch c.Name {
		case "CHL":
			p.trid++
			s.says(string(msnp.ChallengeAnswer(uint32(p.trid), c.Arg(1)).Bytes()))
		case "MSG":
			if m, err := msnp.ParseMessage(c.Payload); err == nil && m.IsText() {
				p.say(map[string]any{"type": "received", "from": c.Arg(0), "text": m.Text})
			}
		}
	}
}

const aRealChat = `
id: real-direct
title: signs in by its login, chats, and leaves
why: this is what people do with it
proves: [command.carried-out, exchange.form, answer.delivered]
chain: []
workload: [sign in, stay 3s, open chat, send 2 messages, hear 2 messages, leave chat, sign out]
---
id: real-forward
title: the same through a proxy, the login by CONNECT
why: this is where they do it
proves: [command.carried-out, exchange.form, answer.delivered]
chain: [forward port 8080]
workload: [sign in, stay 3s, open chat, send 2 messages, hear 2 messages, leave chat, sign out]
---
id: real-intercept
title: the same where somebody intercepts
why: they do not know of it
proves: [command.carried-out, exchange.form, answer.delivered]
chain: [intercept]
workload: [sign in, stay 3s, open chat, send 2 messages, hear 2 messages, leave chat, sign out]
`

var _ = Describe("Real MSN clients in a namespace", waits, Label("gateway", "messenger", "login"), func() {
	BeforeEach(func() {
		err := rig.CheckMode(context.Background(), rig.Netns)
		skipUnless(err == nil, "needs namespaces of its own")
	})

	// MSNP8, MSNP12 and MSNP18.
	for _, name := range []string{"the official client 5", "aMSN", "libmsn"} {
		It(name+" finds gateway and login by their names, or through a proxy, and breaks nothing that it has to keep", func() {
			dir := GinkgoT().TempDir()
			file := clientFile(dir, "real", `"{{.Proxy}}"`, `"{{.CA}}"`, animalVariable+": real", animalVariable+": real "+name)
			call := gauntletIn(dir, "certify", "--json", "--client", file, "--file", caseFile(dir, aRealChat))
			Expect(call.code).To(BeZero(), call.stdout+call.stderr)
			Expect(call.results()).To(HaveEach(And(HaveField("Mode", rig.Netns), HaveField("Status", oracle.Pass))))
		})
	}
})
