package specs

import (
	"regexp"
	"strings"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"gauntlet/harness/judge/history"
)

// overTCP says a whole sign-in to the notification server, without a gateway,
// and gives what the server said.
func overTCP(s *msnSite, commands []string) string {
	GinkgoHelper()
	client := s.raw("10.9.0.10:1863")
	var all string
	for _, command := range commands {
		client.sends(command)
		bytes, _ := client.hears(seconds(1))
		all += bytes
	}
	return all
}

// overHTTP says it through the gateway, a command a request.
func overHTTP(s *msnSite, commands []string) string {
	GinkgoHelper()
	session := s.client().opens(dispatch, "Server=NS&IP=messenger.hotmail.com", commands[0])
	for _, command := range commands[1:] {
		session.says(command)
	}
	session.polls()
	return session.heard
}

// usually is what a user does that is the same either way.
func usually() []string {
	return append(append([]string{"VER 1 MSNP8 CVR0\r\n"}, signingIn()...),
		"PRP 7 PHH 555%20000\r\n", "REA 8 alice@example.com Alice%20B\r\n", "CHG 9 BSY\r\n", "BLP 10 AL\r\n", "ADD 11 FL carol@example.com Carol\r\n", "QQQ\r\n")
}

// anyPlace puts the same words in place of a profile's where and when.
func anyPlace(said string) string {
	said = regexp.MustCompile(`MSG Hotmail Hotmail \d+\r\n`).ReplaceAllString(said, "MSG Hotmail Hotmail N\r\n")
	return regexp.MustCompile(`(LoginTime|ClientIP|ClientPort): [^\r]*\r\n`).ReplaceAllString(said, "$1: X\r\n")
}

var _ = Describe("Over HTTP the protocol is as usual", Label("gateway"), func() {
	It("byte for byte, in both directions", proves(21), func() {
		var saidTCP, saidHTTP, heardTCP, heardHTTP string
		atGateway("documented think=50ms", func(s *msnSite) { saidTCP, heardTCP = overTCP(s, usually()), s.heard() })()
		atGateway("documented think=50ms", func(s *msnSite) { saidHTTP, heardHTTP = overHTTP(s, usually()), s.heard() })()
		Expect(heardHTTP).To(Equal(heardTCP))
		Expect(heardHTTP).To(Equal(strings.Join(usually(), "")))
		Expect(anyPlace(saidHTTP)).To(Equal(anyPlace(saidTCP)))
		Expect(saidHTTP).To(And(HavePrefix("VER 1 MSNP8 CVR0\r\n"), ContainSubstring("\r\nCHG 9 BSY\r\n"), HaveSuffix("205 11\r\n")))
	})

	It("but that the initial profile says ClientPort 0", proves(19), atGateway("documented think=50ms", func(s *msnSite) {
		s.bob.SignOut()
		Expect(overHTTP(s, usually())).To(ContainSubstring("\r\nClientPort: 0\r\n"))
		Expect(overTCP(s, usually())).To(MatchRegexp(`\r\nClientPort: [1-9]\d+\r\n`))
	}))

	It("but that PNG makes the server send an HTTP error and disconnect", proves(20), atGateway("documented think=50ms", func(s *msnSite) {
		session := s.client().signsIn()
		session.sends(session.request("PNG\r\n"))
		answer := session.gets()
		Expect(answer.status()).To(Equal("HTTP/1.1 400 Bad Request"))
		Expect(answer.field("Connection")).To(Equal("close"))
		Expect(answer.field("X-MSN-Messenger")).To(BeEmpty())
		session.ended()

		// The session is over as well, and the server heard no PNG.
		Expect(s.client().asks(session.request("")).status()).To(Equal("HTTP/1.1 400 Bad Request"))
		Expect(s.happened(history.SignedOut)).To(HaveLen(1))
		Expect(s.heard()).NotTo(ContainSubstring("PNG"))

		// Over TCP it is answered.
		tcp := s.raw("10.9.0.10:1863")
		tcp.sends("VER 1 MSNP8 CVR0\r\n" + strings.Join(signingIn(), "") + "PNG\r\n")
		bytes, ended := tcp.hears(seconds(1))
		Expect(bytes).To(ContainSubstring("QNG\r\n"))
		Expect(ended).To(BeFalse())
	}))

	It("also PNG hidden behind another command, or cut over two bodies", proves(20), atGateway("documented think=50ms", func(s *msnSite) {
		behind := s.client().signsIn()
		Expect(behind.asks(behind.request("CHG 7 BSY\r\nPNG\r\n")).status()).To(Equal("HTTP/1.1 400 Bad Request"))
		behind.ended()

		cut := s.client().signsIn()
		cut.says("PN")
		Expect(cut.asks(cut.request("G\r\n")).status()).To(Equal("HTTP/1.1 400 Bad Request"))
		cut.ended()
	}))
})
