package specs

import (
	"net"
	"strconv"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"gauntlet/harness/judge/history"
	"gauntlet/harness/msn/servers"
	"gauntlet/proxies"
	"gauntlet/proxies/fault"
	"gauntlet/proxies/simnet"
	"gauntlet/proxies/wire"
)

// boxHost is where the box of a box site stands.
const boxHost = "10.1.1.1"

// boxSite is a site with a box between the client and the gateway. The hop
// before the box is number 0, the one behind it number 1.
type boxSite struct {
	*msnSite
	box     proxies.Box
	address string // where the box listens
	taps    []*wire.Tap

	reached []wire.Event // request heads at the last hop, in order
}

// throughBox is a spec's body at a documented gateway behind a box, with
// faults on the way.
func throughBox(box string, body func(*boxSite), faults ...string) func() {
	return atGateway("documented think=50ms", func(s *msnSite) {
		GinkgoHelper()
		b := newBoxSite(s, box, faults)
		defer b.close()
		body(b)
	})
}

func newBoxSite(s *msnSite, box string, faults []string) *boxSite {
	GinkgoHelper()
	b := &boxSite{msnSite: s}
	var list []fault.Fault
	for _, text := range faults {
		f, err := fault.Parse(text, servers.Vocabulary(nil).Faults)
		Expect(err).NotTo(HaveOccurred())
		list = append(list, f)
	}
	schedule := fault.NewSchedule(list, 1)
	for hop := range 2 {
		b.taps = append(b.taps, wire.New(wire.Options{Hop: hop, Faults: schedule, Label: servers.LabelHead(nil), Observe: b.observe}))
	}
	b.start(box)
	return b
}

// observe keeps what the gateway is sent, and where the box's clients were going.
func (b *boxSite) observe(e wire.Event) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if e.Hop == 1 && e.Kind == wire.RequestHead {
		b.reached = append(b.reached, e)
	}
	if e.Hop == 0 && e.Kind == wire.Accepted {
		b.events = append(b.events, history.Event{From: history.AtHop, Kind: history.Accepted, ID: e.OriginalDestination})
	}
}

// start puts a box up, at a port of its own or on one that it names.
func (b *boxSite) start(box string) {
	GinkgoHelper()
	spec, err := proxies.ParseSpec(box)
	Expect(err).NotTo(HaveOccurred())
	b.box, err = proxies.New(spec, proxies.Options{Network: b.net.Host(boxHost)})
	Expect(err).NotTo(HaveOccurred())
	l := b.listen(boxHost, net.JoinHostPort("", strconv.Itoa(spec.Port)))
	b.address = l.Addr().String()
	b.serve(b.taps[0].Listen(l), b.box.Serve)
}

// restarted ends the box and everything in it, and starts another in its place.
func (b *boxSite) restarted(box string) {
	GinkgoHelper()
	Expect(b.box.Close()).To(Succeed())
	b.start(box)
}

// observed is a host that is the gateway's too, seen by the last hop's tap.
func (b *boxSite) observed() string {
	GinkgoHelper()
	b.serve(b.taps[1].Listen(b.listen("10.9.0.90", ":80")), b.gateway.Serve)
	return "10.9.0.90"
}

// intercepts brings what the client sends to port 80 to the box instead.
func (b *boxSite) intercepts() {
	b.net.Redirect(simnet.Redirect{From: rawHost, Port: 80, To: b.address})
}

// proxied is a raw client that is configured to use the box.
func (b *boxSite) proxied() *rawClient {
	GinkgoHelper()
	return b.raw(b.address)
}

func (b *boxSite) close() {
	GinkgoHelper()
	Expect(b.box.Close()).To(Succeed())
	for _, t := range b.taps {
		Expect(t.Close()).To(Succeed())
	}
}
