package wire

import (
	"fmt"
	"reflect"
	"strings"
	"testing"
)

// follow feeds text in pieces of size n and lists what the stream reaches, each
// mark with the offset of the byte after it.
func follow(t *testing.T, s *stream, text string, n int) (out []string) {
	t.Helper()
	held, at := "", 0
	for len(text) > 0 {
		n := min(n, len(text))
		data := held + text[:n]
		text = text[n:]
		held = ""
		for len(data) > 0 {
			used, m := s.step([]byte(data))
			if used == 0 && m == 0 {
				held = data
				break
			}
			at += used
			data = data[used:]
			if m != 0 {
				out = append(out, describe(s, m, at))
			}
		}
	}
	return out
}

func describe(s *stream, m mark, at int) string {
	text := fmt.Sprintf("%d:", at)
	for i, name := range []string{"began", "head", "done", "interim", "opaque"} {
		if m&(1<<i) != 0 {
			text += " " + name
		}
	}
	if m&done != 0 && len(s.body) > 0 {
		text += " " + string(s.body)
	}
	return text
}

func TestStreamRequests(t *testing.T) {
	for text, want := range map[string]string{
		"GET / HTTP/1.1\r\n\r\n": "0: began|18: head done",
		"GET / HTTP/1.1\n\n":     "0: began|16: head done",
		"\r\n\r\nGET / HTTP/1.1\r\nHost: x\r\n\r\nGET / HTTP/1.0\r\n\r\n":                                   "4: began|31: head done|31: began|49: head done",
		"POST / HTTP/1.1\r\ncontent-LENGTH:  3 \r\n\r\nabcPOST":                                             "0: began|40: head|43: done abc|43: began",
		"POST / HTTP/1.1\r\nContent-Length: 0\r\n\r\n":                                                      "0: began|38: head done",
		"POST / HTTP/1.1\r\nContent-Length: -4\r\n\r\n":                                                     "0: began|39: head done",
		"POST / HTTP/1.1\r\nTransfer-Encoding: Chunked\r\n\r\n2\r\nab\r\n01;x=y\r\nc\r\n0\r\nA: b\r\n\r\nG": "0: began|47: head|76: done abc|76: began",
		"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n":                                       "0: began|47: head|51: opaque",
		"VER 1 MSNP8 CVR0\r\n": "0: began|18: opaque",
		"\x05\x01\x00":         "0: opaque",
		"\x16\x03\x01":         "0: opaque",
		"GET / HTTP/1.1\r\nX: " + strings.Repeat("a", 5000) + "\r\n\r\n": "0: began|5023: head done",
	} {
		for n := 1; n <= len(text); n++ {
			got := strings.Join(follow(t, &stream{}, text, n), "|")
			if got != want {
				t.Fatalf("%.60q in pieces of %d:\n got %s\nwant %s", text, n, got, want)
			}
		}
	}
}

func TestStreamAnswers(t *testing.T) {
	for _, c := range []struct{ method, text, want string }{
		{"GET", "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhiHTTP/1.1 204 \r\n\r\n", "0: began|38: head|40: done hi|40: began|57: head done"},
		{"HEAD", "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n", "0: began|38: head done"},
		{"GET", "HTTP/1.1 304 Not Modified\r\nContent-Length: 2\r\n\r\n", "0: began|48: head done"},
		{"POST", "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", "25: interim|25: began|63: head done"},
		{"GET", "HTTP/1.0 200 OK\r\n\r\nany", "0: began|19: head"},
		{"GET", "HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\nContent-Length: 1\r\n\r\n1\r\na\r\n0\r\n\r\n", "0: began|72: head|83: done a"},
		{"CONNECT", "HTTP/1.1 200 Connected\r\nContent-Length: 3\r\n\r\n", "0: began|45: head done"},
		{"GET", "HTTP/1.1 101 Switching\r\n\r\n", "26: head done"},
		{"GET", "220 mail ready\r\n", "0: opaque"},
		{"GET", "HTTP/1.1 x\r\n", "0: opaque"},
		{"GET", "HTTP/1.1-and-no-blank-at-all", "0: opaque"},
	} {
		for n := 1; n <= len(c.text); n++ {
			got := strings.Join(follow(t, &stream{answers: true, method: c.method}, c.text, n), "|")
			if got != c.want {
				t.Fatalf("%q in pieces of %d:\n got %s\nwant %s", c.text, n, got, c.want)
			}
		}
	}
}

func TestStreamKeepsTheBeginningOfALongBody(t *testing.T) {
	s := &stream{}
	follow(t, s, fmt.Sprintf("POST / HTTP/1.1\r\nContent-Length: %d\r\n\r\n%s", maxBody+5, strings.Repeat("x", maxBody+5)), 4096)
	if len(s.body) != maxBody || s.note() != "the first 1048576 of 1048581 bytes" {
		t.Errorf("kept %d: %s", len(s.body), s.note())
	}
}

// FuzzStream: however the bytes are cut, the stream reaches the same.
func FuzzStream(f *testing.F) {
	f.Add("POST / HTTP/1.1\r\nContent-Length: 3\r\n\r\nabcGET / HTTP/1.1\r\n\r\n", false, 3)
	f.Add("HTTP/1.1 100 \r\n\r\nHTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n0\r\n\r\n", true, 1)
	f.Fuzz(func(t *testing.T, text string, answers bool, n int) {
		if n < 1 {
			return
		}
		whole, cut := &stream{answers: answers}, &stream{answers: answers}
		want, got := follow(t, whole, text, len(text)+1), follow(t, cut, text, n)
		if !reflect.DeepEqual(got, want) || string(whole.head) != string(cut.head) || whole.bodySize != cut.bodySize {
			t.Fatalf("%q in pieces of %d: %q, whole %q", text, n, got, want)
		}
	})
}
