package pcapng

import (
	"time"

	"github.com/gopacket/gopacket"
	"github.com/gopacket/gopacket/layers"
	"github.com/gopacket/gopacket/pcapgo"

	"gauntlet/harness/judge/history"
)

// segment is how much of a message goes into one packet.
const segment = 1460

// flags are those of a TCP header that matter here.
type flags struct{ syn, ack, fin, rst, psh bool }

// packet writes one packet with the comments that wait for it. Missing is the
// number of bytes, after data, that it had and that nobody recorded.
func (f *flow) packet(at time.Duration, from side, s flags, data []byte, missing int) {
	if f.c.err != nil {
		return
	}
	whole, err := f.bytes(from, s, append(data[:len(data):len(data)], make([]byte, missing)...))
	if err != nil {
		f.c.err = err
		return
	}
	f.advance(from, s, len(data)+missing)
	info := gopacket.CaptureInfo{
		Timestamp: history.Epoch().Add(at), InterfaceIndex: f.hop, Length: len(whole), CaptureLength: len(whole) - missing,
	}
	f.c.err = f.c.out.WritePacketWithOptions(info, whole[:info.CaptureLength], pcapgo.NgPacketOptions{Comments: f.comments})
	f.comments = nil
}

// advance counts what was sent; SYN and FIN count as a byte each.
func (f *flow) advance(from side, s flags, n int) {
	f.seq[from] += uint32(n)
	if s.syn || s.fin {
		f.seq[from]++
	}
}

// bytes are the packet's, from the IP header on.
func (f *flow) bytes(from side, s flags, payload []byte) ([]byte, error) {
	to := up + down - from
	source, destination := f.address[from], f.address[to]
	ip := &layers.IPv4{
		Version: 4, TTL: 64, Flags: layers.IPv4DontFragment, Protocol: layers.IPProtocolTCP,
		SrcIP: source.Addr().AsSlice(), DstIP: destination.Addr().AsSlice(),
	}
	tcp := &layers.TCP{
		SrcPort: layers.TCPPort(source.Port()), DstPort: layers.TCPPort(destination.Port()), Window: 65535,
		Seq: f.seq[from], SYN: s.syn, ACK: s.ack, FIN: s.fin, RST: s.rst, PSH: s.psh,
	}
	if s.ack {
		tcp.Ack = f.seq[to]
	}
	if err := tcp.SetNetworkLayerForChecksum(ip); err != nil {
		return nil, err
	}
	out := gopacket.NewSerializeBuffer()
	err := gopacket.SerializeLayers(out, gopacket.SerializeOptions{FixLengths: true, ComputeChecksums: true}, ip, tcp, gopacket.Payload(payload))
	return out.Bytes(), err
}
