package specs

import (
	"context"
	"net"
	"strings"
	"sync"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"gauntlet/harness/judge/history"
	"gauntlet/harness/msn/gateway"
	"gauntlet/proxies/simnet"
)

// The addresses of a site. The gateway answers on port 80 of them all.
const (
	rawHost         = "10.0.0.2" // the raw client's
	siteGateway     = "10.9.0.80"
	siteSwitchboard = "10.9.0.2"
	siteServer      = "10.9.0.10" // the notification server's
)

func siteGateways() []string {
	return []string{siteGateway, siteSwitchboard, "207.46.110.18", "207.46.110.19"}
}

// site is a gateway on a network of its own. It lives in one bubble.
type site struct {
	net     *simnet.Net
	gateway *gateway.Gateway

	mu      sync.Mutex
	events  []history.Event
	polls   int      // processed so far
	quiet   bool     // events are counted and not kept
	dials   []string // "10.1.1.1 > 10.9.0.80:80", of all hosts
	errs    []error
	serving sync.WaitGroup
}

// newSite puts a gateway up that reaches its messenger by dial.
func newSite(d gateway.Dialect, dial func(context.Context, string, string) (net.Conn, error)) *site {
	GinkgoHelper()
	s := &site{}
	s.net = simnet.New(simnet.Options{OnDial: s.noteDial})
	s.gateway = gateway.New(gateway.Options{Dialect: d, Seed: 1, Dial: dial, Observe: s.note})
	s.net.Host(siteGateway, gateway.DefaultHost)
	for _, host := range siteGateways() {
		s.serve(s.listen(host, ":80"), s.gateway.Serve)
	}
	return s
}

func (s *site) note(e history.Event) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if e.Kind == history.Processed && e.Action == "poll" {
		s.polls++
	}
	if !s.quiet {
		s.events = append(s.events, e)
	}
}

func (s *site) noteDial(d simnet.Dial) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.quiet {
		s.dials = append(s.dials, d.From+" > "+d.Address)
	}
}

// dialled are the addresses that a host has connected to, in order.
func (s *site) dialled(host string) []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	var to []string
	for _, d := range s.dials {
		if address, its := strings.CutPrefix(d, host+" > "); its {
			to = append(to, address)
		}
	}
	return to
}

func (s *site) listen(host, address string) net.Listener {
	GinkgoHelper()
	l, err := s.net.Host(host).Listen(address)
	Expect(err).NotTo(HaveOccurred())
	return l
}

// serve runs a server until it is closed and keeps its error.
func (s *site) serve(l net.Listener, serve func(net.Listener) error) {
	s.serving.Go(func() {
		if err := serve(l); err != nil {
			s.mu.Lock()
			defer s.mu.Unlock()
			s.errs = append(s.errs, err)
		}
	})
}

// raw is a raw client that has connected to address.
func (s *site) raw(address string) *rawClient {
	GinkgoHelper()
	return s.rawFrom(rawHost, address)
}

func (s *site) rawFrom(host, address string) *rawClient {
	GinkgoHelper()
	c, err := s.net.Host(host).DialContext(context.Background(), "tcp", address)
	Expect(err).NotTo(HaveOccurred())
	return &rawClient{Conn: c}
}

// client is a raw client that has connected to the dispatch host.
func (s *site) client() *rawClient {
	GinkgoHelper()
	return s.raw("gateway.messenger.hotmail.com:80")
}

// happened are the events of a kind so far.
func (s *site) happened(kind history.Kind) []history.Event {
	s.mu.Lock()
	defer s.mu.Unlock()
	var found []history.Event
	for _, e := range s.events {
		if e.Kind == kind {
			found = append(found, e)
		}
	}
	return found
}

// close takes the gateway and the network down; clients that were left open
// are reset.
func (s *site) close() {
	GinkgoHelper()
	Expect(s.gateway.Close()).To(Succeed())
	Expect(s.net.Close()).To(Succeed())
	s.serving.Wait()
	Expect(s.errs).To(BeEmpty())
}

// dialectOf reads a dialect's name and the knobs that are turned on it, such
// as "documented think=50ms".
func dialectOf(text string) gateway.Dialect {
	GinkgoHelper()
	words := strings.Fields(text)
	d, known := gateway.Dialects()[words[0]]
	Expect(known).To(BeTrue(), text)
	for _, turn := range words[1:] {
		knob, value, _ := strings.Cut(turn, "=")
		var err error
		d, err = d.With(knob, strings.ReplaceAll(value, ",", " "))
		Expect(err).NotTo(HaveOccurred(), text)
	}
	return d
}

// seconds is a length of time that reads well.
func seconds(n int) time.Duration { return time.Duration(n) * time.Second }
