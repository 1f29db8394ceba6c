package recording

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"github.com/gopacket/gopacket"
	"github.com/gopacket/gopacket/layers"
	"github.com/gopacket/gopacket/pcapgo"

	"gauntlet/harness/judge/history"
)

// segment is one TCP segment, of the client unless it is an answer's.
type segment struct {
	answer bool
	flags  string // of S, F, R
	seq    int    // behind the SYN's
	data   string
	kept   int // bytes of the packet that are captured; 0: all
	port   int // of the client; 0: 40000
}

// capture is a pcap file of these segments, a second apart.
func capture(t *testing.T, list ...segment) []byte {
	t.Helper()
	var out bytes.Buffer
	w := pcapgo.NewWriter(&out)
	if err := w.WriteFileHeader(65535, layers.LinkTypeRaw); err != nil {
		t.Fatal(err)
	}
	for i, s := range list {
		ip := &layers.IPv4{Version: 4, TTL: 64, Protocol: layers.IPProtocolTCP, SrcIP: []byte{10, 0, 0, 2}, DstIP: []byte{10, 9, 0, 80}}
		tcp := &layers.TCP{SrcPort: 40000, DstPort: 80, Seq: uint32(1001 + s.seq), ACK: s.flags != "S" || s.answer, Window: 65535}
		if s.port > 0 {
			tcp.SrcPort = layers.TCPPort(s.port)
		}
		if s.answer {
			ip.SrcIP, ip.DstIP, tcp.SrcPort, tcp.DstPort = ip.DstIP, ip.SrcIP, tcp.DstPort, tcp.SrcPort
		}
		tcp.SYN, tcp.FIN, tcp.RST = strings.Contains(s.flags, "S"), strings.Contains(s.flags, "F"), strings.Contains(s.flags, "R")
		if tcp.SYN {
			tcp.Seq--
		}
		_ = tcp.SetNetworkLayerForChecksum(ip)
		b := gopacket.NewSerializeBuffer()
		if err := gopacket.SerializeLayers(b, gopacket.SerializeOptions{FixLengths: true, ComputeChecksums: true}, ip, tcp, gopacket.Payload(s.data)); err != nil {
			t.Fatal(err)
		}
		data := b.Bytes()
		ci := gopacket.CaptureInfo{Timestamp: time.Unix(int64(1000+i), 0), Length: len(data), CaptureLength: len(data)}
		if s.kept > 0 {
			data = data[:s.kept]
			ci.CaptureLength = s.kept
		}
		if err := w.WritePacket(ci, data); err != nil {
			t.Fatal(err)
		}
	}
	return out.Bytes()
}

const (
	question = "POST http://gw/gateway/gateway.dll?Action=open&Server=NS&IP=gw HTTP/1.1\r\nHost: gw\r\nContent-Length: 3\r\n\r\nVER"
	reply    = "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello"
)

// handshake is how a connection begins.
func handshake() []segment { return []segment{{flags: "S"}, {answer: true, flags: "S"}} }

func TestSegments(t *testing.T) {
	half := len(question) - 2
	for _, test := range []struct {
		name     string
		segments []segment
		whole    bool
		note     string
		closed   string // by whom and how
	}{
		{"as they were sent", append(handshake(), segment{data: question}, segment{answer: true, data: reply}, segment{seq: len(question), flags: "F"}), true, "", "peer FIN"},
		{"out of order", append(handshake(), segment{seq: half, data: question[half:]}, segment{data: question[:half]}, segment{answer: true, data: reply}), true, "", " "},
		{"sent again", append(handshake(), segment{data: question}, segment{data: question}, segment{answer: true, data: reply}, segment{answer: true, data: reply}), true, "", " "},
		{"without the SYN", []segment{{data: question}, {answer: true, data: reply}}, true, "begun before the capture", " "},
		{"from the answer on", append([]segment{{answer: true, data: reply}}, segment{data: question}, segment{answer: true, seq: len(reply), data: reply}), false, "answer to nothing", " "},
		{"with a reset", append(handshake(), segment{data: question}, segment{answer: true, data: reply}, segment{answer: true, seq: len(reply), flags: "R"}), true, "", "box RST"},
		{"with an answer cut by the snap length", append(handshake(), segment{data: question}, segment{answer: true, data: reply, kept: 20 + 20 + len(reply) - 3}), false, "answer's body was not captured", " "},
		{"after its end", append(handshake(), segment{data: question}, segment{answer: true, data: reply},
			segment{seq: len(question), flags: "F"}, segment{answer: true, seq: len(reply), flags: "F"}, segment{answer: true, seq: len(reply) + 1, data: "late"}), true, "", "peer FIN"},
	} {
		t.Run(test.name, func(t *testing.T) {
			r := read(t, string(capture(t, test.segments...)))
			c := history.Connections(r.Events, 0)
			if len(c) != 1 || len(c[0].Exchanges) != 1 {
				t.Fatalf("%d connections: %+v; %q", len(c), r.Events, r.Notes)
			}
			x := c[0].Exchanges[0]
			if string(x.Head)+string(x.Body) != question || !x.Received || x.Ordinal != 1 {
				t.Errorf("the request is %q %q", x.Head, x.Body)
			}
			body := string(x.AnswerBody)
			if x.Status != 200 || !x.Answered || len(body) != 5 || !x.Partly && body != "hello" {
				t.Errorf("the answer is %q, %+v", body, x)
			}
			if r.Sight.Whole != test.whole || test.note != "" && !strings.Contains(strings.Join(r.Notes, "\n"), test.note) {
				t.Errorf("it is whole: %t, and says %q", r.Sight.Whole, r.Notes)
			}
			if got := c[0].By + " " + c[0].How; got != test.closed {
				t.Errorf("it was closed by %q, want %q", got, test.closed)
			}
		})
	}
}

