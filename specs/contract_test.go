package specs

import (
	"context"
	"errors"
	"io"
	"maps"
	"net"
	"os"
	"slices"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"gauntlet/harness/msn/servers"
	"gauntlet/proxies/fault"
	"gauntlet/proxies/network"
	"gauntlet/proxies/network/networktest"
	"gauntlet/proxies/simnet"
	"gauntlet/proxies/wire"
)

// socket is a listener with the way to it.
type socket struct {
	listen func() (net.Listener, error)
	dial   func(address string) (net.Conn, error)
	stop   func()
}

// inMemory is a fresh in-memory network of two hosts.
func inMemory() socket {
	n := simnet.New(simnet.Options{})
	near, far := n.Host("10.0.0.2"), n.Host("10.0.0.3")
	return socket{
		listen: func() (net.Listener, error) { return far.Listen(":80") },
		dial:   func(a string) (net.Conn, error) { return near.DialContext(context.Background(), "tcp", a) },
		stop:   func() { _ = n.Close() },
	}
}

// onLoopback is real TCP.
func onLoopback() socket {
	n := &network.Loopback{}
	return socket{
		listen: func() (net.Listener, error) { return n.Listen(":0") },
		dial:   func(a string) (net.Conn, error) { return n.DialContext(context.Background(), "tcp", a) },
		stop:   func() {},
	}
}

// bare makes pairs of connections as they are.
func bare(make func() socket) networktest.Pair {
	return func() (net.Conn, net.Conn, func(), error) {
		return pair(make(), func(l net.Listener) net.Listener { return l }, func() {})
	}
}

// armed makes pairs whose accepting end is wrapped, with those faults.
func armed(make func() socket, faults ...string) networktest.Pair {
	return func() (net.Conn, net.Conn, func(), error) {
		tap := tapWith(faults...)
		return pair(make(), tap.Listen, func() { _ = tap.Close() })
	}
}

func tapWith(lines ...string) *wire.Tap {
	GinkgoHelper()
	var faults []fault.Fault
	for _, line := range lines {
		f, err := fault.Parse(line, servers.Vocabulary(nil).Faults)
		Expect(err).NotTo(HaveOccurred())
		faults = append(faults, f)
	}
	return wire.New(wire.Options{Faults: fault.NewSchedule(faults, 1)})
}

func pair(s socket, wrap func(net.Listener) net.Listener, end func()) (client, server net.Conn, stop func(), err error) {
	inner, err := s.listen()
	if err != nil {
		return nil, nil, nil, err
	}
	l := wrap(inner)
	defer l.Close()
	if client, err = s.dial(inner.Addr().String()); err != nil {
		return nil, nil, nil, err
	}
	server, err = l.Accept()
	return client, server, func() { client.Close(); server.Close(); end(); s.stop() }, err
}

// keeps holds the pairs to every clause of the contract.
func keeps(p networktest.Pair) {
	GinkgoHelper()
	for _, clause := range networktest.Checks(p) {
		Expect(clause.Run()).To(Succeed(), clause.Name)
	}
}

// waiting is a fault with that effect which does not come to strike.
func waiting(effect string, kind fault.Kind) string {
	where := "on connection 1000"
	if kind.MeansSomethingAt(fault.AtLookup) {
		where = "on lookup 1000"
	}
	for _, place := range []fault.Place{fault.AtEnd, fault.AtForward, fault.AtAnswer} {
		if kind.MeansSomethingAt(place) {
			where = "on request 1000, " + place.String()
		}
	}
	return "hop 0: " + where + ": " + kind.Example(effect)
}

var _ = Describe("The connection contract", func() {
	It("is kept by the in-memory network", inVirtualTime(func() { keeps(bare(inMemory)) }))
	It("is kept by real TCP", func() { keeps(bare(onLoopback)) })
	It("is kept by the wrapper when it only observes", inVirtualTime(func() { keeps(armed(inMemory)) }))
	It("is kept by the wrapper on real TCP", func() { keeps(armed(onLoopback)) })

	// An effect that keeps a request from the box altogether has to hold back
	// whatever may be the beginning of one; bytes that are none then wait too.
	effects := fault.Effects()
	maps.DeleteFunc(effects, func(_ string, k fault.Kind) bool { return k.Withholds && !k.MeansSomethingAt(fault.AtAnswer) })
	for _, name := range slices.Sorted(maps.Keys(effects)) {
		line := waiting(name, effects[name])
		It("is kept by the wrapper armed with "+name, inVirtualTime(func() { keeps(armed(inMemory, line)) }))
	}
	It("is kept by the wrapper armed with everything, on real TCP", func() {
		var lines []string
		for _, name := range slices.Sorted(maps.Keys(effects)) {
			lines = append(lines, waiting(name, effects[name]))
		}
		keeps(armed(onLoopback, lines...))
	})
})

var _ = Describe("A connection that is stalled", func() {
	const request = "POST / HTTP/1.1\r\nContent-Length: 2\r\n\r\nab"

	// stalled is the accepting end of a connection of which nothing passes any
	// more: neither what the peer sends, nor what is answered.
	stalled := func() (box net.Conn, stop func()) {
		GinkgoHelper()
		peer, box, stop, err := armed(inMemory, "hop 0: on request 1, head: stall")()
		Expect(err).NotTo(HaveOccurred())
		_, err = io.WriteString(peer, request)
		Expect(err).NotTo(HaveOccurred())
		return box, stop
	}
	attempts := map[string]func(net.Conn) error{
		"Read":  func(c net.Conn) error { _, err := c.Read(make([]byte, 1)); return err },
		"Write": func(c net.Conn) error { _, err := c.Write([]byte("x")); return err },
	}

	for _, name := range slices.Sorted(maps.Keys(attempts)) { // in the same order in each process of the suite
		attempt := attempts[name]
		It("lets "+name+" return at its deadline", inVirtualTime(func() {
			box, stop := stalled()
			defer stop()
			reads(box)
			Expect(box.SetDeadline(time.Now().Add(time.Minute))).To(Succeed())
			began := time.Now()
			Expect(attempt(box)).To(MatchError(os.ErrDeadlineExceeded))
			Expect(time.Since(began)).To(Equal(time.Minute))
		}))

		It("lets "+name+" return when a past deadline is set elsewhere", inVirtualTime(func() {
			box, stop := stalled()
			defer stop()
			reads(box)
			time.AfterFunc(time.Hour, func() { _ = box.SetDeadline(time.Unix(1, 0)) })
			Expect(attempt(box)).To(MatchError(os.ErrDeadlineExceeded))
		}))

		It("lets "+name+" return when it is closed elsewhere", inVirtualTime(func() {
			box, stop := stalled()
			defer stop()
			reads(box)
			time.AfterFunc(time.Hour, func() { _ = box.Close() })
			Expect(attempt(box)).To(MatchError(net.ErrClosed))
		}))
	}
})

// reads has the box ask for the request, for a stall strikes in its own calls.
func reads(box net.Conn) {
	GinkgoHelper()
	Expect(box.SetReadDeadline(time.Now().Add(time.Second))).To(Succeed())
	_, err := box.Read(make([]byte, 1))
	Expect(errors.Is(err, os.ErrDeadlineExceeded)).To(BeTrue(), "%v", err)
	Expect(box.SetReadDeadline(time.Time{})).To(Succeed())
}
