// Package servers is MSN over HTTP as a run needs it: the words of its cases, the
// labels of its requests, the reference gateway with the messenger and the login
// services, and the user's contact. It knows nothing of boxes, faults or
// verdicts. Whoever sets up a run imports it, and hands its Protocol on.
package servers

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"net/http"
	"slices"
	"time"

	"gauntlet/harness/judge/history"
	"gauntlet/harness/msn/client"
	"gauntlet/harness/msn/gateway"
	"gauntlet/harness/msn/login"
	"gauntlet/harness/msn/messenger"
	"gauntlet/harness/msn/msnp"
	"gauntlet/harness/msn/oracle"
	"gauntlet/harness/msn/reading"
	"gauntlet/harness/run/catalogue"
	"gauntlet/harness/run/protocol"
	"gauntlet/harness/run/workload"
)

// Where the servers behind the gateway stand.
const (
	switchboardHost  = "10.9.0.2"
	notificationHost = "10.9.0.10"
	ownPort          = 1863
)

// MSN is the protocol. An SB open may go to the gateway or to the switchboard's
// own address (S38, S39).
func MSN() protocol.Protocol {
	alone := []string{"request", "poll", "open", "VER", "CVR", "USR", "SYN", "CHG", "QRY", "OUT"}
	return protocol.Protocol{
		Reader: reading.MSN{}, Oracles: oracle.Oracles(), Vocabulary: Vocabulary(nil),
		Gateway: client.DispatchHost, Names: names(), Doors: doors(),
		Login: protocol.Login{Names: login.Names(), Domains: login.Domains(), Apart: login.ApartFromGateway(), Certified: login.Certified()},
		Alone: alone, Called: []string{"ANS"}, Longest: msnp.MaxMessage - len(msnp.PlainMessage("").Payload()),
		LabelHead: LabelHead, LabelBody: LabelBody, Start: start, Contact: newRemote, Beyond: reading.Beyond,
	}
}

func names() []string { return []string{client.DispatchHost, "messenger.hotmail.com"} }

func doors() []string { return []string{switchboardHost} }

// running are the servers of one run.
type running struct {
	site      protocol.Site
	messenger *messenger.Messenger
	gateway   *gateway.Gateway
	login     *http.Server
}

// challengeWithin is longer than anything stands in the way of a client that is not
// suspended, and a slow client's wait after it: no case is about challenges that come too late.
const challengeWithin = 80 * time.Second

// patience is how long a challenge may stay unanswered in a case: a client that is
// suspended cannot answer.
func patience(c catalogue.Case) time.Duration {
	within := challengeWithin
	for _, step := range c.Workload {
		if step.Verb == workload.Suspend {
			within += step.For
		}
	}
	return within
}

// probeEvery is how often a client is challenged that says nothing of itself: it
// answers by itself, and so shows that it is reached.
const probeEvery = 5 * time.Second

func start(site protocol.Site) (protocol.Servers, error) {
	dialect, err := dialectOf(site.Case)
	if err != nil {
		return nil, err
	}
	s := &running{site: site, messenger: newMessenger(site)}
	s.gateway = gateway.New(gateway.Options{
		Dialect: dialect, Seed: site.Seed, Secret: site.Secret, Observe: site.Observe, Dial: s.dial, Logger: site.Logger,
	})
	services := login.New(login.Options{Directory: s.messenger, Observe: site.Observe, Logger: site.Logger})
	s.login = &http.Server{Handler: services, ReadHeaderTimeout: 30 * time.Second, ErrorLog: services.ErrorLog()}
	return s, nil
}

func newMessenger(site protocol.Site) *messenger.Messenger {
	o := messenger.Options{
		Accounts: []messenger.Account{
			{Email: site.User, Nick: cmp.Or(site.Case.Account.Nick, "Alice"), Contacts: listOf(site)},
			{Email: site.Contact, Nick: cmp.Or(site.Case.Account.ContactNick, "Bob"), Contacts: []string{site.User}},
		},
		Versions: messenger.Versions(), Switchboard: fmt.Sprintf("%s:%d", switchboardHost, ownPort),
		ChallengeWithin: patience(site.Case), Seed: site.Seed, Logger: site.Logger,
		Observe: func(e history.Event) {
			site.Observe(e)
			if e.Kind == history.Sent && e.User == site.User && bytes.HasPrefix(e.Data, []byte("CHG ")) {
				site.Visible()
			}
		},
	}
	for _, email := range site.Others {
		o.Accounts = append(o.Accounts, messenger.Account{Email: email})
	}
	if len(site.Secret) > 0 {
		o.Source = rand.NewChaCha8([32]byte(site.Secret))
	}
	if site.Silent {
		o.ChallengeEvery = probeEvery
	}
	return messenger.New(o)
}

