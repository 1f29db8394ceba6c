package specs

import (
	"context"
	"net"
	"strings"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"gauntlet/harness/judge/history"
	"gauntlet/harness/msn/messenger"
)

// msnSite is a site with the real messenger: alice has an account, and bob is
// her contact, who is online.
type msnSite struct {
	*site
	messenger *messenger.Messenger
	bob       *messenger.Contact
	routed    []string // "NS messenger.hotmail.com": what the gateway was asked to reach
}

// atGateway is a spec's body at a gateway of that dialect, in virtual time.
func atGateway(dialect string, body func(*msnSite)) func() {
	return inVirtualTime(func() {
		GinkgoHelper()
		s := newMSNSite(dialect)
		defer s.close()
		body(s)
	})
}

// newMSNSite puts everything up.
func newMSNSite(dialect string) *msnSite {
	GinkgoHelper()
	s := &msnSite{}
	s.site = newSite(dialectOf(dialect), s.reach)
	s.messenger = messenger.New(messenger.Options{
		Accounts: []messenger.Account{
			{Email: "alice@example.com", Nick: "Alice", Contacts: []string{"bob@example.com"}},
			{Email: "bob@example.com", Nick: "Bob", Contacts: []string{"alice@example.com"}},
		},
		Versions: messenger.Versions(), Switchboard: siteSwitchboard + ":1863", HTTP: fromGateway, ChallengeAfter: -1,
		Observe: s.note, Seed: 1,
	})
	s.bob = s.messenger.Contact("bob@example.com")
	s.bob.SignIn()
	s.serve(s.listen(siteServer, ":1863"), s.messenger.ServeNotification)
	s.serve(s.listen(siteSwitchboard, ":1863"), s.messenger.ServeSwitchboard)
	return s
}

// fromGateway tells the messenger's two kinds of clients apart.
func fromGateway(c net.Conn) bool { return strings.HasPrefix(c.RemoteAddr().String(), siteGateway+":") }

// reach is the gateway's way to the servers, by what the open says.
func (s *msnSite) reach(ctx context.Context, server, ip string) (net.Conn, error) {
	s.mu.Lock()
	if !s.quiet {
		s.routed = append(s.routed, server+" "+ip)
	}
	s.mu.Unlock()
	host := siteServer
	if server == "SB" {
		host = ip
	}
	return s.net.Host(siteGateway).DialContext(ctx, "tcp", net.JoinHostPort(host, "1863"))
}

// close also takes the messenger down.
func (s *msnSite) close() {
	GinkgoHelper()
	err := s.messenger.Close()
	s.site.close()
	Expect(err).NotTo(HaveOccurred())
}

// heard are the bytes that alice's clients have said to the servers, in order.
func (s *msnSite) heard() string {
	var all strings.Builder
	for _, e := range s.happened(history.Command) {
		all.Write(e.Data)
	}
	return all.String()
}

// ticketTo asks for a switchboard: its address, as XFR gave it, and a ticket.
func (s *rawSession) ticketTo() (address, ticket string) {
	GinkgoHelper()
	s.says("XFR 7 SB\r\n")
	s.waitsFor("XFR 7 SB ")
	_, line, _ := strings.Cut(s.heard, "XFR 7 SB ")
	line, _, _ = strings.Cut(line, "\r\n")
	words := strings.Fields(line) // address CKI ticket
	Expect(words).To(HaveLen(3))
	return words[0], words[2]
}
