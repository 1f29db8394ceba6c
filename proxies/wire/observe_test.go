package wire

import (
	"fmt"
	"io"
	"net"
	"strings"
	"testing"
	"time"

	"gauntlet/proxies/fault"
)

// scripted is a connection that reads what the test says and keeps what is
// written: one goroutine, no network.
type scripted struct {
	net.Conn
	reads   []string
	written []string
}

func (s *scripted) Read(p []byte) (int, error) {
	if len(s.reads) == 0 {
		return 0, io.EOF
	}
	n := copy(p, s.reads[0])
	if s.reads[0] = s.reads[0][n:]; s.reads[0] == "" {
		s.reads = s.reads[1:]
	}
	return n, nil
}

func (s *scripted) Write(p []byte) (int, error) {
	s.written = append(s.written, string(p))
	return len(p), nil
}

func (s *scripted) Close() error                     { return nil }
func (s *scripted) RemoteAddr() net.Addr             { return &net.TCPAddr{} }
func (s *scripted) LocalAddr() net.Addr              { return &net.TCPAddr{} }
func (s *scripted) SetDeadline(time.Time) error      { return nil }
func (s *scripted) SetReadDeadline(time.Time) error  { return nil }
func (s *scripted) SetWriteDeadline(time.Time) error { return nil }

// cut cuts text into pieces of size n.
func cut(text string, n int) (out []string) {
	for ; len(text) > n; text = text[n:] {
		out = append(out, text[:n])
	}
	return append(out, text)
}

// relay passes requests and answers through a conn in pieces of size n, each
// request before its answer, and gives what both sides got and the events.
func relay(t *testing.T, o Options, l *log, n int, talk ...string) (toBox, toPeer, events string) {
	t.Helper()
	inner := &scripted{}
	tap := New(o)
	c, _ := tap.wrap(inner, attempt{id: 1})
	for i := 0; i+1 < len(talk); i += 2 {
		inner.reads = cut(talk[i], n)
		got := make([]byte, len(talk[i]))
		if _, err := io.ReadFull(c, got); err != nil {
			t.Fatal(err)
		}
		toBox += string(got)
		for _, piece := range cut(talk[i+1], n) {
			if _, err := io.WriteString(c, piece); err != nil {
				t.Fatal(err)
			}
		}
	}
	_ = c.Close()
	_ = tap.Close()
	return toBox, strings.Join(inner.written, ""), l.lines()
}

const (
	chunked = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nab\r\n1\r\nc\r\n0\r\n\r\n"
	endless = "HTTP/1.0 502 Bad\r\n\r\nsorry"
)

const relayed = `1/0 accepted
1/0 request began
1/1 request head NS+poll "POST /NS/poll HTTP/1.1\r\nContent-Length: 5\r\n\r\n"
1/1 request done NS+poll+MSG "MSG 1"
1/1 interim NS+poll+MSG 100 "HTTP/1.1 100 Continue\r\n\r\n"
1/1 answer began NS+poll+MSG
1/1 answer head NS+poll+MSG 200 "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
1/1 answer done NS+poll+MSG 200 given 65 "abc"
1/0 request began
1/2 request head NS+poll "POST /NS/poll HTTP/1.1\r\nContent-Length: 5\r\n\r\n"
1/2 request done NS+poll+MSG "MSG 1"
1/2 answer began NS+poll+MSG
1/2 answer head NS+poll+MSG 200 "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n"
1/2 answer done NS+poll+MSG 200 given 43 "QNG 5"
1/0 request began
1/3 request head x "HEAD /x HTTP/1.1\r\n\r\n"
1/3 request done x
1/3 answer began x
1/3 answer head x 502 "HTTP/1.0 502 Bad\r\n\r\n"
1/3 answer done x 502 given 20
1/0 request began
1/4 request head y "GET /y HTTP/1.1\r\n\r\n"
1/4 request done y
1/4 answer began y
1/4 answer head y 502 "HTTP/1.0 502 Bad\r\n\r\n"
1/4 answer done y 502 given 25 "sorry"
1/0 closed box FIN`

