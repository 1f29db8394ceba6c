package specs

import (
	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"gauntlet/harness/judge/history"
	"gauntlet/harness/judge/oracle"
	"gauntlet/harness/judge/trace"
)

// The protocol seems to support a connection being broken and made again
// without the session being affected, which had not been tested in practice
// (S17). Here it is.
var _ = Describe("Tour 3: a dropped connection", Label("tour"), func() {
	It("does not end the session when a poll is lost on the way to the gateway", inVirtualTime(func() {
		journey := journey{
			through: "forward port 8080",
			fault:   "hop 0: on NS poll 3, forward: reset",
		}.travel()
		Expect(journey.Faults[0].Fired).To(Equal(1))

		// The client came back on another connection, with the same id …
		session := journey.session("NS")
		lost, repeat := disturbed(journey, session)
		Expect(repeat.Conn).NotTo(Equal(lost.Conn))
		Expect(repeat.Asked.Token).To(Equal(lost.Asked.Token))
		// … and the gateway saw that poll once.
		Expect(processed(journey, lost.Asked.Token)).To(Equal(1))
		Expect(journey.verdict("connection.session-survives").Status).To(Equal(oracle.Pass))
		Expect(journey.result.Failures()).To(BeEmpty())
	}))

	It("neither loses nor doubles a message whose answer was lost", inVirtualTime(func() {
		journey := journey{
			through: "forward port 8080",
			fault:   "hop 0: on MSG 2, answer: reset",
		}.travel()
		Expect(journey.Faults[0].Fired).To(Equal(1))

		// The gateway had processed it; the repeat, byte for byte the same, was
		// answered from its log.
		session := journey.session("SB")
		lost, repeat := disturbed(journey, session)
		Expect(repeat.Head).To(Equal(lost.Head))
		Expect(repeat.Body).To(Equal(lost.Body))
		Expect(processed(journey, lost.Asked.Token)).To(Equal(1))

		// The contact got each message once, in order.
		var arrived []string
		for _, e := range journey.Run.Events {
			if e.Kind == history.Relayed && e.ID == journey.Contact {
				arrived = append(arrived, e.Text)
			}
		}
		Expect(arrived).To(HaveExactElements(
			"message 1 from alice", "message 2 from alice", "message 3 from alice",
			"message 4 from alice", "message 5 from alice",
		))
		Expect(journey.result.Failures()).To(BeEmpty())
	}))
})

// disturbed is the session's request without an answer, and the next one.
func disturbed(t travelled, s *trace.Session) (lost, next *trace.Request) {
	GinkgoHelper()
	for i, r := range s.Requests[:len(s.Requests)-1] {
		if !r.Answered {
			return r, s.Requests[i+1]
		}
	}
	Fail("every request of the session was answered")
	return nil, nil
}

// processed counts how often the gateway executed a request with that id.
func processed(t travelled, id string) int {
	n := 0
	for _, e := range t.Run.Events {
		if e.Kind == history.Processed && e.ID == id {
			n++
		}
	}
	return n
}
