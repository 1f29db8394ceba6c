package rig

import (
	"context"
	"crypto/tls"
	"errors"
	"net"
	"slices"
	"strings"

	"gauntlet/harness/judge/history"
	"gauntlet/harness/run/adapter"
	"gauntlet/harness/run/catalogue"
	"gauntlet/harness/run/protocol"
	"gauntlet/proxies"
	"gauntlet/proxies/authority"
	"gauntlet/proxies/fault"
	"gauntlet/proxies/wire"
)

// servers are those of the protocol, where they listen in this run.
type servers struct {
	*env
	running   protocol.Servers
	gatewayAt string       // where the gateway's name leads
	origin    net.Listener // the gateway's, kept for a product until it is ready
	visible   *counter     // how often the user became visible to the contacts
	heard     *counter     // what the gateway was told in the user's sessions
}

func newServers(e *env) *servers { return &servers{env: e, visible: newCounter(), heard: newCounter()} }

// start makes the servers, and has those behind the gateway serve.
func (s *servers) start() (err error) {
	s.running, err = s.o.Speaks.Start(protocol.Site{
		Case: s.c, User: UserEmail, Contact: ContactEmail, Others: extraEmails(s.c), Silent: s.o.ClientKind == adapter.BlackBox,
		Seed: s.o.Seed, Secret: s.o.Attended.secret(), Logger: s.o.Attended.logger(),
		Observe: s.record, Visible: s.visible.add, Dial: s.dialBehind,
	})
	if err != nil {
		return err
	}
	for _, behind := range s.running.Behind() {
		l, _, err := s.network.listen(behind.Host, behind.Port)
		if err != nil {
			return err
		}
		s.serve(l, "the server "+behind.Host, behind.Serve)
	}
	return s.openDoor()
}

// record takes what a server tells.
func (s *servers) record(e history.Event) {
	if !s.traffic.atServer(e) {
		return
	}
	s.recorder.Record(e)
	if e.Kind == history.Processed && len(e.Data) > 0 {
		s.heard.add()
	}
}

// dialBehind is the gateway's way to the servers behind it.
func (s *servers) dialBehind(ctx context.Context, address string) (net.Conn, error) {
	return s.network.on(protocol.GatewayHost).DialContext(ctx, "tcp", address)
}

// openDoor does what the case says with the port at which MSNP is spoken without HTTP.
func (s *servers) openDoor() error {
	for _, behind := range s.running.Door() {
		if behind.Serve == nil {
			if err := s.network.block(behind.Host, behind.Port); err != nil {
				return err
			}
			continue
		}
		l, _, err := s.network.listen(behind.Host, behind.Port)
		if err != nil {
			return err
		}
		s.serve(l, "the server "+behind.Host, behind.Serve)
	}
	return nil
}

// listenGateway has the gateway serve behind the last hop.
func (s *servers) listenGateway(last *wire.Tap) error {
	for _, host := range s.hosts() {
		l, address, err := s.network.listen(host, gatewayPort(s.c))
		if err != nil {
			return err
		}
		if host == gatewayHost(s.c) {
			s.gatewayAt = address
		}
		if host == gatewayHost(s.c) && s.replaced() {
			s.origin = l
			continue
		}
		s.serve(last.Listen(s.c.Chain.Listen(len(s.c.Chain), s.withoutContact(l))), "gateway", s.running.Serve)
	}
	return nil
}

// hosts are all that answer as the gateway.
func (s *servers) hosts() []string {
	switch all := s.o.Speaks.GatewayHosts(); {
	case onlyIPv6(s.c):
		return []string{protocol.IPv6GatewayHost}
	case slices.ContainsFunc(s.c.Knobs, namesIPv6):
		return append(all, protocol.IPv6GatewayHost)
	default:
		return all
	}
}

// gatewayHost is where the gateway's names lead.
func gatewayHost(c catalogue.Case) string {
	if onlyIPv6(c) {
		return protocol.IPv6GatewayHost
	}
	return protocol.GatewayHost
}

// gatewayPort is the one at which the gateway listens.
func gatewayPort(c catalogue.Case) int {
	if secured(c) {
		return 443
	}
	return 80
}

// secured reports whether the gateway is reached by https.
func secured(c catalogue.Case) bool { return frontOf(c) != "plain" }

// frontOf is what stands before the gateway's port.
func frontOf(c catalogue.Case) string {
	for _, k := range c.Knobs {
		if k.Name == "front" {
			return k.Value
		}
	}
	return "plain"
}

