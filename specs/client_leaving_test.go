package specs

import (
	"context"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"gauntlet/harness/msn/client"
)

var _ = Describe("The reference client", func() {
	It("leaves nothing behind where it cannot say OUT any more", atGateway("documented", func(s *msnSite) {
		user := client.NewUser(client.Options{Network: s.net.Host(rawHost), Gateway: "gateway.messenger.hotmail.com", Email: "alice@example.com", Password: "secret"})
		Expect(user.SignIn(context.Background())).To(Succeed())
		chat, err := user.Call(context.Background(), "bob@example.com")
		Expect(err).NotTo(HaveOccurred())
		Expect(s.gateway.Close()).To(Succeed())

		patience, cancel := context.WithTimeout(context.Background(), 10*time.Second)
		defer cancel()
		Expect(chat.Leave(patience)).To(MatchError(context.DeadlineExceeded))
		closed := make(chan struct{})
		go func() { user.Close(); close(closed) }()
		select {
		case <-closed:
		case <-time.After(time.Minute):
			Fail("Close waits for a session that nobody ends")
		}
	}))
})
