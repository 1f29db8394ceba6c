package http1

import (
	"fmt"
	"reflect"
	"strings"
	"testing"
)

// follow feeds text in pieces of size n and lists what the Reader reaches, each
// mark with the offset of the byte after it, and the body at its end.
func follow(r *Reader, text string, n int) (out []string) {
	held, at, body := "", 0, ""
	for len(text) > 0 {
		n := min(n, len(text))
		data := held + text[:n]
		text, held = text[n:], ""
		for len(data) > 0 {
			used, part, m := r.Next([]byte(data))
			if used == 0 && m == 0 {
				held = data
				break
			}
			if at += used; part == Body {
				body += data[:used]
			}
			if data = data[used:]; m != 0 {
				out = append(out, describe(m, at, body))
				body = ""
			}
		}
	}
	return out
}

func describe(m Mark, at int, body string) string {
	text := fmt.Sprintf("%d:", at)
	for i, name := range []string{"began", "head", "done", "interim", "astray"} {
		if m&(1<<i) != 0 {
			text += " " + name
		}
	}
	if body != "" {
		text += " " + body
	}
	return text
}

const chunkedRequest = "POST / HTTP/1.1\r\nTransfer-Encoding: Chunked\r\n\r\n"

func TestRequests(t *testing.T) {
	for text, want := range map[string]string{
		"GET / HTTP/1.1\r\n\r\n": "0: began|18: head done",
		"GET / HTTP/1.1\n\n":     "0: began|16: head done",
		"\r\n\r\nGET / HTTP/1.1\r\nHost: x\r\n\r\nGET / HTTP/1.0\r\n\r\n":                           "4: began|31: head done|31: began|49: head done",
		"POST / HTTP/1.1\r\ncontent-LENGTH:  3 \r\n\r\nabcPOST":                                     "0: began|40: head|43: done abc|43: began",
		"POST / HTTP/1.1\r\nContent-Length:\r\n 3\r\n\r\nabc":                                       "0: began|40: head|43: done abc",
		"POST / HTTP/1.1\r\nContent-Length: 0\r\n\r\n":                                              "0: began|38: head done",
		"POST / HTTP/1.1\r\nContent-Length: -4\r\n\r\n":                                             "0: began|39: head done",
		"POST / HTTP/1.1\r\nContent-Length: +4\r\n\r\n":                                             "0: began|39: head done",
		"POST / HTTP/1.1\r\nContent-Length: 1\r\nContent-Length: 1\r\n\r\nab":                       "0: began|57: head|58: done a|58: began",
		"POST / HTTP/1.1\r\nContent-Length: 1, 1\r\n\r\na":                                          "0: began|41: head|42: done a",
		"POST / HTTP/1.1\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n":                         "0: began|57: head done",
		"POST / HTTP/1.1\r\nTransfer-Encoding: gzip\r\nContent-Length: 1\r\n\r\n":                   "0: began|63: head done",
		"POST / HTTP/1.1\r\nTransfer-Encoding: gzip\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n": "0: began|72: head|77: done",
		chunkedRequest + "2\r\nab\r\n01;x=y\r\nc\r\n0\r\nA: b\r\n\r\nG":                             "0: began|47: head|76: done abc|76: began",
		chunkedRequest + "2\nab\n0\n\n":                                                             "0: began|47: head|55: done ab",
		chunkedRequest + "0000000000000000000A \r\n0123456789\r\n0\r\n\r\n":                         "0: began|47: head|87: done 0123456789",
		chunkedRequest + "zz\r\n":                                                                   "0: began|47: head|48: astray",
		chunkedRequest + "2x\r\n":                                                                   "0: began|47: head|49: astray",
		chunkedRequest + "\r\n":                                                                     "0: began|47: head|48: astray",
		chunkedRequest + "1\r\nab":                                                                  "0: began|47: head|52: astray a",
		chunkedRequest + "ffffffffffffffffff\r\n":                                                   "0: began|47: head|63: astray",
		"VER 1 MSNP8 CVR0\r\n":                                                                      "0: began|18: astray",
		"GET / HTTP/1.1\r\n\r\n\x05":                                                                "0: began|18: head done|18: astray",
		"\x16\x03\x01":                                                                              "0: astray",
		"GET / HTTP/1.1\r\nX: " + strings.Repeat("a", 5000) + "\r\n\r\n":                            "0: began|5023: head done",
	} {
		for n := 1; n <= len(text); n++ {
			if got := strings.Join(follow(&Reader{}, text, n), "|"); got != want {
				t.Fatalf("%.90q in pieces of %d:\n got %s\nwant %s", text, n, got, want)
			}
		}
	}
}