func TestSeveralConnections(t *testing.T) {
	list := append(handshake(), segment{data: question}, segment{answer: true, data: reply})
	for _, s := range list {
		s.port = 40001
		list = append(list, s)
	}
	r := read(t, string(capture(t, list...)))
	found := history.Exchanges(r.Events, 0)
	if len(found) != 2 || found[0].Conn == found[1].Conn || !found[1].Answered || found[1].Ordinal != 2 {
		t.Errorf("%+v", found)
	}
}

func TestAHeadThatWasCut(t *testing.T) {
	r := read(t, string(capture(t, append(handshake(), segment{data: question, kept: 80}, segment{answer: true, data: reply})...)))
	if r.Sight.Whole || !strings.Contains(strings.Join(r.Notes, "\n"), "part of a head was not captured") {
		t.Errorf("%+v, %q", r.Sight, r.Notes)
	}
}

func TestACaptureThatBreaksOff(t *testing.T) {
	data := capture(t, append(handshake(), segment{data: question}, segment{answer: true, data: reply}, segment{seq: len(question), flags: "F"})...)
	r := read(t, string(data[:len(data)-10]))
	if r.Requests() != 1 || !strings.Contains(strings.Join(r.Notes, "\n"), "breaks off at packet 5") {
		t.Errorf("%d requests, %q", r.Requests(), r.Notes)
	}
	for _, n := range []int{4, 23, 30} {
		if _, err := Read(data[:n]); err == nil || strings.Contains(err.Error(), "\n") {
			t.Errorf("of %d bytes it says %v", n, err)
		}
	}
}

func TestHolesAreBounded(t *testing.T) {
	list := handshake()
	for i := range 2 + mostMissing>>20 {
		list = append(list, segment{data: "x", seq: (2*i + 1) << 20})
	}
	if r, err := Read(capture(t, list...)); err == nil || !strings.Contains(err.Error(), "bytes that were not captured") {
		t.Errorf("of a small file that stands for much it says %v, after %d events", err, len(r.Events))
	}
}

func FuzzRead(f *testing.F) {
	t := &testing.T{}
	f.Add([]byte(log(entry(5, "http://gw/second", ""), entry(1, "http://gw/first", ""))))
	f.Add(capture(t, append(handshake(), segment{data: question}, segment{answer: true, data: reply}, segment{seq: len(question), flags: "F"})...))
	f.Add(capture(t, append(handshake(), segment{seq: 9, data: question[9:]}, segment{answer: true, data: reply, kept: 60})...))
	f.Add([]byte(debugLog))
	f.Add([]byte(ngMagic + "\x1c\x00\x00\x00\x4d\x3c\x2b\x1a\x01\x00\x00\x00\xff\xff\xff\xff\xff\xff\xff\xff\x1c\x00\x00\x00"))
	f.Fuzz(func(t *testing.T, data []byte) {
		r, err := Read(data)
		if err != nil {
			if strings.Contains(err.Error(), "\n") {
				t.Errorf("a mistake takes several lines: %q", err)
			}
			return
		}
		for i, e := range r.Events {
			if e.Seq != i+1 || e.At < 0 || i > 0 && e.At < r.Events[i-1].At {
				t.Fatalf("event %d: %+v", i, e)
			}
		}
		if err := history.Check(r.Events); err != nil {
			t.Error(err)
		}
		history.Exchanges(r.Events, 0)
	})
}
