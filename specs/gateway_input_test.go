package specs

import (
	"fmt"
	"strings"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
)

// closedWith expects an HTTP error as the last thing on a connection; the
// gateway may read on for a while, to be polite, before it closes.
func (c *rawClient) closedWith(status string) {
	GinkgoHelper()
	bytes, ended := c.hears(seconds(31))
	Expect(bytes).To(HavePrefix("HTTP/1.1 " + status + "\r\n"))
	Expect(bytes).NotTo(ContainSubstring("X-MSN-Messenger"))
	Expect(ended).To(BeTrue(), "the connection is closed")
}

var _ = Describe("The gateway bears with clients", Label("gateway"), func() {
	It("that leave blank lines before a request", atGateway("documented think=50ms", func(s *msnSite) {
		session := s.client().opensNS()
		for _, stray := range []string{"\r\n", "\n", "\r\n\r\n\r\n\n", strings.Repeat("\r\n", 10_000)} {
			session.sends(stray)
			session.polls()
		}
	}))

	It("that wait for 100 Continue before they send a body", atGateway("documented think=50ms", func(s *msnSite) {
		client := s.client()
		whole := post(dispatch+"?Action=open&Server=NS&IP=messenger.hotmail.com", "VER 1 MSNP8 CVR0\r\n", "Expect: 100-continue")
		head, body, _ := strings.Cut(whole, "\r\n\r\n")
		Expect(client.asks(head + "\r\n\r\n").head).To(Equal("HTTP/1.1 100 Continue\r\n"))
		Expect(client.asks(body).body).To(Equal("VER 1 MSNP8 CVR0\r\n"))
	}))

	It("that speak HTTP/1.0, and keeps the connection only if they ask for it", atGateway("documented think=50ms", func(s *msnSite) {
		client := s.client()
		old := func(query string, fields ...string) string {
			return strings.Replace(post(script+"?"+query, "", fields...), " HTTP/1.1\r\n", " HTTP/1.0\r\n", 1)
		}
		kept := client.asks(old("Action=open&Server=NS&IP=messenger.hotmail.com", "Connection: Keep-Alive"))
		Expect(kept.status()).To(Equal("HTTP/1.0 200 OK"))
		Expect(kept.field("Connection")).To(Equal("keep-alive"))
		last := client.asks(old("Action=poll&SessionID=" + kept.id()))
		Expect(last.status()).To(Equal("HTTP/1.0 200 OK"))
		Expect(last.id()).NotTo(BeEmpty())
		client.ended()
	}))

	It("that send their bytes one by one", atGateway("documented think=50ms", func(s *msnSite) {
		client := s.client()
		for _, b := range post(dispatch+"?Action=open&Server=NS&IP=messenger.hotmail.com", "VER 1 MSNP8 CVR0\r\n") {
			client.sends(string(b))
			time.Sleep(10 * time.Millisecond)
		}
		Expect(client.gets().body).To(Equal("VER 1 MSNP8 CVR0\r\n"))
	}))
})

var _ = Describe("The gateway refuses", Label("gateway"), func() {
	It("bodies of absurd size, before it reads them", atGateway("documented", func(s *msnSite) {
		for _, length := range []string{"262145", "1000000000", "9223372036854775807"} {
			client := s.client()
			client.sends("POST " + dispatch + "?Action=open&Server=NS HTTP/1.1\r\nHost: h\r\nContent-Length: " + length + "\r\n\r\n")
			client.closedWith("413 Request Entity Too Large")
		}
	}))

	It("bodies of absurd size whose length is not said", atGateway("documented", func(s *msnSite) {
		client := s.client()
		client.sends("POST " + dispatch + "?Action=open&Server=NS HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n")
		chunk := fmt.Sprintf("%x\r\n%s\r\n", 64<<10, strings.Repeat("x", 64<<10))
		client.sends(strings.Repeat(chunk, 5))
		client.closedWith("413 Request Entity Too Large")
	}))

	It("heads of absurd size", atGateway("documented", func(s *msnSite) {
		client := s.client()
		client.sends(post(dispatch+"?Action=poll&SessionID=1.2", "", "X-Padding: "+strings.Repeat("x", 64<<10)))
		client.closedWith("431 Request Header Fields Too Large")
	}))

	It("lengths that are none", atGateway("documented", func(s *msnSite) {
		for _, length := range []string{"-1", "x", "99999999999999999999", "5, 6", "5\r\nContent-Length: 6"} {
			client := s.client()
			client.sends("POST " + dispatch + "?Action=open&Server=NS HTTP/1.1\r\nHost: h\r\nContent-Length: " + length + "\r\n\r\nVER 1\r\n")
			client.closedWith("400 Bad Request")
		}
	}))

	It("bodies that do not come", atGateway("documented", func(s *msnSite) {
		client := s.client()
		client.sends("POST " + dispatch + "?Action=open&Server=NS HTTP/1.1\r\nHost: h\r\nContent-Length: 18\r\n\r\nVER 1")
		time.Sleep(30 * time.Second)
		client.closedWith("408 Request Timeout")
		Expect(s.routed).To(BeEmpty())
	}))

	It("what is no HTTP", atGateway("documented", func(s *msnSite) {
		for _, garbage := range []string{"VER 1 MSNP8 CVR0\r\n\r\n", "\x05\x01\x00 x\r\n\r\n", "\x16\x03\x01\x02\x00\x01\r\n\r\n"} {
			client := s.client()
			client.sends(garbage)
			client.closedWith("400 Bad Request")
		}
	}))
})
