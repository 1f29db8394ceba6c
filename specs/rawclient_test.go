package specs

import (
	"fmt"
	"net"
	"strconv"
	"strings"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
)

// rawClient is a client made of one connection and nothing else: it writes
// bytes, reads bytes, and of HTTP knows only where an answer ends.
type rawClient struct {
	net.Conn
	unread string
}

// sends writes bytes as they stand.
func (c *rawClient) sends(bytes string) {
	GinkgoHelper()
	_, err := c.Write([]byte(bytes))
	Expect(err).NotTo(HaveOccurred())
}

// asks sends one request and reads its answer.
func (c *rawClient) asks(bytes string) rawAnswer {
	GinkgoHelper()
	c.sends(bytes)
	return c.gets()
}

// gets reads one answer: a head, and as many bytes as its Content-Length says.
func (c *rawClient) gets() rawAnswer {
	GinkgoHelper()
	for !strings.Contains(c.unread, "\r\n\r\n") {
		c.reads()
	}
	head, _, _ := strings.Cut(c.unread, "\r\n\r\n")
	a := rawAnswer{head: head + "\r\n"}
	length := 0
	if text := a.field("Content-Length"); text != "" {
		var err error
		length, err = strconv.Atoi(text)
		Expect(err).NotTo(HaveOccurred(), a.head)
	}
	whole := len(head) + len("\r\n\r\n") + length
	for len(c.unread) < whole {
		c.reads()
	}
	a.body, c.unread = c.unread[whole-length:whole], c.unread[whole:]
	return a
}

func (c *rawClient) reads() {
	GinkgoHelper()
	room := make([]byte, 64<<10)
	Expect(c.SetReadDeadline(time.Now().Add(time.Minute))).To(Succeed())
	n, err := c.Read(room)
	c.unread += string(room[:n])
	if n == 0 {
		Expect(err).NotTo(HaveOccurred(), "after %q", c.unread)
	}
}

// hears is whatever comes until nothing has come for so long; ended says that
// the peer has closed.
func (c *rawClient) hears(quiet time.Duration) (bytes string, ended bool) {
	GinkgoHelper()
	room := make([]byte, 64<<10)
	for {
		Expect(c.SetReadDeadline(time.Now().Add(quiet))).To(Succeed())
		n, err := c.Read(room)
		c.unread += string(room[:n])
		if err != nil {
			bytes, c.unread = c.unread, ""
			timeout, is := err.(net.Error)
			return bytes, !is || !timeout.Timeout()
		}
	}
}

// ended expects that nothing comes any more but the end of the connection.
func (c *rawClient) ended() {
	GinkgoHelper()
	bytes, ended := c.hears(time.Second)
	Expect(bytes).To(BeEmpty())
	Expect(ended).To(BeTrue(), "the connection is closed")
}

// rawAnswer is the bytes of one answer.
type rawAnswer struct {
	head string // with the CRLF of its last line, without the blank one
	body string
}

func (a rawAnswer) status() string {
	line, _, _ := strings.Cut(a.head, "\r\n")
	return line
}

// field is the value of a field whose name is spelt exactly so, empty if there
// is none.
func (a rawAnswer) field(name string) string {
	_, rest, _ := strings.Cut(a.head, "\r\n"+name+": ")
	value, _, _ := strings.Cut(rest, "\r\n")
	return value
}

// element is one part of the session's header, such as SessionID.
func (a rawAnswer) element(name string) string {
	for part := range strings.SplitSeq(a.field("X-MSN-Messenger"), "; ") {
		if value, found := strings.CutPrefix(part, name+"="); found {
			return value
		}
	}
	return ""
}

func (a rawAnswer) id() string { return a.element("SessionID") }

// dispatch is the gateway's script at its well-known host (S5, S53).
const dispatch = "http://gateway.messenger.hotmail.com/gateway/gateway.dll"

// post is a request, byte for byte.
func post(target, body string, fields ...string) string {
	head := "POST " + target + " HTTP/1.1\r\nHost: gateway.messenger.hotmail.com\r\n"
	for _, f := range fields {
		head += f + "\r\n"
	}
	return fmt.Sprintf("%sContent-Length: %d\r\n\r\n%s", head, len(body), body)
}