// distrusted says of fronts what is wrong with their certificates.
var distrusted = map[string]string{
	"tls-untrusted":    "is of an authority that the client does not trust",
	"tls-another-name": "is of another host",
	"tls-expired":      "has expired",
}

// trusted has a front's certificate be its own.
func trusted(knobs []catalogue.Knob) []catalogue.Knob {
	knobs = slices.Clone(knobs)
	for i, k := range knobs {
		if k.Name == "front" && distrusted[k.Value] != "" {
			knobs[i].Value = "tls"
		}
	}
	return knobs
}

// front opens the TLS of a gateway that is reached by https at the first hop, where
// all of the client's exchanges are to be seen. What goes on from there is in the
// clear: boxes that make tunnels do not look at what passes. nil at other hops, and
// where the gateway is reached by http.
func (s *servers) front(hop int) func(net.Conn) net.Conn {
	if hop > 0 || !secured(s.c) {
		return nil
	}
	speaks := s.shows(append(s.hosts(), s.o.Speaks.Names...))
	speaks.DynamicRecordSizingDisabled = true
	return func(conn net.Conn) net.Conn {
		return authority.Opened(conn, speaks, func(err error) {
			s.recorder.Record(history.Event{From: history.AtGateway, Kind: history.HandshakeFailed, Text: err.Error()})
		})
	}
}

// shows is what the front shows to clients for these names.
func (s *servers) shows(names []string) *tls.Config {
	host, also := names[0], names[1:]
	speaks := s.authority.Config(host, also...)
	switch certificate := speaks.GetCertificate; frontOf(s.c) {
	case "tls-by-name":
		speaks.GetCertificate = func(hello *tls.ClientHelloInfo) (*tls.Certificate, error) {
			if !slices.Contains(s.o.Speaks.Names, hello.ServerName) {
				return nil, nil // TLS has an alert for a name that is not known
			}
			return certificate(hello)
		}
	case "tls-untrusted":
		return s.stranger.Config(host, also...)
	case "tls-another-name":
		return s.authority.Another("portal.example")
	case "tls-expired":
		return s.authority.Expired(host, also...)
	}
	return speaks
}

// onlyIPv6 reports whether the gateway has no other address.
func onlyIPv6(c catalogue.Case) bool {
	return slices.Contains(c.Knobs, catalogue.Knob{Name: "family", Value: "ipv6"})
}

// namesIPv6 reports whether a gateway is set to have an address of that family.
func namesIPv6(k catalogue.Knob) bool { return strings.Contains(k.Value, protocol.IPv6Gateway) }

// needsIPv6 reports whether a case needs a network that has it.
func needsIPv6(c catalogue.Case) bool {
	return onlyIPv6(c) || slices.ContainsFunc(c.Knobs, namesIPv6) ||
		slices.ContainsFunc(c.Chain, func(s proxies.Spec) bool { return s.IPv6 }) ||
		slices.ContainsFunc(c.Faults, func(f fault.Fault) bool {
			kind, _ := f.Effect.Kind()
			return kind.IPv6 || slices.ContainsFunc(f.Effect.Args, func(a string) bool { return strings.Contains(a, ":") && net.ParseIP(a) != nil })
		})
}

// withoutContact serves the contact's connections beside the hops: they are no
// part of the case.
func (s *servers) withoutContact(l net.Listener) net.Listener {
	if s.c.Contact == nil {
		return l
	}
	users, contacts, accept := splitListener(l, ofContact)
	s.serving.Go(accept)
	s.serve(s.c.Contact.Listen(len(s.c.Contact), contacts), "gateway", s.running.Serve)
	return users
}

// startLogin starts the web services that real clients sign in with: by their
// names, or by CONNECT through a box.
func (s *servers) startLogin() error {
	if s.o.Authority == nil {
		return nil
	}
	l, address, err := s.network.listen(protocol.LoginHost, 443)
	if err != nil {
		return err
	}
	if n, is := s.network.(*loopbackNetwork); is {
		n.nameLogin(address)
	}
	certified := s.o.Speaks.Login.Certified
	speaks := s.o.Authority.Config(certified[0], certified...)
	speaks.MaxVersion = tls.VersionTLS12 // in 1.3 not every client's alert on our certificate can be read
	s.serve(tls.NewListener(l, speaks), "login", s.running.ServeLogin)
	return nil
}

func (s *servers) close() error {
	var errs []error
	if s.origin != nil {
		errs = append(errs, s.origin.Close())
	}
	if s.running != nil {
		errs = append(errs, s.running.Close())
	}
	return errors.Join(errs...)
}
