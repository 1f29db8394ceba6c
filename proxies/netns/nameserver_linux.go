package netns

import (
	"errors"
	"fmt"
	"net"
	"net/netip"
	"strings"
	"time"

	"golang.org/x/net/dns/dnsmessage"
	"golang.org/x/sys/unix"
)

// nameServer answers every question of where a name is: those that the network
// knows are where they are, all others Elsewhere.
type nameServer struct {
	net     *Net
	packets net.PacketConn
	ended   chan error
}

// serveNames starts the name server, once; n.mu is held.
func (n *Net) serveNames() error {
	if n.names != nil {
		return nil
	}
	s := &nameServer{net: n, ended: make(chan error, 1)}
	network := netip.PrefixFrom(Resolver, 24).Masked()
	err := n.servers.space.owns(network, unix.RT_TABLE_LOCAL)
	if err == nil {
		err = n.servers.space.do(func() (err error) {
			s.packets, err = net.ListenPacket("udp4", netip.AddrPortFrom(Resolver, 53).String())
			return err
		})
	}
	if err != nil {
		return fmt.Errorf("the name server: %w", err)
	}
	n.names = s
	go func() { s.ended <- s.serve() }()
	return nil
}

func (s *nameServer) serve() error {
	packet := make([]byte, 4096)
	for {
		n, from, err := s.packets.ReadFrom(packet)
		if errors.Is(err, net.ErrClosed) {
			return nil
		}
		if err != nil {
			return fmt.Errorf("the name server: %w", err)
		}
		if answer := s.answer(packet[:n]); answer != nil {
			_, _ = s.packets.WriteTo(answer, from) // who does not hear it asks again
		}
	}
}

// answer is nil for what is no question.
func (s *nameServer) answer(packet []byte) []byte {
	var m dnsmessage.Message
	if m.Unpack(packet) != nil || m.Response || len(m.Questions) == 0 {
		return nil
	}
	q := m.Questions[0]
	m.Response, m.RecursionAvailable, m.RCode = true, true, dnsmessage.RCodeSuccess
	m.Questions, m.Answers, m.Authorities, m.Additionals = m.Questions[:1], nil, nil, nil
	if q.Type == dnsmessage.TypeA {
		name := strings.TrimSuffix(q.Name.String(), ".")
		address, known := s.net.meaning(name)
		m.Answers = []dnsmessage.Resource{{
			Header: dnsmessage.ResourceHeader{Name: q.Name, Type: q.Type, Class: q.Class, TTL: 60},
			Body:   &dnsmessage.AResource{A: address.As4()},
		}}
		if s.net.options.Resolved != nil {
			s.net.options.Resolved(Lookup{At: time.Now(), Name: name, Lost: !known})
		}
	}
	out, err := m.Pack()
	if err != nil {
		return nil
	}
	return out
}

// meaning is what a program is told about a name, and whether that is true.
func (n *Net) meaning(name string) (netip.Addr, bool) {
	if a, known := n.resolve(name); known {
		return a, true
	}
	return Elsewhere, false
}

func (s *nameServer) close() error {
	if s == nil {
		return nil
	}
	return errors.Join(s.packets.Close(), <-s.ended)
}
