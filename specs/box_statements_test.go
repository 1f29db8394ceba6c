package specs

import (
	"fmt"
	"strings"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"gauntlet/harness/judge/history"
)

var _ = Describe("A forward proxy", Label("box"), func() {
	for _, port := range []int{1, 80, 1080, 1863, 3128, 8080, 65535} {
		It(fmt.Sprintf("carries a session on port %d", port), proves(25), throughBox(fmt.Sprintf("forward port %d", port), func(s *boxSite) {
			session := s.proxied().signsIn()
			session.says("OUT\r\n")
			Expect(s.dialled(rawHost)).To(HaveEach(fmt.Sprintf("%s:%d", boxHost, port)))
			Expect(s.dialled(boxHost)).To(HaveEach("gateway.messenger.hotmail.com:80"))
			Expect(s.happened(history.SignedOut)[0].Text).To(Equal("OUT"))
		}))
	}

	It("does another work than a SOCKS proxy: it sends each request where that says", proves(29), throughBox("forward port 1080", func(s *boxSite) {
		// Two sessions, with two servers, on one connection to the proxy.
		session := s.proxied().signsIn()
		_, ticket := session.ticketTo()
		chat := session.opens("http://10.9.0.2"+script, "Server=SB&IP=10.9.0.2", "USR 1 alice@example.com "+ticket+"\r\n")
		session.polls()
		chat.waitsFor("USR 1 OK")
		Expect(s.dialled(rawHost)).To(HaveLen(1))
		Expect(s.dialled(boxHost)).To(Equal([]string{"gateway.messenger.hotmail.com:80", "10.9.0.2:80"}))
	}))

	for version, words := range map[string][]string{
		"SOCKS5":  {"\x05\x01\x00", "\x05\x01\x00\x01\xcf\x2e\x6e\x12\x00\x50"},
		"SOCKS4":  {"\x04\x01\x00\x50\xcf\x2e\x6e\x12\x00"},
		"SOCKS4a": {"\x04\x01\x00\x50\x00\x00\x00\x01\x00gateway.messenger.hotmail.com\x00"},
	} {
		It("has no answer to "+version, proves(29), throughBox("forward port 1080", func(s *boxSite) {
			client := s.proxied()
			for _, word := range words {
				client.sends(word)
				bytes, _ := client.hears(time.Minute)
				Expect(bytes).To(BeEmpty())
			}
			// A client that speaks MSNP as soon as its SOCKS proxy lets it gets
			// an HTTP error, and has reached nobody.
			client.sends("VER 1 MSNP8 CVR0\r\n")
			bytes, ended := client.hears(seconds(1))
			Expect(bytes).To(HavePrefix("HTTP/1.1 400 Bad Request\r\n"))
			Expect(ended).To(BeTrue())
			Expect(s.dialled(boxHost)).To(BeEmpty())
		}))
	}

	It("is not required: without it the session is the same, byte for byte", proves(30), func() {
		var direct, proxied, heardDirect, heardProxied string
		atGateway("documented think=50ms", func(s *msnSite) { direct, heardDirect = s.client().signsIn().heard, s.heard() })()
		throughBox("forward port 8080", func(s *boxSite) { proxied, heardProxied = s.proxied().signsIn().heard, s.heard() })()
		Expect(direct).To(ContainSubstring("CHG 6 NLN"))
		Expect(proxied).To(Equal(direct))
		Expect(heardProxied).To(Equal(heardDirect))
	})
})

var _ = Describe("An intercepting proxy", Label("box"), func() {
	for _, routing := range []string{"host", "original destination"} {
		It("takes connections without the client's knowledge, by "+routing, proves(31), throughBox("intercept by "+routing, func(s *boxSite) {
			knowing := s.client().asks(post(dispatch+"?Action=open&Server=NS&IP=messenger.hotmail.com", "VER 1 MSNP8 CVR0\r\n"))
			s.intercepts()
			session := s.client().opensNS()
			answer := session.polls()

			// The client dials the gateway, and sees nothing else than it would there.
			Expect(s.dialled(rawHost)).To(HaveEach("gateway.messenger.hotmail.com:80"))
			anyID := strings.NewReplacer(knowing.id(), "ID", answer.id(), "ID", "Length: 18", "Length: N", "Length: 0", "Length: N", "00:00:01", "00:00:00")
			Expect(anyID.Replace(answer.head)).To(Equal(anyID.Replace(knowing.head)))

			// But the box took the connection, and knows where it was to go.
			taken := s.happened(history.Accepted)
			Expect(taken).To(HaveLen(1))
			Expect(taken[0].ID).To(Equal("10.9.0.80:80"))
		}))

		for form, base := range map[string]string{"origin-form": script, "absolute-form": dispatch} {
			It("carries a client that knows nothing of it, in "+form+", by "+routing, proves(32), throughBox("intercept by "+routing, func(s *boxSite) {
				s.intercepts()
				session := s.client().opens(base, "Server=NS&IP=messenger.hotmail.com", "VER 1 MSNP8 CVR0\r\n")
				for _, command := range signingIn() {
					session.says(command)
				}
				session.waitsFor("CHG 6 NLN")
				Expect(s.happened(history.SessionOpened)).To(HaveLen(1))
				Expect(s.dialled(boxHost)).NotTo(BeEmpty())
			}))
		}
	}

	It("that goes by Host sends a request to the host that it names", proves(32), throughBox("intercept by host", func(s *boxSite) {
		s.intercepts()
		client := s.raw("207.46.110.18:80")
		client.opens(script, "Server=NS&IP=messenger.hotmail.com", "VER 1 MSNP8 CVR0\r\n")
		Expect(s.dialled(boxHost)).To(Equal([]string{"gateway.messenger.hotmail.com:80"}))
	}))

	It("that goes by the original destination sends it there, whatever it names", proves(32), throughBox("intercept by original destination", func(s *boxSite) {
		s.intercepts()
		client := s.raw("207.46.110.18:80")
		client.opens(script, "Server=NS&IP=messenger.hotmail.com", "VER 1 MSNP8 CVR0\r\n")
		Expect(s.dialled(boxHost)).To(Equal([]string{"207.46.110.18:80"}))
	}))
})
