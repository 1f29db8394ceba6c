package netns

import (
	"encoding/binary"
	"net/netip"
	"time"
)

// Packet is an IPv4 packet as it passed an interface of a host.
type Packet struct {
	At   time.Time
	Out  bool   // the host sent it
	Data []byte // from the IP header on
}

// Segment is what a captured packet says of a TCP connection.
type Segment struct {
	From, To netip.AddrPort
	Sequence uint32
	Flags    byte // FIN 1, SYN 2, RST 4, ACK 16
	Payload  []byte
}

// The flags of a segment.
const (
	FIN = 1
	SYN = 2
	RST = 4
	ACK = 16
)

// Segment takes a packet apart; ok is false if it is not a whole one of TCP.
func (p Packet) Segment() (s Segment, ok bool) {
	ip := p.Data
	if len(ip) < 20 || ip[0]>>4 != 4 || ip[9] != 6 {
		return s, false
	}
	header, total := int(ip[0]&15)*4, int(binary.BigEndian.Uint16(ip[2:]))
	if header < 20 || total > len(ip) || total < header+20 {
		return s, false
	}
	tcp := ip[header:total]
	offset := int(tcp[12]>>4) * 4
	if offset < 20 || offset > len(tcp) {
		return s, false
	}
	address := func(at, port int) netip.AddrPort {
		return netip.AddrPortFrom(netip.AddrFrom4([4]byte(ip[at:at+4])), binary.BigEndian.Uint16(tcp[port:]))
	}
	return Segment{
		From: address(12, 0), To: address(16, 2), Sequence: binary.BigEndian.Uint32(tcp[4:]),
		Flags: tcp[13], Payload: tcp[offset:],
	}, true
}
