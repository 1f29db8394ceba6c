package specs

import (
	"context"
	"net"
	"runtime"
	"testing/synctest"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"gauntlet/harness/msn/client"
	"gauntlet/proxies"
	"gauntlet/proxies/network"
	"gauntlet/proxies/network/networktest"
)

// wear is what a working day of polls must not wear out.
type wear struct {
	polls      int
	goroutines int
	heap       uint64 // bytes
}

// measured is taken while everybody waits and after the garbage is gone.
func (s *site) measured() wear {
	synctest.Wait()
	runtime.GC()
	runtime.GC() // what finalizers and pools held on to
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	s.mu.Lock()
	defer s.mu.Unlock()
	return wear{polls: s.polls, goroutines: networktest.InThisBubble(), heap: m.HeapAlloc}
}

// counted is a network that counts who dials.
type counted struct {
	network.Network
	dials *int
}

func (c counted) DialContext(ctx context.Context, kind, address string) (net.Conn, error) {
	*c.dials++
	return c.Network.DialContext(ctx, kind, address)
}

// forwardProxy is a box with nobody's eyes on it.
func (s *site) forwardProxy() proxies.Box {
	GinkgoHelper()
	box, err := proxies.New(proxies.Spec{Kind: proxies.Forward, Port: 8080}, proxies.Options{Network: s.net.Host(boxHost)})
	Expect(err).NotTo(HaveOccurred())
	s.serve(s.listen(boxHost, ":8080"), box.Serve)
	return box
}

var _ = Describe("A working day of polling", heavy, long, func() {
	It("costs nothing that stays: 14,400 polls through a forward proxy", atGateway("documented", func(s *msnSite) {
		box := s.forwardProxy()
		defer box.Close()
		connections := 0
		user := client.NewUser(client.Options{
			Network: counted{s.net.Host(rawHost), &connections}, Route: proxies.Route{Kind: proxies.HTTPProxy, Proxy: boxHost + ":8080"}, Email: "alice@example.com",
		})
		defer user.Close()
		s.quiet = true
		Expect(user.SignIn(context.Background())).To(Succeed())
		before := s.measured().polls

		time.Sleep(time.Hour)
		early := s.measured()
		time.Sleep(7 * time.Hour)
		late := s.measured()

		Expect(late.polls - before).To(BeNumerically("~", 14_400, 144))
		Expect(late.goroutines).To(Equal(early.goroutines))
		Expect(late.heap).To(BeNumerically("~", early.heap, early.heap/16), "%d polls", late.polls-early.polls)
		Expect(connections).To(Equal(1), "one connection for all of it")
		Expect(user.SignOut(context.Background())).To(Succeed())
		AddReportEntry("polls", late.polls-before)
	}))
})
