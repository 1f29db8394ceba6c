package heads

import (
	"io"
	"net"
	"strings"
	"testing"

	"gauntlet/proxies/http1"
)

func TestRestore(t *testing.T) {
	const generated = "POST /x HTTP/1.1\r\nHost: gw\r\nContent-Length: 0\r\nX-Foo: 2\r\nX-Foo: 1\r\nX-Late: z\r\n\r\n"
	for name, c := range map[string]struct{ original, want string }{
		"order, spelling, blanks": {"x-FOO:1\r\nhOST:  gw\r\nX-foo: 2\r\n", "x-FOO:1\r\nhOST:  gw\r\nX-foo: 2\r\nContent-Length: 0\r\nX-Late: z\r\n"},
		"a changed value":         {"host: gw\r\nx-late: a\r\n", "host: gw\r\nx-late: z\r\nContent-Length: 0\r\nX-Foo: 2\r\nX-Foo: 1\r\n"},
		"a field that is gone":    {"Host: gw\r\nConnection: close\r\n", "Host: gw\r\nContent-Length: 0\r\nX-Foo: 2\r\nX-Foo: 1\r\nX-Late: z\r\n"},
		"a folded line":           {"host: gw\r\nX-late:\r\n z\r\n", "host: gw\r\nX-late: z\r\nContent-Length: 0\r\nX-Foo: 2\r\nX-Foo: 1\r\n"},
		"bare line feeds":         {"host: gw\nx-late: z\n", "host: gw\r\nx-late: z\r\nContent-Length: 0\r\nX-Foo: 2\r\nX-Foo: 1\r\n"},
		"no Host":                 {"x-late: z\r\n", "Host: gw\r\nx-late: z\r\nContent-Length: 0\r\nX-Foo: 2\r\nX-Foo: 1\r\n"},
	} {
		original := http1.Parse("POST /x HTTP/1.1\r\n" + c.original + "\r\n")
		if got := string(Restore(&original, []byte(generated), "LINE")); got != "LINE\r\n"+c.want+"\r\n" {
			t.Errorf("%s: %q", name, got)
		}
	}
}

func TestLines(t *testing.T) {
	for _, c := range []struct{ original, generated, want string }{
		{"POST http://GW/a%7e?{x} HTTP/1.1", "POST /a~?%7Bx%7D HTTP/1.1", "POST /a%7e?{x} HTTP/1.1"},
		{"POST /a%7e HTTP/1.0", "POST http://gw/a~ HTTP/1.1", "POST http://gw/a%7e HTTP/1.1"},
		{"POST http://gw HTTP/1.1", "POST / HTTP/1.1", "POST / HTTP/1.1"},
		{"POST http://gw?a HTTP/1.1", "POST http://gw/?a HTTP/1.1", "POST http://gw/?a HTTP/1.1"},
		{"POST //x HTTP/1.1", "POST //x HTTP/1.1", "POST //x HTTP/1.1"},
	} {
		original := http1.Parse(c.original + "\r\n\r\n")
		if got := RequestLine(&original, c.generated); got != c.want {
			t.Errorf("%s: %q, want %q", c.original, got, c.want)
		}
	}
	fine := http1.Parse("HTTP/1.0 200 Fine by me\r\n\r\n")
	if got := StatusLine(&fine, "HTTP/1.1 200 OK"); got != "HTTP/1.1 200 Fine by me" {
		t.Error(got)
	}
	if got := WithVersion("HTTP/1.1 200 HTTP/1.1", "1.0") + WithVersion("none", "1.0"); got != "HTTP/1.0 200 HTTP/1.1none" {
		t.Error(got)
	}
}

func TestWholeHeads(t *testing.T) {
	const head = "POST /A: HTTP/1.1\r\nX-B: Y:Z\r\nnothing\r\nHost: GW\r\nA: 1\r\n\r\n"
	if got := string(Lower([]byte(head))); got != "POST /A: HTTP/1.1\r\nx-b: Y:Z\r\nnothing\r\nhost: GW\r\na: 1\r\n\r\n" {
		t.Errorf("lower: %q", got)
	}
	if got := string(Sort([]byte(head))); got != "POST /A: HTTP/1.1\r\nHost: GW\r\nA: 1\r\nnothing\r\nX-B: Y:Z\r\n\r\n" {
		t.Errorf("sorted: %q", got)
	}
}

// Whatever the pieces in which it comes, the same is handed on.
func TestFilterEditsHeadsAndNothingElse(t *testing.T) {
	const (
		first   = "POST /1 HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nPOST \r\n0\r\n\r\n"
		second  = "POST /2 HTTP/1.1\r\nContent-Length: 3\r\n\r\nA\r\n"
		tunnel  = "CONNECT gw:80 HTTP/1.1\r\n\r\nGET / HTTP/1.1\r\n\r\n"
		strange = "POST /3\r\nA: 1\r\n\r\n"
	)
	lower := func(head []byte) []byte { return append([]byte("!"), head...) }
	for in, want := range map[string]string{
		first + "\r\n" + second + tunnel: "!" + first + "\r\n!" + second + "!" + tunnel,
		second + strange:                 "!" + second + strange,
	} {
		for _, size := range []int{1, 7, len(in)} {
			f, rest, got := NewFilter([]func([]byte) []byte{lower}, false), in, ""
			take := func(p []byte) (int, error) {
				n := copy(p, rest[:min(size, len(rest))])
				if rest = rest[n:]; n == 0 {
					return 0, io.EOF
				}
				return n, nil
			}
			for p := make([]byte, 11); ; {
				n, err := f.Read(p, take)
				if got += string(p[:n]); err != nil {
					break
				}
			}
			if got != want {
				t.Errorf("in pieces of %d: %q, want %q", size, got, want)
			}
		}
	}
}

func TestFilterDropsUntilAnswered(t *testing.T) {
	const request = "POST / HTTP/1.1\r\nContent-Length: 1\r\n\r\nx"
	f := NewFilter(nil, true)
	got := ""
	for _, in := range []string{request + request, request, "answered", request} {
		if in == "answered" {
			f.Answered()
			continue
		}
		f.feed([]byte(in))
		got += string(f.ready) + "|"
		f.ready = nil
	}
	if got != request+"||"+request+"|" {
		t.Errorf("%q", got)
	}
}

// sink is what is written to it.
type sink struct {
	net.Conn
	strings.Builder
}

func (s *sink) Write(p []byte) (int, error) { return s.Builder.Write(p) }

func TestRewriterWaitsForTheHead(t *testing.T) {
	const head, body = "HTTP/1.1 200 OK\r\nA: 1\r\n\r\n", "body\r\n\r\n"
	const interim = "HTTP/1.1 100 Continue\r\n\r\n"
	for _, size := range []int{1, 5, 1000} {
		var r Rewriter
		out := &sink{}
		r.Arm(func(generated []byte) []byte { return []byte(strings.ToLower(string(generated))) })
		for rest := interim + head + body + head; rest != ""; {
			n, err := r.Write(out, []byte(rest[:min(size, len(rest))]))
			if err != nil {
				t.Fatal(err)
			}
			rest = rest[n:]
		}
		if want := interim + strings.ToLower(head) + body + head; out.String() != want {
			t.Errorf("in pieces of %d: %q", size, out.String())
		}
	}
}
