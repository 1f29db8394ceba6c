package proxies

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"golang.org/x/net/http2"
	"golang.org/x/net/http2/hpack"

	"gauntlet/proxies/fault"
	"gauntlet/proxies/network"
	"gauntlet/proxies/simnet"
	"gauntlet/proxies/wire"
)

// framed is a server of HTTP/2 that shows what it reads, frame by frame.
type framed struct {
	net.Conn
	*http2.Framer
	seen strings.Builder
}

// serveFrames accepts one connection after the other and has answer see to each
// stream whose request is there.
func serveFrames(l net.Listener, answer func(f *framed, stream uint32)) {
	for {
		c, err := l.Accept()
		if err != nil {
			return
		}
		go func() {
			f := &framed{Conn: c, Framer: http2.NewFramer(c, c)}
			f.ReadMetaHeaders = hpack.NewDecoder(4096, nil)
			preface := make([]byte, len(http2.ClientPreface))
			io.ReadFull(c, preface)
			f.seen.Write(preface)
			f.WriteSettings()
			for frame, err := f.ReadFrame(); err == nil; frame, err = f.ReadFrame() {
				f.take(frame, answer)
			}
		}()
	}
}

func (f *framed) take(frame http2.Frame, answer func(f *framed, stream uint32)) {
	switch frame := frame.(type) {
	case *http2.MetaHeadersFrame:
		for _, field := range frame.Fields {
			if field.Name != "user-agent" {
				fmt.Fprintf(&f.seen, "%s: %s\n", field.Name, field.Value)
			}
		}
	case *http2.DataFrame:
		f.seen.Write(frame.Data())
	default:
		return
	}
	if frame.Header().Flags.Has(http2.FlagDataEndStream) {
		answer(f, frame.Header().StreamID)
	}
}

// give answers a stream; it ends if all is said.
func (f *framed) give(stream uint32, body string, ends bool, fields ...string) {
	var block bytes.Buffer
	e := hpack.NewEncoder(&block)
	for i := 0; i < len(fields); i += 2 {
		e.WriteField(hpack.HeaderField{Name: fields[i], Value: fields[i+1]})
	}
	f.WriteHeaders(http2.HeadersFrameParam{StreamID: stream, BlockFragment: block.Bytes(), EndHeaders: true})
	f.WriteData(stream, ends, []byte(body))
}

// Upstream it is HTTP/2 from the preface on, and to the client HTTP/1 of which
// HTTP/2 has left what it can say.
func TestUpstreamHTTP2OnTheWire(t *testing.T) {
	whole := func(f *framed, stream uint32) {
		f.give(stream, "hello", true, ":status", "200", "x-msn-messenger", "SessionID=1.2", "content-length", "5")
	}
	for name, c := range map[string]struct {
		answer func(f *framed, stream uint32)
		want   string
	}{
		"an answer": {whole, "HTTP/1.1 200 OK\r\ncontent-length: 5\r\nx-msn-messenger: SessionID=1.2\r\n\r\nhello"},
		"no length": {func(f *framed, stream uint32) { f.give(stream, "hello", true, ":status", "226") }, "HTTP/1.1 226 IM Used\r\ntransfer-encoding: chunked\r\n\r\nhello"},
		"a reset":   {func(f *framed, stream uint32) { f.WriteRSTStream(stream, http2.ErrCodeInternal) }, "HTTP/1.1 502 Bad Gateway\r\n"},
		"cut within": {func(f *framed, stream uint32) {
			f.give(stream, "hel", false, ":status", "200", "content-length", "5")
			time.Sleep(10 * time.Millisecond)
			f.WriteRSTStream(stream, http2.ErrCodeInternal)
		}, "HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nhel and cut"},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				n := simnet.New(simnet.Options{})
				defer n.Close()
				l, _ := n.Host("10.0.0.9", "gw.example").Listen(":80")
				var served *framed
				go serveFrames(l, func(f *framed, stream uint32) { served = f; c.answer(f, stream) })
				end := run(t, n, "forward upstream-http2", ":3128")
				defer end()
				p := dial(t, n.Host("10.0.0.1"), "10.0.0.5:3128")
				got := shown(p.ask(post("http://gw.example/x?a=1", "abc", "Host: gw.example", "X-Foo-BAR: 1", "Connection: X-Hop", "X-Hop: 1")))
				p.Close()
				time.Sleep(time.Second)
				if !strings.HasPrefix(got, c.want) {
					t.Errorf("the client has %q, want %q", got, c.want)
				}
				if served == nil {
					t.Fatal("no frame came")
				}
				sent := served.seen.String()
				for _, want := range []string{"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n:", ":method: POST\n", ":path: /x?a=1\n", ":authority: gw.example\n", "x-foo-bar: 1\n", "content-length: 3\n", "abc"} {
					if !strings.Contains(sent, want) {
						t.Errorf("no %q upstream in %q", want, sent)
					}
				}
				if strings.Contains(strings.ToLower(sent), "hop") || strings.Contains(sent, "connection") {
					t.Errorf("what is for one hop went on: %q", sent)
				}
			})
		})
	}
}

// tee keeps what comes on a connection.
type tee struct {
	network.Conn
	kept *bytes.Buffer
}

func (c tee) Read(p []byte) (int, error) {
	n, err := c.Conn.Read(p)
	c.kept.Write(p[:n])
	return n, err
}

