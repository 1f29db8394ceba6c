package wire

import (
	"io"
	"net"
	"testing"
)

// BenchmarkRelay is one exchange on loopback: bare, behind a Tap that has
// nothing to do, behind one that observes, and behind one whose faults match
// nothing.
func BenchmarkRelay(b *testing.B) {
	armed := options(b, nil, "hop 0: on SB poll 1, head: close", "hop 0: on OUT 1, answer: close")
	for _, c := range []struct {
		name string
		wrap func(net.Listener) net.Listener
	}{
		{"bare", func(l net.Listener) net.Listener { return l }},
		{"disarmed", func(l net.Listener) net.Listener { return New(Options{}).Listen(l) }},
		{"observed", func(l net.Listener) net.Listener {
			return New(Options{Observe: func(Event) {}, Label: words}).Listen(l)
		}},
		{"armed", func(l net.Listener) net.Listener { return New(armed).Listen(l) }},
	} {
		b.Run(c.name, func(b *testing.B) { benchmarkExchange(b, c.wrap) })
	}
}

func benchmarkExchange(b *testing.B, wrap func(net.Listener) net.Listener) {
	inner, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		b.Fatal(err)
	}
	l := wrap(inner)
	defer l.Close()
	go echo(l)
	peer, err := net.Dial("tcp", l.Addr().String())
	if err != nil {
		b.Fatal(err)
	}
	defer peer.Close()
	got := make([]byte, len(answer))
	b.ReportAllocs()
	for b.Loop() {
		_, _ = io.WriteString(peer, request)
		if _, err := io.ReadFull(peer, got); err != nil {
			b.Fatal(err)
		}
	}
}

// echo answers each request on the first connection.
func echo(l net.Listener) {
	box, err := l.Accept()
	if err != nil {
		return
	}
	defer box.Close()
	got, reply := make([]byte, len(request)), []byte(answer)
	for {
		if _, err := io.ReadFull(box, got); err != nil {
			return
		}
		if _, err := box.Write(reply); err != nil {
			return
		}
	}
}
