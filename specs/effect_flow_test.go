package specs

import (
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
)

// slowed is how long an open takes through a box with that effect, and without.
func slowed(where, effect string, look func(took, usual time.Duration)) func() {
	line := "hop 0: " + where + ": " + effect
	return throughBox("forward port 8080", func(b *boxSite) {
		GinkgoHelper()
		opening := func() time.Duration {
			began := time.Now()
			b.proxied().opensNS()
			return time.Since(began)
		}
		took := opening()
		Expect(b.fired(0, line)).To(Equal(1))
		look(took, opening())
	}, line)
}

var _ = Describe("A slow way", func() {
	first := "on connection 1"

	It("delays both directions", slowed(first, "delay 300ms", func(took, usual time.Duration) {
		Expect(took).To(BeNumerically("~", usual+600*time.Millisecond, 5*time.Millisecond))
	}))
	It("lets its delay vary within bounds", slowed(first, "delay 300ms jitter 1s", func(took, usual time.Duration) {
		Expect(took - usual).To(BeNumerically(">=", 600*time.Millisecond))
		Expect(took - usual).To(BeNumerically("<", 2600*time.Millisecond))
	}))
	It("lets so many bytes a second through", slowed(first, "bandwidth 100", func(took, usual time.Duration) {
		Expect(took).To(BeNumerically(">", usual+3*time.Second))
	}))
	It("lets a few bytes through at a time", slowed(first, "dribble 1 bytes every 10ms to client", func(took, usual time.Duration) {
		Expect(took).To(BeNumerically(">", usual+time.Second))
	}))
	It("holds an answer back", slowed("on request 1, answer", "hold 7s", func(took, usual time.Duration) {
		Expect(took).To(BeNumerically("~", usual+7*time.Second, 5*time.Millisecond))
	}))
	It("collects an answer first", slowed("on request 1, answer", "coalesce 2s", func(took, usual time.Duration) {
		Expect(took).To(BeNumerically("~", usual+2*time.Second, 5*time.Millisecond))
	}))
	It("stops, and goes on", slowed("on request 1, forward", "stall for 9s", func(took, usual time.Duration) {
		Expect(took).To(BeNumerically("~", usual+9*time.Second, 60*time.Millisecond))
	}))
})

var _ = Describe("A connection that only one side has lost", func() {
	for _, effect := range []string{"cut client", "reset client", "half-close"} {
		line := "hop 0: on request 2, answer: " + effect
		It("ends for the client, after what the gateway has processed ("+effect+")", throughBox("forward port 8080", func(b *boxSite) {
			client := b.proxied()
			session := client.opensNS()
			client.sends(session.request(""))
			client.ended()
			Expect(b.arrived()).To(Equal(2))
			Expect(b.fired(0, line)).To(Equal(1))
		}, line))
	}
	for _, effect := range []string{"cut box", "reset box", "blackhole"} {
		line := "hop 0: on request 2, answer: " + effect
		It("leaves the client waiting for ever ("+effect+")", throughBox("forward port 8080", func(b *boxSite) {
			client := b.proxied()
			session := client.opensNS()
			client.sends(session.request(""))
			bytes, ended := client.hears(time.Hour)
			Expect(bytes).To(BeEmpty())
			Expect(ended).To(BeFalse())
			Expect(b.fired(0, line)).To(Equal(1))
		}, line))
	}
})
