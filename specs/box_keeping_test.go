package specs

import (
	"strings"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"gauntlet/harness/judge/history"
)

// officialFields are what version 5 of the official client sends, in its order.
func officialFields() []string {
	return []string{
		"Accept: */*", "Accept-Language: en-us", "Accept-Encoding: gzip, deflate", "User-Agent: MSMSGS",
		"Proxy-Connection: Keep-Alive", "Connection: Keep-Alive", "Pragma: no-cache",
		"Content-Type: application/x-msn-messenger",
	}
}

// repeats sends the session's unanswered request again, on a connection of its
// own, after the proxy has closed the one that it was sent on.
func (s *rawSession) repeats(c *rawClient, commands string) {
	GinkgoHelper()
	s.ended()
	s.on(c).says(commands)
}

var _ = Describe("A proxy that closes connections in mid session", Label("box"), func() {
	It("between two requests leaves the session alive, by its id", proves(50), throughBox("forward port 8080", func(s *boxSite) {
		session := s.proxied().signsIn()
		time.Sleep(31 * time.Second)
		session.ended()
		session.on(s.proxied()).says("CHG 7 BSY\r\n")
		session.waitsFor("CHG 7 BSY")
		Expect(s.happened(history.SessionOpened)).To(HaveLen(1))
		Expect(s.happened(history.SignedOut)).To(BeEmpty())
	}, "hop 0: after idle 30s: close"))

	It("before it has sent the request on leaves the session alive", proves(50), throughBox("forward port 8080", func(s *boxSite) {
		session := s.proxied().signsIn()
		session.sends(session.request("CHG 7 BSY\r\n"))
		session.repeats(s.proxied(), "CHG 7 BSY\r\n")
		session.waitsFor("CHG 7 BSY")
		Expect(s.happened(history.Repeated)).To(BeEmpty())
		Expect(strings.Count(s.heard(), "CHG 7 BSY")).To(Equal(1))
	}, "hop 0: on request 7, forward: close"))

	It("with the answer in hand leaves the session alive, and nothing happens twice", proves(50), throughBox("forward port 8080", func(s *boxSite) {
		session := s.proxied().signsIn()
		session.sends(session.request("CHG 7 BSY\r\n"))
		session.repeats(s.proxied(), "CHG 7 BSY\r\n")
		session.waitsFor("CHG 7 BSY")
		Expect(s.happened(history.Repeated)).To(HaveLen(1))
		Expect(strings.Count(s.heard(), "CHG 7 BSY")).To(Equal(1))
		Expect(strings.Count(session.heard, "CHG 7 BSY")).To(Equal(1))
	}, "hop 0: on request 7, answer: close"))

	It("because it is restarted leaves the session alive", proves(50), throughBox("forward port 8080", func(s *boxSite) {
		session := s.proxied().signsIn()
		for range 3 {
			s.restarted("forward port 8080")
			session.ended()
			session.on(s.proxied()).polls()
		}
		Expect(s.happened(history.SessionOpened)).To(HaveLen(1))
	}))

	It("and does so after each answer makes no difference either", proves(50), throughBox("forward port 8080", func(s *boxSite) {
		session := s.proxied().opensNS()
		for _, command := range signingIn() {
			s.restarted("forward port 8080")
			session.on(s.proxied()).says(command)
		}
		session.waitsFor("CHG 6 NLN")
		Expect(s.happened(history.SessionOpened)).To(HaveLen(1))
	}))
})

var _ = Describe("The fields of the official client", Label("box"), func() {
	It("reach a gateway without a proxy all, and it minds none", proves(55), atGateway("documented think=50ms", func(s *msnSite) {
		answer := s.client().asks(post(dispatch+"?Action=open&Server=NS&IP=messenger.hotmail.com", "VER 1 MSNP8 CVR0\r\n", officialFields()...))
		Expect(answer.status()).To(Equal("HTTP/1.1 200 OK"))
		Expect(answer.field("Content-Encoding")).To(BeEmpty())
		Expect(answer.body).To(Equal("VER 1 MSNP8 CVR0\r\n"))
	}))

	It("go on to the gateway, but for those that were meant for the proxy", proves(55, 57), throughBox("forward port 8080", func(s *boxSite) {
		target := "http://" + s.observed() + script + "?Action=open&Server=NS&IP=messenger.hotmail.com"
		answer := s.proxied().asks(post(target, "VER 1 MSNP8 CVR0\r\n", officialFields()...))
		Expect(answer.body).To(Equal("VER 1 MSNP8 CVR0\r\n"))
		Expect(s.reached).To(HaveLen(1))
		Expect(string(s.reached[0].Data)).To(Equal("POST /gateway/gateway.dll?Action=open&Server=NS&IP=messenger.hotmail.com HTTP/1.1\r\n" +
			"Host: 10.9.0.90\r\n" + // a proxy names the host that the request line names
			"Accept: */*\r\nAccept-Language: en-us\r\nAccept-Encoding: gzip, deflate\r\nUser-Agent: MSMSGS\r\n" +
			"Pragma: no-cache\r\nContent-Type: application/x-msn-messenger\r\nContent-Length: 18\r\n\r\n"))
	}))

	It("make a proxy keep the connection of an HTTP/1.0 client, which it would not do unasked", proves(57), throughBox("forward port 8080", func(s *boxSite) {
		old := func(query string, fields ...string) string {
			return strings.Replace(post(dispatch+"?"+query, "", fields...), " HTTP/1.1\r\n", " HTTP/1.0\r\n", 1)
		}
		client := s.proxied()
		first := client.asks(old("Action=open&Server=NS&IP=messenger.hotmail.com", officialFields()...))
		Expect(first.status()).To(Equal("HTTP/1.0 200 OK"))
		Expect(first.field("Connection")).To(Equal("keep-alive"))
		second := client.asks(old("Action=poll&SessionID=" + first.id()))
		Expect(second.id()).NotTo(BeEmpty())
		client.ended()
	}))
})
