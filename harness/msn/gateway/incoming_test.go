package gateway

import (
	"strings"
	"testing"

	"gauntlet/proxies/http1"
)

func TestHeads(t *testing.T) {
	none, of := http1.Framing{Length: -1}, func(n int64) http1.Framing { return http1.Framing{Length: n} }
	post := heading{method: "POST", target: "/x", framing: none}
	with := func(change func(*heading)) heading { h := post; change(&h); return h }
	for text, want := range map[string]heading{
		"POST /x HTTP/1.1|Host: h":                                          post,
		"POST /x HTTP/1.1|Host: h|Content-Length: 3":                        with(func(h *heading) { h.framing = of(3) }),
		"POST /x HTTP/1.1|Host: h|Content-Length: 3|Content-Length: 3":      with(func(h *heading) { h.framing = of(3) }),
		"POST /x HTTP/1.1|Host: h|Transfer-Encoding: chunked":               with(func(h *heading) { h.framing.Chunked = true }),
		"POST /x HTTP/1.1|Host: h|Connection: x , Close":                    with(func(h *heading) { h.ends = true }),
		"POST /x HTTP/1.1|Host: h|Connection: keep-alive":                   post,
		"POST /x HTTP/1.1|Host: h|Connection: close|Connection: keep-alive": with(func(h *heading) { h.ends = true }),
		"POST /x HTTP/1.0|Connection: keep-alive|Connection: x":             with(func(h *heading) { h.old, h.keeps = true, true }),
		"POST /x HTTP/1.0":                                                        with(func(h *heading) { h.old, h.ends = true, true }),
		"POST /x HTTP/1.0|Connection: Keep-Alive":                                 with(func(h *heading) { h.old, h.keeps = true, true }),
		"POST /x HTTP/1.0|Connection: keep-alive, close":                          with(func(h *heading) { h.old, h.ends = true, true }),
		"POST /x HTTP/1.1|Host: h|Expect: 100-Continue|Content-Length: 1":         with(func(h *heading) { h.waits, h.framing = true, of(1) }),
		"POST /x HTTP/1.1|Host: h|Expect: 100-continue":                           post, // there is nothing to ask for
		"POST /x HTTP/1.0|Expect: 100-continue|Content-Length: 1":                 with(func(h *heading) { h.old, h.ends, h.framing = true, true, of(1) }),
		"POST /x HTTP/1.1|Host: h|X: a|\tfolded":                                  post,
		"CONNECT h:80 HTTP/1.1":                                                   {method: "CONNECT", target: "h:80", framing: none},
		"POST /gateway/gateway.dll?SessionID=%zz;+{} HTTP/1.1|Host: no host at /": with(func(h *heading) { h.target = "/gateway/gateway.dll?SessionID=%zz;+{}" }),
	} {
		got, wrong := begun(text).readHead()
		if got != want || wrong != nil {
			t.Errorf("%s: %+v, %+v, want %+v", text, got, wrong, want)
		}
	}
}

// begun is a request of which the head has come; its lines end with bars.
func begun(lines string) *incoming {
	var l lane
	l.feed([]byte(strings.ReplaceAll(lines, "|", "\r\n") + "\r\n\r\n"))
	return l.present()
}

// What another server on the way could read otherwise is refused.
func TestNoHeads(t *testing.T) {
	for text, want := range map[string]string{
		"POST  /x HTTP/1.1|Host: h":                                    "400 Bad Request",
		"POST /x HTTP/1.1 |Host: h":                                    "400 Bad Request",
		"POST /x HTTP/1|Host: h":                                       "400 Bad Request",
		"POST /x http/1.1|Host: h":                                     "400 Bad Request",
		" /x HTTP/1.1|Host: h":                                         "400 Bad Request",
		"POST /x HTTP/1.1|Host: h|: 1":                                 "400 Bad Request",
		"POST HTTP/1.1|Host: h":                                        "400 Bad Request",
		"P(ST /x HTTP/1.1|Host: h":                                     "400 Bad Request",
		"POST /\x01 HTTP/1.1|Host: h":                                  "400 Bad Request",
		"POST /x HTTP/2.0|Host: h":                                     "505 HTTP Version Not Supported: unsupported protocol version",
		"POST /x HTTP/1.1":                                             "400 Bad Request: missing required Host header",
		"POST /x HTTP/1.1|Host: h|host: h":                             "400 Bad Request: too many Host headers",
		"POST /x HTTP/1.1|Host: h|X : 1":                               "400 Bad Request",
		"POST /x HTTP/1.1|Host: h|X":                                   "400 Bad Request",
		"POST /x HTTP/1.1| X: 1|Host: h":                               "400 Bad Request",
		"POST /x HTTP/1.1|Host: h|X: a\x00b":                           "400 Bad Request: invalid header value",
		"POST /x HTTP/1.1|Host: h|X: a\x7fb":                           "400 Bad Request: invalid header value",
		"POST /x HTTP/1.1|Host: h|X: a\x1fb":                           "400 Bad Request: invalid header value",
		"POST /x HTTP/1.1|Host: h|Content-Length: 1|Content-Length: 2": "400 Bad Request",
		"POST /x HTTP/1.1|Host: h|Content-Length: -1":                  "400 Bad Request",
		"POST /x HTTP/1.1|Host: h|Content-Length: +1":                  "400 Bad Request",
		"POST /x HTTP/1.1|Host: h|Transfer-Encoding: gzip":             "501 Not Implemented: Unsupported transfer encoding",
		"POST /x HTTP/1.1|Host: h|Expect: cookies":                     "417 Expectation Failed",
	} {
		_, wrong := begun(text).readHead()
		if wrong == nil {
			t.Errorf("%s: taken", text)
			continue
		}
		if line, _, _ := strings.Cut(string(wrong.appendTo(nil)), "\r\n"); line != "HTTP/1.1 "+want {
			t.Errorf("%s: %s, want %s", text, line, want)
		}
	}
}

// Of a body of which nothing has come there may be 16 KiB of framing, and 16 bytes more for
// each byte that has.
func TestHowMuchMayBeFraming(t *testing.T) {
	for body, most := range map[string]int{"": 16384, "3\r\nabc\r\n": 16432} {
		var l lane
		l.feed([]byte("POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n" + body + "1;"))
		in := l.present()
		for in.frames < most {
			l.feed([]byte("x"))
		}
		if in.padded() {
			t.Errorf("%q: %d bytes are too many", body, in.frames)
		}
		if l.feed([]byte("x")); !in.padded() {
			t.Errorf("%q: %d bytes are not too many", body, in.frames)
		}
	}
}

func TestPaddedWithChunks(t *testing.T) {
	var l lane
	l.feed([]byte("POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n" + strings.Repeat("1\r\nx\r\n", 5000)))
	if in := l.present(); in.padded() || len(in.body) != 5000 {
		t.Errorf("chunks of one byte are padding: %d bytes of %d", in.frames, len(in.body))
	}
	l.feed([]byte("1;" + strings.Repeat("x", 100_000)))
	if !l.present().padded() {
		t.Error("an extension without an end is none")
	}
}