// listOf are the contacts on the user's list, in the order in which it is told.
func listOf(site protocol.Site) (emails []string) {
	for i := range site.Case.Account.Others + 1 {
		if i == 0 {
			emails = append(emails, site.Contact)
			continue
		}
		emails = append(emails, fmt.Sprintf("contact-%d@example.com", i))
	}
	return emails
}

// dialectOf is the case's gateway, with GW-IPs of ours.
func dialectOf(c catalogue.Case) (gateway.Dialect, error) {
	dialect, ok := gateway.Dialects()[c.Dialect]
	if !ok {
		return dialect, fmt.Errorf("no dialect %q", c.Dialect)
	}
	dialect.Think, dialect.Addresses = c.Think, []string{protocol.GatewayHost, protocol.OtherGatewayHost}
	for _, knob := range c.Knobs {
		var err error
		if dialect, err = dialect.With(knob.Name, knob.Value); err != nil {
			return dialect, err
		}
	}
	named := slices.ContainsFunc(c.Knobs, func(k catalogue.Knob) bool { return k.Name == "addresses" })
	if dialect.Family == gateway.IPv6 && !named {
		dialect.Addresses = []string{protocol.IPv6Gateway}
	}
	return dialect, nil
}

// dial is the gateway's way to the servers behind it.
func (s *running) dial(ctx context.Context, server, ip string) (net.Conn, error) {
	host := notificationHost
	if server == string(gateway.SB) {
		host = ip
	}
	return s.site.Dial(ctx, fmt.Sprintf("%s:%d", host, ownPort))
}

// Behind are the notification server and the switchboard.
func (s *running) Behind() []protocol.Endpoint {
	return []protocol.Endpoint{
		{Host: notificationHost, Port: ownPort, Serve: untilClosed(s.messenger.ServeNotification)},
		{Host: switchboardHost, Port: ownPort, Serve: untilClosed(s.messenger.ServeSwitchboard)},
	}
}

// Door is the port at which MSNP is spoken without HTTP; none where it refuses.
func (s *running) Door() []protocol.Endpoint {
	door := protocol.Endpoint{Host: protocol.GatewayHost, Port: ownPort}
	if s.gateway.Dialect().Family == gateway.IPv6 {
		door.Host = protocol.IPv6GatewayHost
	}
	switch s.gateway.Dialect().Door {
	case gateway.DoorOpen:
		door.Serve = untilClosed(s.messenger.ServeNotification)
		fallthrough
	case gateway.DoorDrops:
		return []protocol.Endpoint{door}
	}
	return nil
}

// untilClosed takes the messenger's end for none of its errors. A client that
// gives up at once can end the run before a server has begun.
func untilClosed(serve func(net.Listener) error) func(net.Listener) error {
	return func(l net.Listener) error {
		if err := serve(l); !errors.Is(err, messenger.ErrClosed) {
			return err
		}
		return nil
	}
}

// Serve serves as the gateway.
func (s *running) Serve(l net.Listener) error { return s.gateway.Serve(l) }

// ServeLogin serves the login services.
func (s *running) ServeLogin(l net.Listener) error {
	if err := s.login.Serve(l); !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return nil
}

// Session is to which kind of server a SessionID belongs.
func (s *running) Session(id string) []string {
	if info, ok := s.gateway.Lookup(id); ok {
		return []string{info.Server}
	}
	return nil
}

// Forget has the gateway forget all sessions.
func (s *running) Forget() { s.gateway.Forget() }

// ForgetChats has it forget those with a switchboard.
func (s *running) ForgetChats() { s.gateway.ForgetChats() }

// CloseChats has the switchboard end all chats.
func (s *running) CloseChats() { s.messenger.CloseChats() }

// Maintain has the gateway answer 503 for d.
func (s *running) Maintain(d time.Duration) { s.gateway.Maintain(d) }

// Restart has it lose what it has, and reset connections for d.
func (s *running) Restart(d time.Duration) { s.gateway.Restart(d) }

// Leave ends the machine at that address.
func (s *running) Leave(address string) { s.gateway.Leave(address) }

// Crowd has the others on the list sign in, or out.
func (s *running) Crowd(come bool) {
	for _, email := range listOf(s.site) {
		switch contact := s.messenger.Contact(email); {
		case email == s.site.Contact:
		case come:
			contact.SignIn()
		default:
			contact.SignOut()
		}
	}
}

// Scripted is a contact inside the messenger.
func (s *running) Scripted(email string) protocol.Scripted {
	return scripted{s.messenger.Contact(email)}
}

// Close ends the servers, the ones in front first.
func (s *running) Close() error {
	return errors.Join(s.login.Close(), s.gateway.Close(), s.messenger.Close())
}