// However the bytes are cut, the same bytes arrive and the same is told; with
// faults armed that match nothing, too.
func TestEventsDoNotDependOnPieces(t *testing.T) {
	armed := []string{"hop 0: on SB poll 1, head: close", "hop 0: on SB poll 1, forward: close", "hop 0: on SB open 1, request byte 3: close", "hop 0: on OUT 1, response byte 3: close"}
	for _, faults := range [][]string{nil, armed} {
		for n := 1; n < 100; n++ {
			l := &log{}
			o := options(t, l, faults...)
			toBox, toPeer, events := relay(t, o, l, n, request, "HTTP/1.1 100 Continue\r\n\r\n"+chunked, request, answer,
				"HEAD /x HTTP/1.1\r\n\r\n", "HTTP/1.0 502 Bad\r\n\r\n", "\r\nGET /y HTTP/1.1\r\n\r\n", endless)
			if toBox != request+request+"HEAD /x HTTP/1.1\r\n\r\n\r\nGET /y HTTP/1.1\r\n\r\n" {
				t.Fatalf("pieces of %d: the box got %q", n, toBox)
			}
			if want := "HTTP/1.1 100 Continue\r\n\r\n" + chunked + answer + "HTTP/1.0 502 Bad\r\n\r\n" + endless; toPeer != want {
				t.Fatalf("pieces of %d: the peer got %q", n, toPeer)
			}
			if events != relayed {
				t.Fatalf("pieces of %d, faults %v:\n%s", n, faults, events)
			}
		}
	}
}

func TestPipelinedRequestIsNoticedAtItsFirstByte(t *testing.T) {
	l := &log{}
	inner := &scripted{reads: []string{request + "G", "ET /SB/open HTTP/1.1\r\n\r\n"}}
	tap := New(options(t, l))
	c, _ := tap.wrap(inner, attempt{id: 1})
	_, _ = io.ReadFull(c, make([]byte, len(request)+1))
	if !strings.HasSuffix(l.lines(), "request done NS+poll+MSG \"MSG 1\"\n1/0 request began") {
		t.Errorf("happened:\n%s", l.lines())
	}
	_, _ = io.ReadAll(c)
	_, _ = io.WriteString(c, answer+answer)
	if len(inner.written) != 1 || !inOrder(l.lines(), []string{"1/2 request done", "1/1 answer done", "1/2 answer began", "1/2 answer done"}) {
		t.Errorf("%d writes; happened:\n%s", len(inner.written), l.lines())
	}
}

// A connection that ends while the box has a request twice ends in the peer's one.
func TestAnEndWhileARequestIsRepeated(t *testing.T) {
	l := &log{}
	if _, _, events := relay(t, options(t, l, "hop 0: on poll 1, forward: repeat after drop"), l, 500, request, ""); !strings.HasSuffix(events, "1/1 closed NS+poll+MSG box FIN") {
		t.Errorf("%s", events)
	}
}

func TestWhatStandsBehindAnAnswerComesWithItsEnd(t *testing.T) {
	for _, before := range []int{1, 2, 10} { // bytes, a landmark
		inner := &scripted{reads: []string{request}}
		tap := New(options(t, &log{}, "hop 0: on NS poll 1, answer: surplus 3", fmt.Sprintf("hop 0: on poll 1, response byte %d: delay 1ns to box", len(answer)-before)))
		c, _ := tap.wrap(inner, attempt{id: 1})
		_, _ = io.ReadFull(c, make([]byte, len(request)))
		_, _ = io.WriteString(c, answer)
		if last := inner.written[len(inner.written)-1]; last != answer[len(answer)-before:]+"sur" {
			t.Errorf("%d bytes before its end: written %q", before, inner.written)
		}
	}
}

