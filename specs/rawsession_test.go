package specs

import (
	"fmt"
	"strings"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
)

// rawSession is a gateway session in the hands of a raw client: the connection
// that it uses at present, and the id of the newest answer.
type rawSession struct {
	*rawClient
	base  string // of the request targets: scheme and authority may be missing
	id    string // percent-encoded where a query needs it
	heard string // every body so far: the server's bytes
}

// opens begins a session with its first command, at a script that may be named
// with its host or without.
func (c *rawClient) opens(script, query, command string) *rawSession {
	GinkgoHelper()
	s := &rawSession{rawClient: c, base: script}
	s.takes(c.asks(post(script+"?Action=open&"+query, command)))
	return s
}

// opensNS begins a session with the notification server, at the dispatch host.
func (c *rawClient) opensNS() *rawSession {
	GinkgoHelper()
	return c.opens(dispatch, "Server=NS&IP=messenger.hotmail.com", "VER 1 MSNP8 CVR0\r\n")
}

// takes an answer that goes on with the session.
func (s *rawSession) takes(a rawAnswer) rawAnswer {
	GinkgoHelper()
	Expect(a.status()).To(Equal("HTTP/1.1 200 OK"), a.body)
	Expect(a.id()).NotTo(BeEmpty(), a.head)
	s.id, s.heard = inQuery(a.id()), s.heard+a.body
	return a
}

// inQuery writes an id as a query needs it: what means something there is
// percent-encoded, the rest stays.
func inQuery(id string) string {
	var out strings.Builder
	for _, b := range []byte(id) {
		if strings.IndexByte("&=+%/?#[]", b) >= 0 {
			fmt.Fprintf(&out, "%%%02X", b)
			continue
		}
		out.WriteByte(b)
	}
	return out.String()
}

// request is the session's next request: a poll if there is nothing to say.
func (s *rawSession) request(commands string) string {
	if commands == "" {
		return post(s.base+"?Action=poll&SessionID="+s.id, "")
	}
	return post(s.base+"?SessionID="+s.id, commands)
}

// says sends commands, polls asks for what is queued.
func (s *rawSession) says(commands string) rawAnswer {
	GinkgoHelper()
	return s.takes(s.asks(s.request(commands)))
}

func (s *rawSession) polls() rawAnswer {
	GinkgoHelper()
	return s.says("")
}

// on goes on with the session on another connection; the former is left open.
func (s *rawSession) on(c *rawClient) *rawSession {
	s.rawClient = c
	return s
}

// waitsFor polls, every two seconds, until the server has said that.
func (s *rawSession) waitsFor(words string) {
	GinkgoHelper()
	for range 10 {
		if strings.Contains(s.heard, words) {
			return
		}
		time.Sleep(2 * time.Second)
		s.polls()
	}
	Fail("the server never said " + words + " but " + s.heard)
}

// signingIn is what alice's client says after VER.
func signingIn() []string {
	return []string{
		"CVR 2 0x0409 win 4.10 i386 MSNMSGR 5.0.0544 MSMSGS alice@example.com\r\n",
		"USR 3 TWN I alice@example.com\r\n",
		"USR 4 TWN S t=ticket&p=profile\r\n",
		"SYN 5 0\r\n",
		"CHG 6 NLN\r\n",
	}
}

// signsIn opens a session as alice and signs in, a command a request.
func (c *rawClient) signsIn() *rawSession {
	GinkgoHelper()
	s := c.opensNS()
	for _, command := range signingIn() {
		s.says(command)
	}
	s.waitsFor("CHG 6 NLN")
	return s
}
