package specs

import (
	"strings"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
)

var _ = Describe("The gateway carries commands", Label("gateway"), func() {
	It("from the bodies of requests to the server, one a request", proves(10, 40), atGateway("documented think=50ms", func(s *msnSite) {
		session := s.client().opensNS()
		for _, command := range signingIn() {
			before := s.heard()
			session.says(command)
			Expect(s.heard()).To(Equal(before + command))
		}
	}))

	It("from one body that holds them all", proves(10, 40), atGateway("documented think=50ms", func(s *msnSite) {
		session := s.client().opensNS()
		all := strings.Join(signingIn(), "")
		session.says(all)
		session.waitsFor("CHG 6 NLN")
		Expect(s.heard()).To(Equal("VER 1 MSNP8 CVR0\r\n" + all))
	}))

	It("cut anywhere over two bodies", proves(10, 40), atGateway("documented think=50ms", func(s *msnSite) {
		const command = "CVR 2 0x0409 win 4.10 i386 MSNMSGR 5.0.0544 MSMSGS alice@example.com\r\n"
		for cut := 1; cut < len(command); cut++ {
			session := s.client().opensNS()
			before := s.heard()
			session.says(command[:cut])
			session.says(command[cut:])
			session.waitsFor("CVR 2 5.0.0544")
			Expect(s.heard()).To(Equal(before + command))
		}
	}))

	It("to no server when a request carries none", proves(10, 40), atGateway("documented think=50ms", func(s *msnSite) {
		session := s.client().opensNS()
		session.polls()
		session.takes(session.asks(post(dispatch+"?SessionID="+session.id, ""))) // a command request with nothing in it
		Expect(s.heard()).To(Equal("VER 1 MSNP8 CVR0\r\n"))
	}))
})

var _ = Describe("The gateway gives the server's commands", Label("gateway"), func() {
	It("in the answers, to the same request or to a later one", proves(36), func() {
		// A gateway that takes 50 ms has the reply at hand by then …
		atGateway("documented think=50ms", func(s *msnSite) {
			session := s.client().opensNS()
			Expect(session.says("CVR 2 0x0409 win 4.10 i386 MSNMSGR 5.0.0544 MSMSGS alice@example.com\r\n").body).To(HavePrefix("CVR 2 "))
		})()
		// … and one that answers at once gives it when it is asked again.
		atGateway("documented", func(s *msnSite) {
			session := s.client().opensNS()
			Expect(session.heard).To(BeEmpty())
			time.Sleep(2 * time.Second)
			Expect(session.polls().body).To(Equal("VER 1 MSNP8 CVR0\r\n"))
		})()
	})

	It("never unasked: it waits until the client makes a request", proves(9), atGateway("documented think=50ms", func(s *msnSite) {
		session := s.client().signsIn()
		session.polls()
		Expect(s.bob.Invite("alice@example.com")).To(Succeed())

		bytes, ended := session.hears(50 * time.Second)
		Expect(bytes).To(BeEmpty())
		Expect(ended).To(BeFalse())

		Expect(session.polls().body).To(MatchRegexp(`^RNG \d+ 10\.9\.0\.2:1863 CKI \S+ bob@example\.com Bob\r\n$`))
	}))

	It("from a queue, all that there is and in its order", proves(11), atGateway("documented think=50ms", func(s *msnSite) {
		session := s.client().signsIn()
		session.polls()
		for range 3 {
			s.bob.SignOut()
			s.bob.SignIn()
		}
		time.Sleep(seconds(1))
		Expect(session.polls().body).To(Equal(strings.Repeat("FLN bob@example.com\r\nNLN NLN bob@example.com Bob\r\n", 3)))
		Expect(session.polls().body).To(BeEmpty())
	}))

	It("in an answer of the same kind when there are none", proves(11, 43), atGateway("documented think=50ms", func(s *msnSite) {
		session := s.client().opensNS()
		answer := session.polls()
		Expect(answer.head).To(Equal("HTTP/1.1 200 OK\r\n" +
			"Content-Length: 0\r\n" +
			"Content-Type: application/x-msn-messenger\r\n" +
			"X-MSN-Messenger: SessionID=" + session.id + "; GW-IP=gateway.messenger.hotmail.com\r\n" +
			"Date: Sat, 01 Jan 2000 00:00:00 GMT\r\n"))
		Expect(answer.body).To(BeEmpty())
	}))

	It("with a field X-MSN-Messenger, spelt exactly so, in every answer", proves(43), atGateway("documented think=50ms", func(s *msnSite) {
		session := s.client().signsIn()
		for _, answer := range []rawAnswer{session.polls(), session.says("SYN 7 0\r\n"), session.says("CHG 8 BSY\r\n"), session.says("OUT\r\n")} {
			Expect(strings.Count(answer.head, "\r\nX-MSN-Messenger: SessionID=")).To(Equal(1))
			Expect(strings.Count(strings.ToLower(answer.head), "x-msn-messenger:")).To(Equal(1))
		}
	}))
})
