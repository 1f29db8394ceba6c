package recording

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"slices"
	"time"

	"github.com/gopacket/gopacket"
	"github.com/gopacket/gopacket/layers"
	"github.com/gopacket/gopacket/pcapgo"
	"github.com/gopacket/gopacket/reassembly"

	"gauntlet/harness/run/rig"
)

// Captures are known by their first four bytes.
const (
	ngMagic    = "\x0a\x0d\x0d\x0a"
	pcapMagics = "\xd4\xc3\xb2\xa1 \xa1\xb2\xc3\xd4 \x4d\x3c\xb2\xa1 \xa1\xb2\x3c\x4d"
)

func isNG(data []byte) bool { return bytes.HasPrefix(data, []byte(ngMagic)) }

func isPCAP(data []byte) bool {
	return len(data) > 3 && bytes.Contains([]byte(pcapMagics), data[:4]) && !bytes.Contains(data[:4], []byte(" "))
}

// packetSource is a capture of either kind.
type packetSource interface {
	ReadPacketData() ([]byte, gopacket.CaptureInfo, error)
}

func readPCAP(data []byte) (Recording, error) {
	r, err := pcapgo.NewReader(bytes.NewReader(data))
	if err != nil {
		return Recording{}, fmt.Errorf("its header cannot be read: %w; capture again", err)
	}
	p := newPacketReader()
	return p.recording(r, func(gopacket.CaptureInfo) (layers.LinkType, bool) { return r.LinkType(), true })
}

// readNG reads a capture, of one of our own the first hop alone.
func readNG(data []byte) (Recording, error) {
	r, err := pcapgo.NewNgReader(bytes.NewReader(data), pcapgo.NgReaderOptions{WantMixedLinkType: true, SkipUnknownVersion: true})
	if err != nil {
		return Recording{}, fmt.Errorf("its header cannot be read: %w; capture again", err)
	}
	p := newPacketReader()
	by := r.SectionInfo()
	if len(by.Application) > 9 && by.Application[:9] == "gauntlet " {
		p.ours = true
		if by.Hardware == string(rig.Virtual) {
			p.sight.Ties = 0
		}
	}
	out, err := p.recording(r, func(ci gopacket.CaptureInfo) (layers.LinkType, bool) {
		i, err := r.Interface(ci.InterfaceIndex)
		return i.LinkType, err == nil && (!p.ours || i.Name == "hop 0")
	})
	out.By = by.Application
	return out, err
}

// wireTies is up to what an overlap is put down to the clocks of a capture, which are
// read when a packet passes.
const wireTies = 5 * time.Millisecond

// packetReader puts the connections of a capture together.
type packetReader struct {
	teller
	sight    Sight
	ours     bool
	now      time.Time
	requests int
	filled   int // bytes that stand in for what was not captured
	streams  []*tcpStream
	over     map[ends]bool // connections that ended; what still comes of one is late
	err      error
	last     struct { // the packet at hand
		missing int // bytes of it that were not captured
	}
}

func newPacketReader() *packetReader {
	return &packetReader{over: map[ends]bool{}, sight: Sight{Requests: true, Form: true, Times: true, Connections: true, Whole: true, Ties: wireTies}}
}

func (p *packetReader) recording(from packetSource, link func(gopacket.CaptureInfo) (layers.LinkType, bool)) (Recording, error) {
	assembler := reassembly.NewAssembler(reassembly.NewStreamPool(p))
	assembler.MaxBufferedPagesPerConnection, assembler.MaxBufferedPagesTotal = 4096, 65536
	for n := 1; ; n++ {
		data, ci, err := from.ReadPacketData()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			if n == 1 {
				return Recording{}, fmt.Errorf("packet 1: %w; capture again", err)
			}
			p.note(fmt.Sprintf("the capture breaks off at packet %d: %v", n, err))
			break
		}
		if kind, wanted := link(ci); wanted {
			p.packet(assembler, kind, data, ci)
		}
		if p.err != nil {
			return Recording{}, p.err
		}
	}
	assembler.FlushAll()
	if p.err != nil {
		return Recording{}, p.err
	}
	for _, s := range p.streams {
		s.tell()
	}
	if p.requests > mostMessages {
		return Recording{}, errTooMany("requests", mostMessages)
	}
	return Recording{Sight: p.sight, Events: p.history(), Notes: p.notes()}, nil
}

