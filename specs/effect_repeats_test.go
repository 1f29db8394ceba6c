package specs

import (
	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"gauntlet/harness/judge/history"
)

var _ = Describe("A request that a box sends twice", func() {
	for _, how := range []string{"repeat", "repeat after drop"} {
		line := "hop 0: on request 2, forward: " + how

		It("reaches the gateway twice and is answered once ("+how+")", throughBox("forward port 8080", func(b *boxSite) {
			client := b.proxied()
			session := client.opensNS()
			answer := session.says("CVR 2 0x0409 winnt 5.1 i386 MSNMSGR 5.0.0544 MSMSGS alice@example.com\r\n")
			Expect(answer.status()).To(Equal("HTTP/1.1 200 OK"))
			rest, ended := client.hears(seconds(2))
			Expect(rest).To(BeEmpty(), "the other answer is swallowed")
			Expect(ended).To(BeFalse())
			Expect(b.arrived()).To(Equal(3))
			Expect(b.fired(0, line)).To(Equal(1))
		}, line))

		It("is carried out once by a gateway that knows its repeats ("+how+")", throughBox("forward port 8080", func(b *boxSite) {
			session := b.proxied().opensNS()
			session.says("CVR 2 0x0409 winnt 5.1 i386 MSNMSGR 5.0.0544 MSMSGS alice@example.com\r\n")
			Expect(session.polls().status()).To(Equal("HTTP/1.1 200 OK"))
			Expect(b.happened(history.Repeated)).To(HaveLen(1))
		}, line))
	}
})

var _ = Describe("An answer that belongs to another request", func() {
	It("can be the one before", throughBox("forward port 8080", func(b *boxSite) {
		client := b.proxied()
		session := client.opensNS()
		before := session.polls()
		Expect(client.asks(session.request(""))).To(Equal(before))
		Expect(b.arrived()).To(Equal(3), "the gateway has answered, in vain")
	}, "hop 0: on request 3, answer: stale answer"))

	It("can be another connection's", throughBox("forward port 8080", func(b *boxSite) {
		other := b.proxied().opensNS()
		theirs := other.polls()
		client := b.proxied()
		Expect(client.asks(post(dispatch+"?Action=open&Server=NS&IP=messenger.hotmail.com", ""))).To(Equal(theirs))
	}, "hop 0: on request 3, answer: crossed answer"))
})
