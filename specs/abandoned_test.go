package specs

import (
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
)

// wave opens that many sessions, signs alice in on some of them, and leaves
// them all without a word.
func (s *msnSite) wave(sessions int) {
	GinkgoHelper()
	for i := range sessions {
		client := s.client()
		session := client.opensNS()
		if i%100 == 0 {
			session.says(signingIn()[0] + signingIn()[1] + signingIn()[2])
		}
		Expect(client.Close()).To(Succeed())
	}
}

var _ = Describe("Sessions that are abandoned by the thousand", long, func() {
	It("end one by one, and leave nothing behind", atGateway("documented", func(s *msnSite) {
		s.quiet = true
		var wears []wear
		for range 4 {
			s.wave(1000)
			Expect(s.gateway.Sessions()).To(Equal(1000))
			time.Sleep(2 * time.Minute)
			Expect(s.gateway.Sessions()).To(BeZero())
			wears = append(wears, s.measured())
		}
		Expect(wears[3].goroutines).To(Equal(wears[0].goroutines))
		Expect(wears[3].heap).To(BeNumerically("<", wears[0].heap*6/5))
	}))
})