func TestOpaque(t *testing.T) {
	for _, c := range []struct {
		name, want string
		talk       []string
	}{
		{"socks", `1/0 opaque peer "\x05\x01\x00"`, []string{"\x05\x01\x00", "\x05\x00"}},
		{"tls", `1/0 opaque peer "\x16\x03\x01"`, []string{"\x16\x03\x01", "\x16"}},
		{"lines", `1/0 opaque peer "VER 1 MSNP8 CVR0\r\n"`, []string{"VER 1 MSNP8 CVR0\r\n", "VER 1 MSNP8\r\n"}},
		{"greeting", `1/0 opaque box "220 ready\r\n"`, []string{"", "220 ready\r\n"}},
		{"connect", "1/1 answer done connect 200 given 21\n" + `1/0 opaque peer "\x16\x03\x01"`,
			[]string{"CONNECT connect HTTP/1.1\r\n\r\n", "HTTP/1.1 200 Made\r\n\r\n", "\x16\x03\x01", "\x16"}},
		{"lines in a tunnel", `1/0 opaque peer "VER 1\r\n"`,
			[]string{"CONNECT connect HTTP/1.1\r\n\r\n", "HTTP/1.1 200 Made\r\n\r\n", "VER 1\r\n", "VER"}},
		{"upgrade", "1/1 answer began up\n" + `1/1 answer head up 101 "HTTP/1.1 101 Well\r\n\r\n"` + "\n1/1 answer done up 101 given 21\n" + `1/0 opaque peer "\x81\x00"`,
			[]string{"GET /up HTTP/1.1\r\n\r\n", "HTTP/1.1 101 Well\r\n\r\n", "\x81\x00", "\x82"}},
		{"upgrade, and the box begins", "1/1 answer done up 101 given 21\n" + `1/0 opaque box "\x82"`,
			[]string{"GET /up HTTP/1.1\r\n\r\n", "HTTP/1.1 101 Well\r\n\r\n", "", "\x82"}},
		{"upgrade to what looks like more", "1/1 answer done up 101 given 21\n" + `1/0 opaque peer "GET /up HTTP/1.1\r\n\r\n"`,
			[]string{"GET /up HTTP/1.1\r\n\r\n", "HTTP/1.1 101 Well\r\n\r\n", "GET /up HTTP/1.1\r\n\r\n", "\x82"}},
	} {
		l := &log{}
		_, _, events := relay(t, options(t, l, "hop 0: on poll 9, head: close"), l, 1<<10, c.talk...)
		if !strings.Contains(events, c.want) || strings.Count(events, "opaque")-strings.Count(events, "opaque rest") != 1 {
			t.Errorf("%s:\n%s\nwant %s", c.name, events, c.want)
		}
	}
}

// partly passes what a peer sends to a box that reads step bytes at a time, of
// which it wants read, and leaves.
func partly(t *testing.T, sent string, step, read int, faults ...string) string {
	t.Helper()
	l := &log{}
	tap := New(options(t, l, faults...))
	c, _ := tap.wrap(&scripted{reads: []string{sent}}, attempt{id: 1})
	for range read / step {
		if _, err := io.ReadFull(c, make([]byte, step)); err != nil {
			t.Fatal(err)
		}
	}
	_ = c.Close()
	_ = tap.Close()
	return l.lines()
}

// A box that leaves at the first byte, or in the middle, keeps nothing that has
// come from being told.
func TestWhatIsCutIsTold(t *testing.T) {
	lengthy := "POST /NS/poll HTTP/1.1\r\nX: " + strings.Repeat("x", 90) + "\r\n\r\n"
	for _, c := range []struct {
		name, sent string
		step, read int
		want       []string
	}{
		{"a request to SOCKS", request, 1, 1, []string{`request head NS+poll "POST`, `request done NS+poll+MSG "MSG 1"`}},
		{"a request to who reads a little", lengthy, 64, 64, []string{"request head NS+poll", "request done NS+poll"}},
		{"half a head", "POST /NS/poll HT", 1, 1, []string{"1/0 request began", `1/0 request cut "POST /NS/poll HT"`, "1/0 closed"}},
		{"half a body", request[:len(request)-2], 1, 1, []string{"1/1 request head", `1/1 request cut NS+poll "MSG"`, "1/1 closed"}},
		{"a byte of a body", request[:len(request)-4], 1, 1, []string{"1/1 request head", `1/1 request cut NS+poll "M"`, "1/1 closed"}},
		{"a wrong chunk", "POST /NS/poll HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nOUT", 1, 60, []string{`1/1 request cut NS+poll "OU"`, `1/0 opaque peer "2\r\nOUT"`}},
		{"half a greeting", "\x05\x02\x00", 1, 1, []string{`1/0 opaque peer "\x05\x02\x00"`, "closed box"}},
		{"another version", "\x04\x01\x00\x50\x0a\x09\x00\x50al", 1, 1, []string{`1/0 opaque peer "\x04\x01\x00P\n\t\x00Pal"`}},
		{"a greeting, then HTTP", "\x05\x01\x00GET / HTTP/1.1\r\n\r\n", 1, 3, []string{`opaque peer "\x05\x01\x00"`, `opaque rest peer "GET / HTTP/1.1\r\n\r\n"`}},
		{"garbage", "\x00\x01garbage", 1, 1, []string{`1/0 opaque peer "\x00\x01garbage"`}},
		{"lines", "VER 1 MSNP8\r\nCVR 2\r\n", 1, 1, []string{`opaque peer "VER 1 MSNP8\r\n"`, `opaque rest peer "CVR 2\r\n"`}},
	} {
		for _, faults := range [][]string{nil, {"hop 0: on poll 9, head: close"}} {
			if events := partly(t, c.sent, c.step, c.read, faults...); !inOrder(events, c.want) {
				t.Errorf("%s, faults %v:\n%s\nwant %q", c.name, faults, events, c.want)
			}
		}
	}
	if events := partly(t, lengthy, 65, 65); !inOrder(events, []string{"1/0 request began", `1/0 request cut "POST`, "1/0 closed"}) {
		t.Errorf("who reads more has the rest left where it is:\n%s", events)
	}
}

