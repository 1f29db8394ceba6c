package specs

import (
	"bufio"
	"context"
	"io"
	"net"
	"strings"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"gauntlet/proxies"
	"gauntlet/proxies/simnet"
)

// HTTP's field names have no case, but some clients compare them as they were
// written: goproxy's X-Msn-Messenger is not the X-MSN-Messenger that they look
// for. A faithful box passes names on as they came.
var _ = Describe("The spelling of header names", func() {
	const (
		asked    = "x-mSn-MESSENGER: asked\r\nX-FOO-bar: asked\r\n"
		answered = "x-mSn-MESSENGER: answered\r\nX-FOO-bar: answered\r\n"
	)
	for _, box := range []string{"forward", "intercept by host", "intercept by original destination"} {
		target := "/"
		if box == "forward" {
			target = "http://gateway.example/"
		}
		It("comes through the box unchanged, there and back: "+box, inVirtualTime(func() {
			street := newStreet(box)
			defer street.close()

			head := street.ask("POST " + target + " HTTP/1.1\r\nHost: gateway.example\r\n" + asked + "Content-Length: 0\r\n\r\n")
			Expect(<-street.arrived).To(ContainSubstring("\r\n" + asked))
			Expect(head).To(HavePrefix("HTTP/1.1 200 OK\r\n"))
			Expect(head).To(ContainSubstring("\r\n" + answered))
		}))
	}

	It("is goproxy's own in a box that is told to be plain", inVirtualTime(func() {
		street := newStreet("forward plain")
		defer street.close()

		head := street.ask("POST http://gateway.example/ HTTP/1.1\r\nHost: gateway.example\r\n" + asked + "Content-Length: 0\r\n\r\n")
		Expect(<-street.arrived).To(ContainSubstring("\r\nX-Msn-Messenger: asked\r\n"))
		Expect(head).To(ContainSubstring("\r\nX-Msn-Messenger: answered\r\n"))
	}))
})

// street is a host, a box and a server that speaks raw bytes.
type street struct {
	net     *simnet.Net
	box     proxies.Box
	dial    string      // where the host's connections go to
	arrived chan string // heads, as the server got them
}

func newStreet(box string) *street {
	GinkgoHelper()
	s := &street{net: simnet.New(simnet.Options{}), dial: "gateway.example:80", arrived: make(chan string, 1)}
	server, err := s.net.Host("10.9.0.80", "gateway.example").Listen(":80")
	Expect(err).NotTo(HaveOccurred())
	go s.serve(server)

	spec, err := proxies.ParseSpec(box)
	Expect(err).NotTo(HaveOccurred())
	place := s.net.Host("10.1.0.1")
	l, err := place.Listen(":8080")
	Expect(err).NotTo(HaveOccurred())
	s.box, err = proxies.New(spec, proxies.Options{Network: place})
	Expect(err).NotTo(HaveOccurred())
	go func() { _ = s.box.Serve(l) }() // until close
	if spec.Kind == proxies.Intercept {
		s.net.Redirect(simnet.Redirect{From: "10.0.0.2", Port: 80, To: l.Addr().String()})
	} else {
		s.dial = l.Addr().String()
	}
	return s
}

// serve answers one request, byte for byte as it stands here.
func (s *street) serve(l net.Listener) {
	defer GinkgoRecover()
	c, err := l.Accept()
	if err != nil {
		return // closed before anybody came
	}
	defer c.Close()
	s.arrived <- headOf(c)
	_, err = io.WriteString(c, "HTTP/1.1 200 OK\r\nx-mSn-MESSENGER: answered\r\nX-FOO-bar: answered\r\nContent-Length: 0\r\n\r\n")
	Expect(err).NotTo(HaveOccurred())
}

// ask sends raw bytes and returns the head that comes back.
func (s *street) ask(request string) string {
	GinkgoHelper()
	c, err := s.net.Host("10.0.0.2").DialContext(context.Background(), "tcp", s.dial)
	Expect(err).NotTo(HaveOccurred())
	defer c.Close()
	_, err = io.WriteString(c, request)
	Expect(err).NotTo(HaveOccurred())
	return headOf(c)
}

// headOf reads up to the empty line.
func headOf(c net.Conn) string {
	var head strings.Builder
	for lines := bufio.NewReader(c); !strings.HasSuffix(head.String(), "\r\n\r\n"); {
		line, err := lines.ReadString('\n')
		head.WriteString(line)
		if err != nil {
			break
		}
	}
	return head.String()
}

func (s *street) close() {
	_ = s.box.Close()
	_ = s.net.Close()
}
