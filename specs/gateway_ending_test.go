package specs

import (
	"strings"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"gauntlet/harness/judge/history"
)

// replaced lets the server end a session: alice signs in elsewhere.
func (s *msnSite) replaced() { s.messenger.Contact("alice@example.com").SignIn() }

var _ = Describe("A session at the gateway", Label("gateway"), func() {
	It("is said to be closed when the server closes it, after all that it has said", proves(46), atGateway("documented think=50ms", func(s *msnSite) {
		session := s.client().signsIn()
		s.replaced()
		time.Sleep(seconds(3))

		words := session.polls()
		Expect(words.body).To(HaveSuffix("OUT OTH\r\n"))
		Expect(words.element("Session")).To(BeEmpty())
		last := session.polls()
		Expect(last.field("X-MSN-Messenger")).To(HaveSuffix("; GW-IP=gateway.messenger.hotmail.com; Session=close"))
		Expect(last.body).To(BeEmpty())
		Expect(session.asks(session.request("")).status()).To(Equal("HTTP/1.1 400 Bad Request"))
	}))

	It("is said to be closed along with the last words, at another gateway", proves(46), atGateway("documented think=50ms closing=body", func(s *msnSite) {
		session := s.client().signsIn()
		s.replaced()
		time.Sleep(seconds(3))
		last := session.polls()
		Expect(last.body).To(HaveSuffix("OUT OTH\r\n"))
		Expect(last.element("Session")).To(Equal("close"))
	}))

	It("ends with OUT, and the answer says so at once", proves(46, 51), atGateway("documented", func(s *msnSite) {
		session := s.client().signsIn()
		Expect(session.says("OUT\r\n").element("Session")).To(Equal("close"))
		time.Sleep(seconds(1))
		Expect(session.asks(session.request("")).status()).To(Equal("HTTP/1.1 400 Bad Request"))
		out := s.happened(history.SignedOut)
		Expect(out).To(HaveLen(1))
		Expect(out[0].Text).To(Equal("OUT"))
	}))

	It("does not end with its connection: without OUT it goes on, for a while", proves(17, 51), atGateway("documented think=50ms", func(s *msnSite) {
		session := s.client().signsIn()
		Expect(session.Close()).To(Succeed())
		time.Sleep(55 * time.Second)
		Expect(s.happened(history.SignedOut)).To(BeEmpty())

		// Who still has the id goes on where the connection ended.
		session.on(s.client()).says("CHG 7 BSY\r\n")
		session.waitsFor("CHG 7 BSY")
		Expect(s.happened(history.SessionOpened)).To(HaveLen(1))
	}))

	It("ends by a time-out when nobody asks any more", proves(52), atGateway("documented think=50ms", func(s *msnSite) {
		session := s.client().signsIn()
		Expect(session.Close()).To(Succeed())
		time.Sleep(61 * time.Second)
		ended := s.happened(history.SessionEnded)
		Expect(ended).To(HaveLen(1))
		Expect(ended[0].Text).To(Equal("idle"))
		Expect(s.happened(history.SignedOut)[0].Text).To(Equal("lost"))
		Expect(s.client().asks(session.request("")).status()).To(Equal("HTTP/1.1 400 Bad Request"))
	}))

	It("does not end by a time-out as long as somebody polls", proves(52), atGateway("documented think=50ms", func(s *msnSite) {
		session := s.client().signsIn()
		for range 20 {
			time.Sleep(50 * time.Second)
			session.polls()
		}
		Expect(s.happened(history.SessionEnded)).To(BeEmpty())
	}))

	It("may pass over one connection from beginning to end", proves(16), atGateway("documented think=50ms", func(s *msnSite) {
		session := s.client().signsIn()
		for range 1800 { // an hour
			time.Sleep(2 * time.Second)
			session.polls()
		}
		session.says("OUT\r\n")
		_, ended := session.hears(seconds(1))
		Expect(ended).To(BeFalse(), "the gateway leaves the connection to the client")
	}))

	It("may pass over as many connections as there are requests", proves(17), atGateway("documented think=50ms", func(s *msnSite) {
		session := s.client().opensNS()
		for _, command := range append(signingIn(), "", "", "CHG 7 BSY\r\n", "") {
			Expect(session.Close()).To(Succeed())
			session.on(s.client()).says(command)
		}
		Expect(session.heard).To(ContainSubstring("CHG 7 BSY"))
		Expect(s.happened(history.SessionOpened)).To(HaveLen(1))
	}))

	It("loses nothing with a connection that breaks before the answer", proves(17), atGateway(slow, func(s *msnSite) {
		session := s.client().signsIn()
		session.sends(session.request("CHG 7 BSY\r\n"))
		time.Sleep(100 * time.Millisecond)
		Expect(session.Close()).To(Succeed())

		// The same request, on another connection, gets the answer that was lost.
		session.on(s.client()).says("CHG 7 BSY\r\n")
		session.waitsFor("CHG 7 BSY")
		Expect(strings.Count(s.heard(), "CHG 7 BSY")).To(Equal(1))
		Expect(strings.Count(session.heard, "CHG 7 BSY")).To(Equal(1))
	}))

	It("is unknown, like all the others, to a gateway that has forgotten them", proves(52), atGateway("documented think=50ms", func(s *msnSite) {
		first, second := s.client().signsIn(), s.client().opensNS()
		s.gateway.Forget()
		for _, session := range []*rawSession{first, second} {
			Expect(session.asks(session.request("")).body).To(Equal("unknown SessionID\r\n"))
		}
		Expect(s.happened(history.SessionEnded)).To(HaveLen(2))
		first.signsIn()
	}))
})
