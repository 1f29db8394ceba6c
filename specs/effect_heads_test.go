package specs

import (
	"bytes"
	"compress/gzip"
	"io"
	"strings"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
)

// edited is what stands on the wire of the answer to an open that an effect has
// changed, and of the box's connection after it.
func edited(effect string, look func(answer string, ended bool)) func() {
	line := "hop 0: on request 1, answer: " + effect
	return throughBox("forward port 8080", func(b *boxSite) {
		GinkgoHelper()
		client := b.proxied()
		client.sends(post(dispatch+"?Action=open&Server=NS&IP=messenger.hotmail.com", "VER 1 MSNP8 CVR0\r\n", "Connection: Keep-Alive"))
		answer, ended := client.hears(seconds(2))
		Expect(b.fired(0, line)).To(Equal(1))
		Expect(b.arrived()).To(Equal(1))
		look(answer, ended)
	}, line)
}

// unpacked is what was compressed.
func unpacked(body string) string {
	GinkgoHelper()
	r, err := gzip.NewReader(bytes.NewReader([]byte(body)))
	Expect(err).NotTo(HaveOccurred())
	plain, err := io.ReadAll(r)
	Expect(err).NotTo(HaveOccurred())
	return string(plain)
}

var _ = Describe("An answer that is changed on the way", func() {
	const body = "VER 1 MSNP8 CVR0\r\n"

	It("loses a field", edited("drop header X-MSN-Messenger", func(answer string, _ bool) {
		Expect(strings.ToLower(answer)).NotTo(ContainSubstring("x-msn-messenger: "))
	}))
	It("has a field twice", edited("duplicate header X-MSN-Messenger", func(answer string, _ bool) {
		Expect(strings.Count(answer, "X-MSN-Messenger: ")).To(Equal(2))
	}))
	It("has a field in another spelling", edited("recase header x-MSN-messenger", func(answer string, _ bool) {
		Expect(answer).To(ContainSubstring("\r\nx-MSN-messenger: "))
	}))
	It("has all its fields in lower case", edited("lower-case headers", func(answer string, _ bool) {
		Expect(answer).To(ContainSubstring("\r\nx-msn-messenger: "))
		Expect(answer).To(ContainSubstring("\r\ncontent-length: "))
	}))
	It("has its fields in reverse order", edited("reorder headers", func(answer string, _ bool) {
		Expect(strings.Index(answer, "Content-Length")).NotTo(Equal(-1))
		Expect(answer).To(MatchRegexp(`(?s)^HTTP/1.1 200 OK\r\n.*\r\n\r\n` + body + `$`))
	}))
	It("has a field that goes on in a second line", edited("fold header X-MSN-Messenger", func(answer string, _ bool) {
		Expect(answer).To(MatchRegexp(`X-MSN-Messenger: SessionID=[^\r]*;\r\n GW-IP=`))
	}))
	It("has one field more", edited("add header X-Cache HIT", func(answer string, _ bool) {
		Expect(answer).To(ContainSubstring("\r\nX-Cache: HIT\r\n\r\n"))
	}))
	It("comes after a 100 that nobody asked for", edited("continue", func(answer string, _ bool) {
		Expect(answer).To(HavePrefix("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\n"))
	}))
	It("comes in chunks", edited("chunked", func(answer string, _ bool) {
		Expect(answer).To(ContainSubstring("\r\nTransfer-Encoding: chunked\r\n"))
		Expect(answer).To(HaveSuffix("\r\n\r\n10\r\nVER 1 MSNP8 CVR0\r\n2\r\n\r\n\r\n0\r\n\r\n"))
	}))
	It("comes compressed", edited("gzip", func(answer string, _ bool) {
		head, packed, _ := strings.Cut(answer, "\r\n\r\n")
		Expect(head).To(ContainSubstring("\r\nContent-Encoding: gzip"))
		Expect(unpacked(packed)).To(Equal(body))
	}))
	It("is one of HTTP/1.0, kept if the client asks for that", edited("http1.0", func(answer string, ended bool) {
		Expect(answer).To(HavePrefix("HTTP/1.0 200 OK\r\n"))
		Expect(answer).To(ContainSubstring("\r\nConnection: keep-alive\r\n"))
		Expect(ended).To(BeFalse())
	}))
	It("has no length and ends with the connection", edited("length missing", func(answer string, ended bool) {
		Expect(answer).NotTo(ContainSubstring("Content-Length"))
		Expect(answer).To(HaveSuffix("\r\n\r\n" + body))
		Expect(ended).To(BeTrue())
	}))
	It("has its length twice", edited("length twice", func(answer string, _ bool) {
		Expect(strings.Count(answer, "\r\nContent-Length: 18\r\n") + strings.Count(answer, "Content-Length: 18\r\nContent-Length: 18")).To(Equal(2))
	}))
	It("promises more than it has, and goes on waiting", edited("length wrong +5", func(answer string, ended bool) {
		Expect(answer).To(ContainSubstring("\r\nContent-Length: 23\r\n"))
		Expect(ended).To(BeFalse())
	}))
	It("ends in the middle of its body", edited("truncate 5", func(answer string, ended bool) {
		Expect(answer).To(ContainSubstring("\r\nContent-Length: 18\r\n"))
		Expect(answer).To(HaveSuffix("\r\n\r\nVER 1"))
		Expect(ended).To(BeTrue())
	}))

	DescribeTable("is not that to a CONNECT, which is the way there and no request, unless the fault says so", func(effect string) {
		const tunnel = "CONNECT " + gatewayHost + ":80 HTTP/1.1\r\nHost: " + gatewayHost + ":80\r\n\r\n"
		within := "hop 0: on request 1, answer: " + effect
		throughBox("forward port 8080", func(b *boxSite) {
			client := b.proxied()
			client.sends(tunnel)
			answer, ended := client.hears(seconds(2))
			Expect(answer).To(Equal("HTTP/1.1 200 Connection established\r\n\r\n"))
			Expect(ended).To(BeFalse())
			Expect(b.fired(0, within)).To(BeZero())
			client.sends(post(script+"?Action=open&Server=NS&IP=messenger.hotmail.com", "VER 1 MSNP8 CVR0\r\n", "Connection: Keep-Alive"))
			answer, _ = client.hears(seconds(2))
			Expect(answer).To(ContainSubstring(body))
			Expect(b.fired(0, within)).To(Equal(1))
		}, within)()
		meant := "hop 0: on CONNECT 1, answer: add header X-Struck yes"
		throughBox("forward port 8080", func(b *boxSite) {
			client := b.proxied()
			client.sends(tunnel)
			answer, _ := client.hears(seconds(2))
			Expect(answer).To(Equal("HTTP/1.1 200 Connection established\r\nX-Struck: yes\r\n\r\n"))
			Expect(b.fired(0, meant)).To(Equal(1))
		}, meant)()
	},
		Entry("that ends the connection", "http1.0"),
		Entry("that puts something after it", "chunked"),
		Entry("that puts something before it", "continue"),
	)
})