// between runs see on two boxes that speak HTTP/2 with each other, with a fault at
// the hop between them. sent is what came there, connection by connection.
func between(t *testing.T, line string, see func(l *lab, sent func() []*bytes.Buffer)) {
	synctest.Test(t, func(t *testing.T) {
		n, o := city(t, nil)
		chain, err := Profiles(nil).ParseChain("forward upstream-http2 → forward")
		if err != nil {
			t.Fatal(err)
		}
		var faults []fault.Fault
		if line != "" {
			f, err := fault.Parse(line, fault.Vocabulary{Hops: 3, Streams: chain.Streams()})
			if err != nil {
				t.Fatal(err)
			}
			faults = append(faults, f)
		}
		tap := wire.New(wire.Options{Hop: 1, Faults: fault.NewSchedule(faults, 1), Observe: func(e wire.Event) {
			if e.Kind == wire.Accepted && e.How != "stream of HTTP/2" {
				t.Errorf("connection %d is told as %q", e.Conn, e.How)
			}
		}})
		var sent []*bytes.Buffer
		second := runOnHost(t, n.Host("10.0.0.6"), chain, 1, "", func(l net.Listener) net.Listener {
			return tap.Listen(chain.Listen(1, network.Wrap(l, func(c net.Conn) (net.Conn, error) {
				sent = append(sent, &bytes.Buffer{})
				return tee{network.Conn{Conn: c}, sent[len(sent)-1]}, nil
			})))
		})
		first := runOnHost(t, n.Host("10.0.0.5"), chain, 0, "10.0.0.6:3128", itself)
		see(&lab{t, n, o}, func() []*bytes.Buffer { return sent })
		first()
		second()
		if err := tap.Close(); err != nil {
			t.Error(err)
		}
		n.Close()
	})
}

// runOnHost serves box i of a chain.
func runOnHost(t *testing.T, host *simnet.Host, chain Chain, i int, next string, wrap func(net.Listener) net.Listener) func() {
	l, err := host.Listen(":3128")
	if err != nil {
		t.Fatal(err)
	}
	box, err := New(chain[i], chain.Lead(i, Options{Network: host}, next, ""))
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan error)
	go func() { done <- box.Serve(wrap(l)) }()
	return func() {
		if err := errors.Join(box.Close(), <-done); err != nil {
			t.Error(err)
		}
	}
}

// What happens between two boxes that speak HTTP/2 is a stream's, and the client of
// HTTP/1 sees what a box makes of it.
func TestFaultsOfStreams(t *testing.T) {
	usual := "HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nhello"
	tried := map[string]bool{}
	for _, c := range []struct{ at, want string }{
		{"", usual + " after 6ms, the origin has 2, on 1 connections"},
		{"on request 2, forward: reset", "HTTP/1.1 502 Bad Gateway\r\n, the origin has 1"},
		{"on request 2, answer: reset", "HTTP/1.1 502 Bad Gateway\r\n, the origin has 2, on 1 connections"},
		{"on request 2, head: reset later 1ms", "HTTP/1.1 502 Bad Gateway\r\n"},
		{"on request 2, answer: stall for 30s", usual + " after 30"},
		{"on request 2, answer: hold 20s", usual + " after 20"},
		{"on request 2, answer: gzip", "\r\ncontent-encoding: gzip\r\n"},
		{"on request 2, answer: truncate 2", "content-length: 5\r\n\r\nhe and cut"},
		{"on request 2, forward: drop header X-Foo-BAR", usual + ", without x-foo-bar"},
		{"on request 2, answer: add header X-Note a", "\r\nx-note: a\r\n"},
		{"on request 1, answer: add header Connection close", usual + ", the origin has 2, on 2 connections"}, // GOAWAY
		{"on request 2, forward: status 503", "HTTP/1.1 503 Service Unavailable\r\n, the origin has 1"},
		{"on request 2, forward: redirect", "HTTP/1.1 302 Found\r\n, the origin has 1"},
		{"on request 2, forward: portal", "<h1>Welcome, the origin has 1"},
		{"on request 2, forward: cached", usual + ", the origin has 1"},
		{"on request 2, forward: repeat", usual + ", the origin has 3"},
		{"on request 2, forward: repeat after drop", usual + ", the origin has 3"},
	} {
		line := c.at
		if c.at != "" {
			line = "hop 1: " + c.at
			f, _ := fault.Parse(line, fault.Vocabulary{}) // else between says so
			tried[f.Effect.Name] = true
		}
		t.Run(c.at, func(t *testing.T) {
			between(t, line, func(l *lab, sent func() []*bytes.Buffer) {
				p := l.client()
				ask := func() answer { return p.ask(simple) }
				ask()
				began := time.Now()
				got := shown(ask())
				took := time.Since(began)
				p.Close()
				time.Sleep(time.Second)
				got += fmt.Sprintf(" after %v, the origin has %d, on %d connections", took, l.delivered(), len(sent()))
				if last := l.upstream(); !strings.Contains(last, "\r\nx-foo-bar: 1\r\n") {
					got += ", without x-foo-bar"
				}
				for _, want := range strings.Split(c.want, ", ") {
					if !strings.Contains(got, want) {
						t.Errorf("no %q in %q", want, got)
					}
				}
				if !strings.HasPrefix(sent()[0].String(), http2.ClientPreface) {
					t.Errorf("between the boxes: %q", sent()[0])
				}
			})
		})
	}
	for name, kind := range fault.Effects() {
		if kind.Streams != tried[name] {
			t.Errorf("%s: of streams it is %v, tried it is %v", name, kind.Streams, tried[name])
		}
	}
}
