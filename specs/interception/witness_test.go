package interception

import (
	"bytes"
	"context"
	"net/netip"
	"slices"
	"strings"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"gauntlet/harness/judge/history"
	"gauntlet/harness/msn/builtin"
	"gauntlet/harness/msn/servers"
	"gauntlet/harness/run/rig"
	"gauntlet/proxies/netns"
)

// seenConnection is a connection, put together from its packets: a second
// opinion of what passed, by somebody who shares no code with the hops.
type seenConnection struct {
	client, server netip.AddrPort
	sent, got      direction
}

// direction is one direction's bytes.
type direction struct {
	next    uint32
	begun   bool
	bytes   []byte
	waiting []netns.Segment // came before what belongs in front of them
}

// add takes a segment in; what came before is left out.
func (d *direction) add(s netns.Segment) {
	if s.Flags&netns.SYN != 0 {
		d.next, d.begun = s.Sequence+1, true
		return
	}
	d.waiting = append(d.waiting, s)
	slices.SortFunc(d.waiting, func(a, b netns.Segment) int { return int(int32(a.Sequence - b.Sequence)) })
	for len(d.waiting) > 0 && int32(d.waiting[0].Sequence-d.next) <= 0 {
		known := d.next - d.waiting[0].Sequence
		if payload := d.waiting[0].Payload; int(known) < len(payload) {
			d.bytes = append(d.bytes, payload[known:]...)
			d.next += uint32(len(payload)) - known
		}
		d.waiting = d.waiting[1:]
	}
}

// witness puts the connections of the client's host together.
type witness struct{ connections []*seenConnection }

func (w *witness) see(p netns.Packet) {
	s, ok := p.Segment()
	if !ok {
		return
	}
	if p.Out && s.Flags&(netns.SYN|netns.ACK) == netns.SYN && w.find(s.From, s.To) == nil {
		w.connections = append(w.connections, &seenConnection{client: s.From, server: s.To})
	}
	if c := w.find(s.From, s.To); c != nil {
		c.sent.add(s)
	} else if c := w.find(s.To, s.From); c != nil {
		c.got.add(s)
	}
}

func (w *witness) find(client, server netip.AddrPort) *seenConnection {
	for _, c := range w.connections {
		if c.client == client && c.server == server {
			return c
		}
	}
	return nil
}

// recorded are the bytes of a connection in the history.
func recorded(c *history.Connection) (sent, got []byte) {
	for _, x := range c.Exchanges {
		sent = append(append(sent, x.Head...), x.Body...)
		got = append(append(got, x.AnswerHead...), x.AnswerBody...)
	}
	return sent, got
}

var _ = Describe("The recorded history of hop 0", func() {
	for lines, family := range map[string]string{
		"chain: [intercept]\nworkload: [sign in, open chat, send 3 messages, leave chat, sign out]":                                                                  "ipv4",
		"chain: [intercept]\nfaults: ['hop 0: on MSG 3, answer: reset']\nworkload: [sign in, open chat, send 3 messages, stay 3s, sign out]":                         "ipv6",
		"chain: [forward port 3128 ipv6]\nworkload: [sign in, open chat, send 3 messages, leave chat, sign out]":                                                     "ipv6",
		"chain: [forward port 3128]\nfaults: ['hop 0: on MSG 2, answer: reset']\nworkload: [sign in, open chat, send 3 messages, stay 3s, sign out]":                 "ipv4",
		"chain: [intercept]\nfaults: ['hop 0: on MSG 2, answer: lose flow to client for 500ms']\nworkload: [sign in, open chat, send 3 messages, stay 3s, sign out]": "ipv4",
	} {
		It("is what a capture of the client's packets says, byte for byte", func() {
			w := &witness{}
			run := rig.Perform(context.Background(), parsed(strings.Replace(short(lines), "think:", "family: "+family+", think:", 1)), rig.Options{
				Speaks: servers.MSN(),
				Mode:   rig.Netns, Seed: 1, Client: builtin.New(), Witness: w.see,
			})
			Expect(run.Broken).NotTo(HaveOccurred())
			for _, f := range run.Faults {
				Expect(f.Fired).To(Equal(1), f.Text)
			}
			connections := history.Connections(run.Events, 0)
			Expect(w.connections).To(HaveLen(len(connections)))
			for i, c := range connections {
				Expect(w.connections[i].server.Addr().Is6()).To(Equal(family == "ipv6"))
				sent, got := recorded(c)
				Expect(len(sent)).To(BeNumerically(">", 100))
				Expect(bytes.Equal(w.connections[i].sent.bytes, sent)).To(BeTrue(), "%q\nand not\n%q", w.connections[i].sent.bytes, sent)
				Expect(bytes.Equal(w.connections[i].got.bytes, got)).To(BeTrue(), "%q\nand not\n%q", w.connections[i].got.bytes, got)
			}
		})
	}
})