// packet gives one to the assembler. What was cut off by the capture's snap length
// is put back as zeros, and known for a hole.
func (p *packetReader) packet(a *reassembly.Assembler, kind layers.LinkType, data []byte, ci gopacket.CaptureInfo) {
	packet := gopacket.NewPacket(data, kind, gopacket.DecodeOptions{NoCopy: true})
	tcp, is := packet.Layer(layers.LayerTypeTCP).(*layers.TCP)
	if !is {
		switch {
		case packet.NetworkLayer() == nil && packet.ErrorLayer() != nil:
			p.note(fmt.Sprintf("packets of link type %v could not be read", kind))
		case packet.Layer(layers.LayerTypeTCP) == nil && packet.ErrorLayer() != nil && ci.CaptureLength < ci.Length:
			p.note("packets were cut before their TCP header ended; capture with a larger snap length")
			p.sight.Whole = false
		}
		return
	}
	p.now = later(p.now, ci.Timestamp)
	if p.last.missing = p.fill(missing(packet, tcp, ci)); p.last.missing > 0 {
		tcp.Payload = append(slices.Clone(tcp.Payload), make([]byte, p.last.missing)...)
	}
	ci.Timestamp = p.now
	a.AssembleWithContext(packet.NetworkLayer().NetworkFlow(), tcp, &seen{ci})
}

// fill counts n bytes that stand in for what was not captured. A small file may
// have any number of them.
func (p *packetReader) fill(n int) int {
	if p.filled += n; p.filled > mostMissing {
		p.err = errTooMany("bytes that were not captured", mostMissing)
		return 0
	}
	return n
}

// seen is what the assembler is told of a packet.
type seen struct{ ci gopacket.CaptureInfo }

// GetCaptureInfo is when the packet was seen.
func (s *seen) GetCaptureInfo() gopacket.CaptureInfo { return s.ci }

// missing is how many bytes of a segment were not captured.
func missing(packet gopacket.Packet, tcp *layers.TCP, ci gopacket.CaptureInfo) int {
	if ci.Length <= ci.CaptureLength {
		return 0
	}
	const longest = 1 << 16
	whole := 0
	switch ip := packet.NetworkLayer().(type) {
	case *layers.IPv4:
		whole = int(ip.Length) - 4*int(ip.IHL)
	case *layers.IPv6:
		whole = int(ip.Length)
	}
	return min(longest, max(0, whole-4*int(tcp.DataOffset)-len(tcp.Payload)))
}

// New begins a connection for the assembler.
func (p *packetReader) New(network, transport gopacket.Flow, tcp *layers.TCP, _ reassembly.AssemblerContext) reassembly.Stream {
	s := &tcpStream{p: p, began: p.now, ends: ends{network, transport}}
	if !tcp.SYN && (p.over[s.ends] || p.over[s.ends.reverse()]) {
		return s // it is told of no more
	}
	if len(p.streams) >= mostStreams {
		p.err = errTooMany("connections", mostStreams)
		return s
	}
	p.streams = append(p.streams, s)
	return s
}

// ends are the addresses and ports of a connection, seen from one side.
type ends [2]gopacket.Flow

func (e ends) reverse() ends { return ends{e[0].Reverse(), e[1].Reverse()} }

// tcpStream is one connection: what came of it, in order.
type tcpStream struct {
	p      *packetReader
	ends   ends
	began  time.Time
	synced bool // the handshake was captured
	client reassembly.TCPFlowDirection
	known  bool // who the client is
	pieces []piece
	holes  [2][]gap // where in the directions bytes were not captured
	base   [2]uint32
	based  [2]bool
	at     [2]int // bytes that were given on
}

type gap struct{ from, to int }

// piece is bytes, or an end, of one direction.
type piece struct {
	at   time.Time
	dir  reassembly.TCPFlowDirection
	data []byte
	hole bool
	end  string
}

func side(d reassembly.TCPFlowDirection) int {
	if d == reassembly.TCPDirClientToServer {
		return 0
	}
	return 1
}

