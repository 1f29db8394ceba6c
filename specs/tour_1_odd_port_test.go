package specs

import (
	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"gauntlet/harness/judge/history"
)

// The official client misbehaves with HTTP proxies on a port other than 80
// (S25). A client that is told of a proxy goes there, and only there.
var _ = Describe("Tour 1: a proxy on a port other than 80", Label("tour"), func() {
	for _, port := range []string{"3128", "8080", "1", "65535"} {
		It("carries the session on port "+port, inVirtualTime(func() {
			// A goproxy forward proxy listens on that port; the client's
			// settings name it. The user signs in, chats and leaves.
			journey := journey{through: "forward port " + port}.travel()

			// There was one session, known by nothing but its SessionID: each
			// request carried the id of the answer before it.
			session := journey.session("NS")
			ids := carried(session)
			Expect(len(ids)).To(BeNumerically(">", 10))
			Expect(ids).To(Equal(session.Tokens[:len(ids)]))

			// Every connection of the client's went to the proxy's port.
			for _, e := range journey.Run.Events {
				if e.Kind == history.Dialled {
					Expect(e.ID).To(HaveSuffix(":" + port))
					Expect(e.How).To(Equal("connected"))
				}
			}
			Expect(string(session.Requests[0].Head)).To(HavePrefix("POST http://"), "a proxy is spoken to in absolute-form")
			Expect(journey.result.Failures()).To(BeEmpty())
		}))
	}
})
