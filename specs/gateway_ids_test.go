package specs

import (
	"strings"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"gauntlet/harness/judge/history"
)

var _ = Describe("The gateway's answers name", Label("gateway"), func() {
	It("an address for the next request, which another machine may have", proves(7, 44), atGateway("hostile-legal think=50ms id=dotted id-change=last header=standard split=whole", func(s *msnSite) {
		session := s.client().opensNS()
		answer := session.polls()
		been := map[string]bool{}
		for _, command := range signingIn() {
			// The next request goes where the answer says, on a connection to there.
			host := answer.element("GW-IP")
			been[host] = true
			session.base = "http://" + host + script
			answer = session.on(s.raw(host + ":80")).says(command)
		}
		session.waitsFor("CHG 6 NLN")
		Expect(been).To(And(HaveLen(3), HaveKey("gateway.messenger.hotmail.com"), HaveKey("207.46.110.18"), HaveKey("207.46.110.19")))
		Expect(s.happened(history.SessionOpened)).To(HaveLen(1))
	}))

	It("an address that a client may also ignore, as many do", proves(44), atGateway("hostile-legal think=50ms id=dotted id-change=last header=standard split=whole", func(s *msnSite) {
		session := s.client().signsIn()
		Expect(session.polls().element("GW-IP")).NotTo(BeEmpty())
	}))

	It("a session id for the next request, another one each time", proves(45), atGateway("documented think=50ms", func(s *msnSite) {
		session := s.client().opensNS()
		seen := map[string]bool{session.id: true}
		for range 100 {
			Expect(session.polls().id()).NotTo(BeElementOf(seen))
			seen[session.id] = true
		}
		Expect(seen).To(HaveLen(101))
	}))

	It("an id without which nobody finds the session: unknown, mangled and stale ones get 400", proves(45), atGateway("documented think=50ms", func(s *msnSite) {
		session := s.client().opensNS()
		stale := session.id
		session.polls()
		session.polls()
		for _, id := range []string{
			"954547325.13160", "1", "0", "-1", "x", ".", "%00", strings.Repeat("9", 5000), "667853497",
			stale, session.id + "x", "0" + session.id, session.id + "%20", "+" + session.id, session.id[1:], session.id[:len(session.id)-1],
		} {
			answer := session.asks(post(dispatch+"?Action=poll&SessionID="+id, ""))
			Expect(answer.status()).To(Equal("HTTP/1.1 400 Bad Request"), id)
			Expect(answer.field("X-MSN-Messenger")).To(BeEmpty())
		}
		// The session is none the worse for it, and neither is the connection.
		session.says(signingIn()[0])
		Expect(session.heard).To(ContainSubstring("CVR 2 5.0.0544"))
	}))

	for _, shape := range []string{"dotted", "nodot", "uuid", "hex", "long", "unreserved", "dots", "reserved"} {
		for _, change := range []string{"last", "first", "never"} {
			It("an id that is an arbitrary string: "+shape+", of which changes "+change, proves(48), atGateway("documented think=50ms id="+shape+" id-change="+change, func(s *msnSite) {
				session := s.client().signsIn()
				first := session.id
				session.polls()
				Expect(session.id == first).To(Equal(change == "never"))
				if shape == "long" {
					Expect(session.id).To(HaveLen(2000))
				}
				Expect(s.happened(history.SessionOpened)).To(HaveLen(1))
			}))
		}
	}

	It("an id that is the same one raw and percent-encoded", proves(48), atGateway("documented think=50ms", func(s *msnSite) {
		session := s.client().opensNS()
		encoded := ""
		for _, b := range []byte(session.id) {
			encoded += "%" + strings.ToUpper(string("0123456789abcdef"[b>>4])+string("0123456789abcdef"[b&15]))
		}
		session.id = encoded
		session.polls()
	}))
})
