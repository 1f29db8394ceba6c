package http1

import (
	"bufio"
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"
)

// accepted is a message as net/http reads it, and how many bytes of text it
// takes; ok is false if net/http refuses it.
func accepted(text, method string, answers bool) (body string, size int, toEnd, ok bool) {
	from := strings.NewReader(text)
	in := bufio.NewReaderSize(from, 16)
	var content io.ReadCloser
	if answers {
		a, err := http.ReadResponse(in, &http.Request{Method: method})
		if err != nil || a.StatusCode < 200 || a.ProtoMajor != 1 || a.ProtoMinor == 0 && a.Header.Get("Transfer-Encoding") != "" {
			return "", 0, false, false
		}
		content, toEnd = a.Body, a.ContentLength < 0 && len(a.TransferEncoding) == 0 && a.Body != http.NoBody
	} else {
		r, err := http.ReadRequest(in)
		if err != nil || r.ProtoMajor != 1 || r.Method == http.MethodConnect {
			return "", 0, false, false
		}
		content = r.Body
	}
	read, err := io.ReadAll(content)
	return string(read), len(text) - from.Len() - in.Buffered(), toEnd, err == nil
}

// agrees holds that a message which net/http accepts is the same for us.
func agrees(t *testing.T, text, method string, answers bool) bool {
	t.Helper()
	body, size, toEnd, ok := accepted(text, method, answers)
	if !ok || strings.HasPrefix(text, "\r") || strings.HasPrefix(text, "\n") || oldAndCoded(text) {
		return false
	}
	in := bufio.NewReader(strings.NewReader(text))
	m, err := Receive(in, &Reader{Answers: answers, Method: method}, 0)
	left, _ := io.ReadAll(in)
	if err != nil || string(m.Body) != body || len(text)-len(left) != size || m.ToEnd != toEnd {
		t.Fatalf("%q to %s: body %q, %d bytes, to the end %v, %v; net/http: %q, %d bytes, %v", text, method, m.Body, len(text)-len(left), m.ToEnd, err, body, size, toEnd)
	}
	return true
}

// oldAndCoded is what the two differ on by intent; see the package's doc.
func oldAndCoded(text string) bool {
	h := Parse(text[:max(0, HeadEnd([]byte(text)))])
	return h.Version() == "HTTP/1.0" && h.Has("Transfer-Encoding")
}

func TestAgreesWithNetHTTP(t *testing.T) {
	ends := []string{"", "Content-Length: 5\r\n", "content-length:5\r\nContent-Length: 5\r\n", "Content-Length:\r\n\t5\r\n", "Transfer-Encoding: chunked\r\n",
		"Transfer-Encoding: CHUNKED\r\nContent-Length: 3\r\n", "Content-Length: 0\r\n", "Content-Length: 05\nX: y\n"}
	bodies := []string{"", "hello", "helloPOST / HTTP/1.1\r\n\r\n", "5\r\nhello\r\n0\r\n\r\n", "2;a=b\r\nhe\r\n003 \r\nllo\r\n0\r\nA: b\r\nC: d\r\n\r\nPOST", "0;x\r\n\r\n"}
	compared := 0
	for _, start := range []string{"POST / HTTP/1.1", "GET /a?b=c HTTP/1.0", "HTTP/1.1 200 OK", "HTTP/1.0 200 OK", "HTTP/1.1 204 No", "HTTP/1.1 304 No", "HTTP/1.1 500 "} {
		for _, end := range ends {
			for _, body := range bodies {
				for _, method := range []string{"POST", "HEAD"} {
					if agrees(t, start+"\r\nHost: x\r\n"+end+"\r\n"+body, method, strings.HasPrefix(start, "HTTP/")) {
						compared++
					}
				}
			}
		}
	}
	if compared < 250 {
		t.Errorf("only %d messages were compared", compared)
	}
}

// FuzzAgainstNetHTTP looks for messages on which the two differ.
func FuzzAgainstNetHTTP(f *testing.F) {
	f.Add("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\nabcd", false)
	f.Add("POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n3;x\r\nabc\r\n0\r\nA: b\r\n\r\nPOST", false)
	f.Add("HTTP/1.1 200 OK\r\nContent-Length: 3\r\nContent-Length: 3\r\n\r\nabcd", true)
	f.Add("HTTP/1.0 200 OK\r\n\r\nabcd", true)
	f.Fuzz(func(t *testing.T, text string, answers bool) { agrees(t, text, "POST", answers) })
}

func TestReceive(t *testing.T) {
	const first = "HTTP/1.1 100 Continue\r\n\r\n"
	in := bufio.NewReaderSize(strings.NewReader(first+"HTTP/1.1 200 OK\r\nContent-Length: 20\r\n\r\n01234567890123456789HTTP/1.1 200 OK\r\n\r\nrest"), 16)
	r := &Reader{Answers: true}
	for _, want := range []Message{
		{Head: []byte(first), Interim: true},
		{Head: []byte("HTTP/1.1 200 OK\r\nContent-Length: 20\r\n\r\n"), Body: []byte("01234567890123456789")},
		{Head: []byte("HTTP/1.1 200 OK\r\n\r\n"), Body: []byte("rest"), ToEnd: true},
	} {
		m, err := Receive(in, r, 0)
		if err != nil || string(m.Head) != string(want.Head) || string(m.Body) != string(want.Body) || m.Interim != want.Interim || m.ToEnd != want.ToEnd {
			t.Errorf("%+v, %v", m, err)
		}
	}
	for text, want := range map[string]error{
		"": io.EOF, "\r\n": io.EOF, "HTT": io.ErrUnexpectedEOF, "HTTP/1.1 200 OK\r\nA": io.ErrUnexpectedEOF,
		"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\na": io.ErrUnexpectedEOF, "SSH-2.0\r\n": ErrNotHTTP,
		"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n123456789": errTooLarge,
	} {
		if m, err := Receive(bufio.NewReader(strings.NewReader(text)), &Reader{Answers: true}, 8); !errors.Is(err, want) {
			t.Errorf("%q: %+v, %v", text, m, err)
		}
	}
}
