package mutants

import (
	"bufio"
	"strings"
	"testing"

	"gauntlet/proxies/http1"
)

func TestAnswers(t *testing.T) {
	for name, c := range map[string]struct {
		wire, body string
		whole      bool
		change     func(*answer)
		want       string
	}{
		"as it is":        {"HTTP/1.1 200 OK\r\nA: b\r\nContent-Length: 2\r\n\r\nhi", "hi", true, nil, "HTTP/1.1 200 OK\r\nA: b\r\nContent-Length: 2\r\n\r\nhi"},
		"cut in the body": {"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhi", "hi", false, nil, "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhi"},
		"made whole":      {"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhi", "hi", false, func(a *answer) { a.cutTo(1) }, "HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nh"},
		"in chunks":       {"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhi\r\n0\r\n\r\n", "hi", true, nil, "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi"},
		"to the end":      {"HTTP/1.0 200 OK\r\n\r\nhi", "hi", true, nil, "HTTP/1.0 200 OK\r\n\r\nhi"},
		"interim":         {"HTTP/1.1 100 Continue\r\n\r\n", "", true, nil, "HTTP/1.1 100 Continue\r\n\r\n"},
		"another field":   {"HTTP/1.1 200 OK\r\na: b\r\nContent-Length: 0\r\n\r\n", "", true, func(a *answer) { a.set("A", "c") }, "HTTP/1.1 200 OK\r\nContent-Length: 0\r\nA: c\r\n\r\n"},
	} {
		a, _ := readAnswer(bufio.NewReader(strings.NewReader(c.wire)), nil)
		if string(a.body) != c.body || a.whole != c.whole || !a.headWhole {
			t.Errorf("%s: %+v", name, a)
		}
		if c.change != nil {
			c.change(a)
		}
		if got := string(a.bytes()); got != c.want {
			t.Errorf("%s: %q", name, got)
		}
	}
}

func TestAnswerCutInItsHead(t *testing.T) {
	a, err := readAnswer(bufio.NewReader(strings.NewReader("HTTP/1.1 200 OK\r\nConte")), nil)
	if err == nil || a.headWhole || string(a.bytes()) != "HTTP/1.1 200 OK\r\nConte" {
		t.Errorf("%v, %+v", err, a)
	}
}

func TestAnswerFields(t *testing.T) {
	a := &answer{head: http1.Parse("HTTP/1.0 404 No\r\nx-msn-messenger: SessionID=1; GW-IP=h\r\n\r\n")}
	h, ok := a.session()
	if !ok || h.SessionID != "1" || a.status() != 404 || a.version() != "HTTP/1.0" || a.field("Y") != "" {
		t.Errorf("%+v", a)
	}
	if _, ok := (&answer{head: http1.Parse("HTTP/1.1 200 OK\r\n\r\n")}).session(); ok {
		t.Error("a session was seen where there is none")
	}
}

func TestRequests(t *testing.T) {
	request := []byte("POST /gateway/gateway.dll?Action=poll&SessionID=a%2D1 HTTP/1.1\r\nHost: h\r\nContent-Length: 2\r\n\r\nhi")
	for name, c := range map[string]struct {
		change func([]byte) []byte
		want   string
	}{
		"raw id":        {unescapeID, "SessionID=a-1 HTTP"},
		"all escaped":   {encodeAll, "SessionID=%61%2D%31 HTTP"},
		"absolute":      {absolute, "POST http://h/gateway"},
		"held":          {hold, "Action=poll&Lifespan=10&SessionID"},
		"named":         {func(r []byte) []byte { return requery(r, func(string) string { return "x" }) }, "dll?x HTTP"},
		"another body":  {func(r []byte) []byte { return withBody(r, "PNG\r\n") }, "Content-Length: 5\r\n\r\nPNG\r\n"},
		"lower case":    {lowerNames, "\r\nhost: h\r\ncontent-length: 2\r\n\r\nhi"},
		"a port":        {addPort, "\r\nHost: h:80\r\n"},
		"half a length": {miscount, "Content-Length: 1\r\n\r\nhi"},
	} {
		if got := string(c.change(append([]byte(nil), request...))); !strings.Contains(got, c.want) {
			t.Errorf("%s: %q", name, got)
		}
	}
}