func TestAnswers(t *testing.T) {
	for _, c := range []struct{ method, text, want string }{
		{"GET", "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhiHTTP/1.1 204 \r\n\r\n", "0: began|38: head|40: done hi|40: began|57: head done"},
		{"HEAD", "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n", "0: began|38: head done"},
		{"GET", "HTTP/1.1 304 Not Modified\r\nContent-Length: 2\r\n\r\n", "0: began|48: head done"},
		{"POST", "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", "25: interim|25: began|63: head done"},
		{"POST", "\r\nHTTP/1.1 103 Early\r\nA: b\r\n\r\n\r\nHTTP/1.1 204 \r\n\r\n", "30: interim|32: began|49: head done"},
		{"GET", "HTTP/1.0 200 OK\r\n\r\nany", "0: began|19: head"},
		{"GET", "HTTP/1.1 200 OK\r\nContent-Length: x\r\n\r\nany", "0: began|38: head"},
		{"GET", "HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\nContent-Length: 1\r\n\r\n1\r\na\r\n0\r\n\r\n", "0: began|72: head|83: done a"},
		{"GET", "HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\nContent-Length: 1\r\n\r\n1", "0: began|63: head"},
		{"CONNECT", "HTTP/1.1 200 Connected\r\nContent-Length: 3\r\n\r\n", "0: began|45: head done"},
		{"CONNECT", "HTTP/1.1 403 No\r\nContent-Length: 3\r\n\r\nno!", "0: began|38: head|41: done no!"},
		{"GET", "HTTP/1.1 101 Switching\r\n\r\n", "26: head done"},
		{"GET", "220 mail ready\r\n", "0: astray"},
		{"GET", "HTTP/1.1 x\r\n", "0: astray"},
		{"GET", "HTTP/1.1-and-no-blank-at-all", "0: astray"},
	} {
		for n := 1; n <= len(c.text); n++ {
			if got := strings.Join(follow(&Reader{Answers: true, Method: c.method}, c.text, n), "|"); got != c.want {
				t.Fatalf("%q in pieces of %d:\n got %s\nwant %s", c.text, n, got, c.want)
			}
		}
	}
}

func TestCloseCompletesWhatHasNoOtherEnd(t *testing.T) {
	r := &Reader{Answers: true}
	follow(r, "HTTP/1.1 200 OK\r\n\r\nabc", 4)
	if r.State() != UntilClose || !r.Close() || r.State() != Between {
		t.Error("an answer without a length is not complete at the end of the connection")
	}
	r = &Reader{Answers: true}
	if follow(r, "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nabc", 4); r.Close() {
		t.Error("an answer that was cut is complete")
	}
}

func TestLostForEver(t *testing.T) {
	for text, want := range map[string]error{
		"VER 1\r\n": ErrNotHTTP,
		"GET / HTTP/1.1\r\nX: " + strings.Repeat("a", maxHead) + "\r\n\r\n": errTooLong,
		chunkedRequest + "x": errChunk,
	} {
		r := &Reader{}
		follow(r, text, 1<<10)
		if n, part, m := r.Next([]byte("GET / HTTP/1.1\r\n\r\n")); r.Err() != want || n != 18 || part != Foreign || m != 0 {
			t.Errorf("%.30q: %v, then %d bytes of %d", text, r.Err(), n, part)
		}
	}
	r := &Reader{}
	if r.Abandon(); r.Err() != nil || r.State() != Lost {
		t.Errorf("abandoned: %v", r.Err())
	}
}

func TestHeadsAreTheirUsersToKeep(t *testing.T) {
	r := &Reader{}
	follow(r, "GET /1 HTTP/1.1\r\n\r\n", 3)
	first := r.Head()
	follow(r, "GET /2 HTTP/1.1\r\n\r\n", 3)
	if string(first) != "GET /1 HTTP/1.1\r\n\r\n" || Target(r.Head()) != "/2" {
		t.Errorf("%q, then %q", first, r.Head())
	}
}

func TestUnchunk(t *testing.T) {
	for chunked, want := range map[string]string{
		"3\r\nabc\r\n1;x\r\nd\r\n0\r\nT: v\r\n\r\n": "abcd",
		"3\r\nab":          "ab",
		"1\r\na\r\nx":      "a",
		"0\r\n\r\nGET / H": "",
	} {
		if got := string(Unchunk([]byte(chunked))); got != want {
			t.Errorf("%q: %q, want %q", chunked, got, want)
		}
	}
}

// FuzzReader: however the bytes are cut, the Reader reaches the same.
func FuzzReader(f *testing.F) {
	f.Add("POST / HTTP/1.1\r\nContent-Length: 3\r\n\r\nabcGET / HTTP/1.1\r\n\r\n", false, 3)
	f.Add(chunkedRequest+"2;x\r\nab\r\n0\r\nA: b\r\n\r\n", false, 2)
	f.Add("HTTP/1.1 100 \r\n\r\nHTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n0\r\n\r\n", true, 1)
	f.Fuzz(func(t *testing.T, text string, answers bool, n int) {
		if n < 1 {
			return
		}
		whole, cut := &Reader{Answers: answers}, &Reader{Answers: answers}
		want, got := follow(whole, text, len(text)+1), follow(cut, text, n)
		if !reflect.DeepEqual(got, want) || string(whole.Head()) != string(cut.Head()) || whole.State() != cut.State() {
			t.Fatalf("%q in pieces of %d: %q, whole %q", text, n, got, want)
		}
	})
}
