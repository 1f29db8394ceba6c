package specs

import (
	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"gauntlet/harness/judge/history"
)

// fired is how often the only fault of a hop has acted.
func (b *boxSite) fired(hop int, line string) int { return len(b.taps[hop].Fired()[line]) }

// arrived is how many requests the gateway has got whole.
func (b *boxSite) arrived() int {
	return len(b.happened(history.Processed)) + len(b.happened(history.Repeated)) + len(b.happened(history.Rejected))
}

var _ = Describe("A page in place of an answer", func() {
	Describe("before the request is forwarded", func() {
		const line = "hop 0: on request 2, forward: status 502"

		It("never lets the request reach the box", throughBox("forward port 8080", func(b *boxSite) {
			session := b.proxied().opensNS()
			reached := b.arrived()
			page := session.asks(session.request(""))
			Expect(page.status()).To(Equal("HTTP/1.1 502 Bad Gateway"))
			Expect(page.field("X-MSN-Messenger")).To(BeEmpty(), "it is not the gateway's")
			Expect(b.arrived()).To(Equal(reached))
			Expect(b.fired(0, line)).To(Equal(1))
		}, line))

		It("leaves the connection and the session as they were", throughBox("forward port 8080", func(b *boxSite) {
			session := b.proxied().opensNS()
			session.asks(session.request(""))
			Expect(session.polls().status()).To(Equal("HTTP/1.1 200 OK"))
		}, line))
	})

	It("comes after the gateway has processed the request, if it strikes the answer", throughBox("forward port 8080", func(b *boxSite) {
		session := b.proxied().opensNS()
		reached := b.arrived()
		Expect(session.asks(session.request("")).status()).To(Equal("HTTP/1.1 504 Gateway Timeout"))
		Expect(b.arrived()).To(Equal(reached + 1))
	}, "hop 0: on request 2, answer: status 504"))

	It("asks for a login with what a login needs", throughBox("forward port 8080", func(b *boxSite) {
		page := b.proxied().asks(post(dispatch, ""))
		Expect(page.status()).To(Equal("HTTP/1.1 407 Proxy Authentication Required"))
		Expect(page.field("Proxy-Authenticate")).To(HavePrefix("Basic"))
	}, "hop 0: on request 1, forward: status 407"))

	It("says where to go instead", throughBox("intercept", func(b *boxSite) {
		b.intercepts()
		page := b.client().asks(post("/gateway/gateway.dll?Action=poll", ""))
		Expect(page.status()).To(Equal("HTTP/1.1 302 Found"))
		Expect(page.field("Location")).To(Equal("http://login.example/login"))
	}, "hop 0: on request 1, forward: redirect"))

	It("can look like success, as a captive portal's does, for as long as that is there", throughBox("forward port 8080", func(b *boxSite) {
		client := b.proxied()
		for range 3 {
			page := client.asks(post(dispatch, ""))
			Expect(page.status()).To(Equal("HTTP/1.1 200 OK"))
			Expect(page.body).To(ContainSubstring("sign in to use this network"))
		}
		Expect(client.opensNS().polls().status()).To(Equal("HTTP/1.1 200 OK"))
	}, "hop 0: on request 1, forward: portal, 3 times"))

	It("can be an earlier answer from a cache, without the box", throughBox("forward port 8080", func(b *boxSite) {
		client := b.proxied()
		session := client.opensNS()
		request := session.request("")
		first := client.asks(request)
		reached := b.arrived()
		Expect(client.asks(request)).To(Equal(first))
		Expect(b.arrived()).To(Equal(reached))
	}, "hop 0: on request 3, forward: cached"))
})
