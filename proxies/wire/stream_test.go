package wire

import (
	"fmt"
	"reflect"
	"strings"
	"testing"

	"gauntlet/proxies/http1"
)

// follow feeds text in pieces of size n and lists what the stream reaches, each
// mark with the offset of the byte after it. A greeting is marked all along,
// which is not listed.
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
			if m&^greeted != 0 {
				out = append(out, describe(s, m, at))
			}
		}
	}
	return out
}

func describe(s *stream, m http1.Mark, at int) string {
	text := fmt.Sprintf("%d:", at)
	for i, name := range []string{"began", "head", "done", "interim", "opaque"} {
		if m&(1<<i) != 0 {
			text += " " + name
		}
	}
	if m&http1.Done != 0 && len(s.body) > 0 {
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
		"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n":                                       "0: began|47: head|48: opaque",
		"VER 1 MSNP8 CVR0\r\n": "0: began|18: opaque",
		"\x05\x01\x00":         "",
		"\x05\x01\x00\x05\x01\x00\x01\x0a\x09\x00\x50\x00\x50GET / HTTP/1.1\r\n\r\n": "13: began|31: head done",
		"\x05\x02\x00\x02\x01\x01u\x02pw\x05\x01\x00\x03\x01g\x00\x50G":              "18: began",
		"\x05\x01\x00\x05\x01\x00\x04" + strings.Repeat("6", 16) + "\x00\x50G":       "25: began",
		"\x04\x01\x00\x50\x0a\x09\x00\x50u\x00G":                                     "10: began",
		"\x04\x01\x00\x50\x0a\x09\x00\x50\x00GET / HTTP/1.1\r\n\r\n":                 "9: began|27: head done",
		"\x04\x01\x00\x50\x00\x00\x00\x01\x00g\x00G":                                 "11: began",
		"\x05\x01\x00\x07":                     "3: opaque",
		"\x04\x01" + strings.Repeat("u", 2000): "1025: opaque",
		"GET / HTTP/1.1\r\n\r\n\x05":           "0: began|18: head done|18: opaque",
		"\x16\x03\x01":                         "0: opaque",
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
		{"GET", "\x05\x00", "0: opaque"}, // nobody has greeted
		{"GET", "HTTP/1.1 x\r\n", "0: opaque"},
		{"GET", "HTTP/1.1-and-no-blank-at-all", "0: opaque"},
	} {
		for n := 1; n <= len(c.text); n++ {
			got := strings.Join(follow(t, &stream{Reader: http1.Reader{Answers: true, Method: c.method}}, c.text, n), "|")
			if got != c.want {
				t.Fatalf("%q in pieces of %d:\n got %s\nwant %s", c.text, n, got, c.want)
			}
		}
	}
}

func TestStreamGreetings(t *testing.T) {
	const yes, address = "HTTP/1.1 204 \r\n\r\n", "\x01\x00\x00\x00\x00\x00\x00"
	for _, c := range []struct {
		version    byte
		text, want string
	}{
		{4, "\x00\x5a\x00\x00\x00\x00\x00\x00" + yes, "8: began|25: head done"},
		{4, "\x00\x5b\x00\x00\x00\x00\x00\x00", "8: opaque"},
		{5, "\x05\x00\x05\x00\x00" + address + yes, "12: began|29: head done"},
		{5, "\x05\x02\x01\x00\x05\x00\x00\x03\x01g\x00\x50" + yes, "12: began|29: head done"},
		{5, "\x05\x02\x01\x01", "4: opaque"},
		{5, "\x05\xff", "2: opaque"},
		{5, "\x05\x00\x05\x05\x00" + address, "12: opaque"},
		{5, "HTTP/1.1 400 Bad Request\r\n\r\n", "0: opaque"},
	} {
		for n := 1; n <= len(c.text); n++ {
			s := &stream{Reader: http1.Reader{Answers: true, Method: "POST"}}
			s.greet(c.version)
			if got := strings.Join(follow(t, s, c.text, n), "|"); got != c.want {
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
	f.Add("\x05\x01\x00\x05\x01\x00\x01\x0a\x09\x00\x50\x00\x50GET / HTTP/1.1\r\n\r\n", false, 2)
	f.Add("HTTP/1.1 100 \r\n\r\nHTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n0\r\n\r\n", true, 1)
	f.Fuzz(func(t *testing.T, text string, answers bool, n int) {
		if n < 1 {
			return
		}
		whole, cut := &stream{Reader: http1.Reader{Answers: answers}}, &stream{Reader: http1.Reader{Answers: answers}}
		want, got := follow(t, whole, text, len(text)+1), follow(t, cut, text, n)
		if !reflect.DeepEqual(got, want) || string(whole.Head()) != string(cut.Head()) || whole.bodySize != cut.bodySize {
			t.Fatalf("%q in pieces of %d: %q, whole %q", text, n, got, want)
		}
	})
}