// Accept looks at each segment before it is put in order.
func (s *tcpStream) Accept(tcp *layers.TCP, _ gopacket.CaptureInfo, dir reassembly.TCPFlowDirection, next reassembly.Sequence, start *bool, _ reassembly.AssemblerContext) bool {
	i := side(dir)
	if tcp.SYN {
		s.synced = true
		if !tcp.ACK {
			s.client, s.known = dir, true
		} else if !s.known {
			s.client, s.known = dir.Reverse(), true
		}
	}
	if !s.based[i] {
		s.based[i], s.base[i] = true, tcp.Seq
		if tcp.SYN {
			s.base[i]++
		}
		*start = true
	}
	if m := s.p.last.missing; m > 0 {
		end := int(int32(tcp.Seq-s.base[i])) + len(tcp.Payload)
		s.holes[i] = append(s.holes[i], gap{end - m, end})
	}
	if tcp.RST {
		s.pieces = append(s.pieces, piece{at: s.p.now, dir: dir, end: "RST"})
	}
	return true
}

// ReassembledSG takes what has come into order.
func (s *tcpStream) ReassembledSG(sg reassembly.ScatterGather, _ reassembly.AssemblerContext) {
	dir, _, end, skip := sg.Info()
	length, _ := sg.Lengths()
	at := s.p.now
	if skip > 0 { // it waited for what never came
		if at = s.began; length > 0 {
			at = later(at, sg.CaptureInfo(0).Timestamp)
		}
		s.skip(at, dir, skip)
	}
	s.split(at, dir, slices.Clone(sg.Fetch(length)))
	if end {
		s.pieces = append(s.pieces, piece{at: at, dir: dir, end: "FIN"})
	}
}

// skip is a hole of segments that were never captured.
func (s *tcpStream) skip(at time.Time, dir reassembly.TCPFlowDirection, n int) {
	const longest = 1 << 20
	s.p.note("segments are missing in the capture")
	s.pieces = append(s.pieces, piece{at: at, dir: dir, data: make([]byte, s.p.fill(min(n, longest))), hole: true})
	s.at[side(dir)] += n
}

// split tells apart which bytes were captured and which are filled in.
func (s *tcpStream) split(at time.Time, dir reassembly.TCPFlowDirection, data []byte) {
	i := side(dir)
	for len(data) > 0 {
		n, hole := len(data), false
		for _, g := range s.holes[i] {
			if place := s.at[i]; place >= g.from && place < g.to {
				n, hole = min(n, g.to-place), true
			} else if place < g.from {
				n = min(n, g.from-place)
			}
		}
		s.pieces = append(s.pieces, piece{at: at, dir: dir, data: data[:n], hole: hole})
		data, s.at[i] = data[n:], s.at[i]+n
	}
}

// ReassemblyComplete reports that nothing more is wanted of a connection that ended.
func (s *tcpStream) ReassemblyComplete(reassembly.AssemblerContext) bool {
	s.p.over[s.ends] = true
	return true
}

// tell tells the connection's history, if it carried anything.
func (s *tcpStream) tell() {
	carried := slices.IndexFunc(s.pieces, func(p piece) bool { return len(p.data) > 0 })
	if carried < 0 {
		return
	}
	first := s.pieces[carried]
	if !s.known {
		s.client = first.dir
		if bytes.HasPrefix(first.data, []byte("HTTP/")) {
			s.client = first.dir.Reverse()
		}
	}
	if !s.synced {
		s.p.note("a connection was begun before the capture, or its beginning was lost")
		s.p.sight.Whole = s.p.sight.Whole && bytes.HasPrefix(first.data, []byte("POST ")) && opens(first.data)
	}
	slices.SortStableFunc(s.pieces, func(a, b piece) int { return a.at.Compare(b.at) })
	c := s.p.open(s.began, &s.p.sight, &s.p.requests)
	for _, p := range s.pieces {
		from := down
		if p.dir == s.client {
			from = up
		}
		if p.end != "" {
			c.end(p.at, from, p.end)
		} else {
			c.feed(p.at, from, p.data, p.hole)
		}
	}
}

// opens reports whether bytes begin with a request that opens a session.
func opens(data []byte) bool {
	line, _, _ := bytes.Cut(data, []byte("\r\n"))
	return bytes.Contains(line, []byte("Action=open"))
}
