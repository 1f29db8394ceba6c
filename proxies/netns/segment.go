package netns

import (
	"encoding/binary"
	"net/netip"
	"time"
)

// Packet is an IP packet as it passed an interface of a host.
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
	if len(ip) < 40 {
		return s, false
	}
	var header, total int
	var kind byte
	var from, to []byte
	switch ip[0] >> 4 {
	case 4:
		header, total, kind = int(ip[0]&15)*4, int(binary.BigEndian.Uint16(ip[2:])), ip[9]
		from, to = ip[12:16], ip[16:20]
	case 6: // without headers in between, which the kernel puts into no segment
		header, total, kind = 40, 40+int(binary.BigEndian.Uint16(ip[4:])), ip[6]
		from, to = ip[8:24], ip[24:40]
	}
	if kind != 6 || header < 20 || total > len(ip) || total < header+20 {
		return s, false
	}
	tcp := ip[header:total]
	offset := int(tcp[12]>>4) * 4
	if offset < 20 || offset > len(tcp) {
		return s, false
	}
	end := func(address []byte, port int) netip.AddrPort {
		a, _ := netip.AddrFromSlice(address) // of 4 bytes or 16
		return netip.AddrPortFrom(a, binary.BigEndian.Uint16(tcp[port:]))
	}
	return Segment{
		From: end(from, 0), To: end(to, 2), Sequence: binary.BigEndian.Uint32(tcp[4:]),
		Flags: tcp[13], Payload: tcp[offset:],
	}, true
}