// Where a password stands can be seen only in the whole message.
func TestGreetingsAreToldWhole(t *testing.T) {
	for n := 1; n < 30; n++ {
		l := &log{}
		_, _, events := relay(t, options(t, l), l, n, "\x05\x01\x02", "\x05\x02", "\x01\x01a\x06secret", "\x01\x00", "\x05\x01\x00\x03\x01g\x00\x50", "\x05\x00\x00\x01\x00\x00\x00\x00\x00\x00")
		if !inOrder(events, []string{`opaque peer "\x05\x01\x02"`, `opaque rest peer "\x01\x01a\x06secret"`, `opaque rest peer "\x05\x01\x00\x03\x01g\x00P"`}) {
			t.Errorf("in pieces of %d:\n%s", n, events)
		}
		if n > 1 && !inOrder(events, []string{`opaque rest box "\x05\x02"`, `opaque rest box "\x01\x00"`}) {
			t.Errorf("in pieces of %d the box says:\n%s", n, events)
		}
	}
}

// A greeting that comes into the middle of what the box says changes nothing of that.
func TestAGreetingBesideAnAnswer(t *testing.T) {
	l := &log{}
	_, _, events := relay(t, options(t, l), l, 9, "", answer[:20], "\x05\x01\x00", answer[20:])
	if !inOrder(events, []string{"1/0 answer head 200", "1/0 answer done 200 given 43"}) {
		t.Errorf("%s", events)
	}
}

func TestOnlySoMuchOfATunnelIsTold(t *testing.T) {
	l := &log{}
	_, _, events := relay(t, options(t, l), l, 1<<12, "\x16"+strings.Repeat("y", 2*maxOpaque), strings.Repeat("z", 2*maxOpaque))
	for who, by := range map[string]string{"peer": "y", "box": "z"} {
		if n := strings.Count(events, by); n > maxOpaque || n < maxOpaque/2 {
			t.Errorf("%d bytes of the %s were told", n, who)
		}
	}
}

// What a tunnel carries is HTTP like any other: told, counted, and struck.
func TestHTTPInTunnels(t *testing.T) {
	const line = "hop 0: on poll 2, answer: close"
	for name, greeting := range map[string][]string{
		"connect": {"CONNECT g:80 HTTP/1.1\r\n\r\n", "HTTP/1.1 200 Made\r\n\r\n"},
		"socks4":  {"\x04\x01\x00\x50\x0a\x09\x00\x50\x00", "\x00\x5a\x00\x00\x00\x00\x00\x00"},
		"socks5":  {"\x05\x01\x00", "\x05\x00", "\x05\x01\x00\x03\x01g\x00\x50", "\x05\x00\x00\x01\x00\x00\x00\x00\x00\x00"},
	} {
		for _, n := range []int{1, 7, 1 << 10} {
			l := &log{}
			struck := 0
			o := options(t, l, line)
			o.Effects = map[string]func(fault.Injection){"close": func(s fault.Injection) { struck++; s.(*injection).onMessage.acted() }}
			toBox, toPeer, events := relay(t, o, l, n, append(greeting, request, answer, request, answer)...)
			if struck != 1 || strings.Count(events, "answer done NS+poll+MSG") != 2 {
				t.Errorf("%s in pieces of %d: struck %d times\n%s", name, n, struck, events)
			}
			if !strings.HasSuffix(toBox, request+request) || !strings.HasSuffix(toPeer, answer+answer) {
				t.Errorf("%s in pieces of %d: box %q, peer %q", name, n, toBox, toPeer)
			}
		}
	}
}

func TestUndisturbedWritesAreNotSplit(t *testing.T) {
	inner := &scripted{reads: []string{request}}
	tap := New(options(t, nil, "hop 0: on SB poll 1, answer: close"))
	c, _ := tap.wrap(inner, attempt{id: 1})
	_, _ = io.ReadFull(c, make([]byte, len(request)))
	_, _ = io.WriteString(c, answer)
	if len(inner.written) != 1 {
		t.Errorf("written in pieces: %q", inner.written)
	}
}
