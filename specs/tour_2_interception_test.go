package specs

import (
	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"gauntlet/harness/judge/history"
)

// Some proxies intercept connections without the client's knowledge, and the
// official client cannot handle them at all (S31, S32).
var _ = Describe("Tour 2: a transparent proxy", Label("tour"), func() {
	for _, routing := range []string{"host", "original destination"} {
		It("carries the session of a client that knows nothing of it, by "+routing, inVirtualTime(func() {
			// The network brings what the client sends to the gateway's port
			// 80 to a goproxy intercepting proxy instead.
			journey := journey{through: "intercept by " + routing}.travel()

			// The client believes that it speaks with the gateway …
			session := journey.session("NS")
			Expect(string(session.Requests[0].Head)).To(HavePrefix("POST /gateway/gateway.dll?Action=open"))
			for _, e := range journey.Run.Events {
				if e.Kind == history.Dialled {
					Expect(e.ID).To(HaveSuffix(":80"))
				}
			}
			// … but the box took its connections, and knows where they were to go.
			taken := 0
			for _, e := range journey.Run.Events {
				if e.From == history.AtHop && e.Hop == 0 && e.Kind == history.Accepted {
					Expect(e.ID).To(MatchRegexp(`^10\.9\.0\.\d+:80$`), "the original destination")
					taken++
				}
			}
			Expect(taken).To(BeNumerically(">=", 2), "connections of the NS and the SB session")

			// The session went on by its SessionID.
			ids := carried(session)
			Expect(ids).To(Equal(session.Tokens[:len(ids)]))
			Expect(journey.result.Failures()).To(BeEmpty())
		}))
	}
})
