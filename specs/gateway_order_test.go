package specs

import (
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"gauntlet/harness/judge/history"
)

// A gateway that takes a second to answer leaves time to break the rule.
const slow = "documented think=1s"

var _ = Describe("The gateway wants one request at a time", Label("gateway"), func() {
	It("and serves a client that waits for each answer, as fast as it may ask", proves(14), atGateway(slow, func(s *msnSite) {
		session := s.client().signsIn()
		for range 20 {
			session.polls()
		}
		Expect(s.happened(history.Rejected)).To(BeEmpty())
	}))

	It("and answers 400 to a command that is sent while a poll is pending", proves(14, 15), atGateway(slow, func(s *msnSite) {
		session := s.client().signsIn()
		other := s.client()

		session.sends(session.request(""))
		time.Sleep(100 * time.Millisecond)
		refused := other.asks(session.request("CHG 7 BSY\r\n"))
		Expect(refused.status()).To(Equal("HTTP/1.1 400 Bad Request"))
		Expect(refused.field("Connection")).To(Equal("close"))
		Expect(refused.field("X-MSN-Messenger")).To(BeEmpty())
		other.ended()
		Expect(s.heard()).NotTo(ContainSubstring("CHG 7"))
	}))

	It("also when both come on one connection, in one segment", proves(14, 15), atGateway(slow, func(s *msnSite) {
		session := s.client().signsIn()
		session.sends(session.request("") + session.request("CHG 7 BSY\r\n"))
		Expect(session.gets().element("Session")).To(Equal("close"))
		Expect(session.gets().status()).To(Equal("HTTP/1.1 400 Bad Request"))
		session.ended()
		Expect(s.heard()).NotTo(ContainSubstring("CHG 7"))
	}))

	It("also when the second one is not whole yet", proves(14, 15), atGateway(slow, func(s *msnSite) {
		session := s.client().signsIn()
		session.sends(session.request(""))
		time.Sleep(100 * time.Millisecond)
		session.sends("POST /gateway/gateway.dll?SessionID")
		Expect(session.gets().element("Session")).To(Equal("close"))
	}))

	It("but waits for the byte in which the second one differs: it may be the same", proves(14), atGateway(slow, func(s *msnSite) {
		session := s.client().signsIn()
		poll := session.request("")
		session.sends(poll)
		time.Sleep(100 * time.Millisecond)
		session.sends(poll[:len(poll)-2])
		first := session.takes(session.gets())
		Expect(first.element("Session")).To(BeEmpty())
		session.sends(poll[len(poll)-2:])
		Expect(session.gets()).To(Equal(first))
		Expect(s.happened(history.Repeated)).To(HaveLen(1))
		Expect(s.happened(history.SessionEnded)).To(BeEmpty())
	}))

	It("and does not mind the same request again on one connection, in one segment", proves(14), atGateway(slow, func(s *msnSite) {
		session := s.client().signsIn()
		session.sends(session.request("CHG 7 BSY\r\n") + session.request("CHG 7 BSY\r\n"))
		first := session.takes(session.gets())
		Expect(session.gets()).To(Equal(first))
		session.says("CHG 8 NLN\r\n")
		Expect(s.happened(history.Rejected)).To(BeEmpty())
		Expect(s.heard()).To(HaveSuffix("CHG 6 NLN\r\nCHG 7 BSY\r\nCHG 8 NLN\r\n"))
	}))

	It("and throws out a client that does not wait", proves(27), atGateway(slow, func(s *msnSite) {
		session := s.client().signsIn()
		session.sends(session.request(""))
		time.Sleep(100 * time.Millisecond)
		Expect(s.client().asks(session.request("CHG 7 BSY\r\n")).status()).To(Equal("HTTP/1.1 400 Bad Request"))

		// The earlier request is answered, and that is the session's last answer.
		last := session.gets()
		Expect(last.status()).To(Equal("HTTP/1.1 200 OK"))
		Expect(last.element("Session")).To(Equal("close"))
		session.id = last.id()
		Expect(session.asks(session.request("")).status()).To(Equal("HTTP/1.1 400 Bad Request"))

		// Alice is gone for the others as well.
		Expect(s.happened(history.SessionEnded)).To(HaveLen(1))
		Expect(s.happened(history.SignedOut)).To(HaveLen(1))
	}))

	It("but does not mind the same request again: a box may have sent it twice", proves(14), atGateway(slow, func(s *msnSite) {
		session := s.client().signsIn()
		again := s.client()
		session.sends(session.request("CHG 7 BSY\r\n"))
		time.Sleep(100 * time.Millisecond)
		again.sends(session.request("CHG 7 BSY\r\n"))

		first := session.takes(session.gets())
		Expect(again.gets()).To(Equal(first))
		Expect(s.happened(history.Repeated)).To(HaveLen(1))
		Expect(s.happened(history.SessionEnded)).To(BeEmpty())
		session.says("CHG 8 NLN\r\n")
		Expect(s.heard()).To(HaveSuffix("CHG 6 NLN\r\nCHG 7 BSY\r\nCHG 8 NLN\r\n"))
	}))

	It("in each session: two of one client's do not disturb each other", proves(14), atGateway(slow, func(s *msnSite) {
		session := s.client().signsIn()
		_, ticket := session.ticketTo()
		chat := s.client().opens(dispatch, "Server=SB&IP=10.9.0.2", "USR 1 alice@example.com "+ticket+"\r\n")
		for range 5 {
			session.sends(session.request(""))
			chat.sends(chat.request(""))
			session.takes(session.gets())
			chat.takes(chat.gets())
		}
	}))
})
