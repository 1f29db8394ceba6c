package proxies

import (
	"io"
	"net"
	"strings"
	"testing"
	"time"

	"gauntlet/proxies/network"
)

// ending is how an origin breaks off.
func ending(said string, end func(net.Conn)) func(net.Conn, request) {
	return func(c net.Conn, _ request) {
		io.WriteString(c, said)
		<-time.After(20 * time.Millisecond) // a reset would eat what is still on its way
		end(c)
	}
}

func closed(c net.Conn) { c.Close() }
func reset(c net.Conn)  { network.Reset(c) }

func TestCutAnswersStayCut(t *testing.T) {
	const length, chunked = "HTTP/1.1 200 OK\r\nContent-Length: 50\r\n\r\nhello", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n"
	for name, c := range map[string]struct {
		said string
		end  func(net.Conn)
		body string
	}{
		"length, FIN":          {length, closed, "hello"},
		"length, RST":          {length, reset, "hello"},
		"length, nothing":      {strings.TrimSuffix(length, "hello"), closed, ""},
		"between chunks, FIN":  {chunked, closed, "hello"},
		"between chunks, RST":  {chunked, reset, "hello"},
		"middle of a chunk":    {chunked + "9\r\nwor", closed, "hellowor"},
		"before a first chunk": {strings.TrimSuffix(chunked, "5\r\nhello\r\n"), closed, ""},
	} {
		for _, spec := range []string{"forward", "forward http2"} {
			t.Run(name+", "+spec, func(t *testing.T) {
				n, _ := stage(t, ending(c.said, c.end))
				_, address := start(t, n, spec, Options{})
				got := dial(t, n, address).ask(post("http://gw.example/x", "", "Host: gw.example"))
				if got.status() != "HTTP/1.1 200 OK" || got.body != c.body || got.err != io.ErrUnexpectedEOF && got.err != io.EOF {
					t.Errorf("%q %q %v", got.head, got.body, got.err)
				}
			})
		}
	}
}

func TestPlainGoproxyCompletesCutChunks(t *testing.T) {
	n, _ := stage(t, ending("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n", closed))
	_, address := start(t, n, "forward plain", Options{})
	if got := dial(t, n, address).ask(post("http://gw.example/x", "", "Host: gw.example")); got.body != "hello" || got.err != nil {
		t.Errorf("%q %q %v", got.head, got.body, got.err)
	}
}

func TestUpstreamFailures(t *testing.T) {
	silent := func(c net.Conn, _ request) { io.Copy(io.Discard, c) }
	for name, c := range map[string]struct {
		spec   string
		script func(net.Conn, request)
		status string
	}{
		"FIN":             {"forward", ending("", closed), "502 Bad Gateway"},
		"RST":             {"forward", ending("", reset), "502 Bad Gateway"},
		"dies in a head":  {"forward", ending("HTTP/1.1 200 OK\r\nX-", closed), "502 Bad Gateway"},
		"silence":         {"forward upstream-timeout 50ms", silent, "504 Gateway Timeout"},
		"FIN, 503":        {"forward failure-status 503", ending("", closed), "503 Service Unavailable"},
		"FIN, plain":      {"forward plain", ending("", closed), "500 Internal Server Error"},
		"RST, canonical":  {"forward canonical-names", ending("", reset), "502 Bad Gateway"},
		"FIN, intercept":  {"intercept", ending("", closed), "502 Bad Gateway"},
		"FIN, HTTP/2":     {"forward http2 refused-status 503", ending("", closed), "502 Bad Gateway"},
		"silence, HTTP/2": {"forward http2 upstream-timeout 50ms", silent, "504 Gateway Timeout"},
		"plain intercept": {"intercept plain", ending("", closed), "500 Internal Server Error"},
	} {
		t.Run(name, func(t *testing.T) {
			n, o := stage(t, c.script)
			_, address := start(t, n, c.spec, Options{})
			p := dial(t, n, address)
			for i := range 2 { // the connection survives
				got := p.ask(post("http://gw.example/x", "abc", "Host: gw.example"))
				if got.status() != "HTTP/1.1 "+c.status || got.err != nil || len(o.requests()) != i+1 {
					t.Fatalf("%d requests, answer %q %q %v", len(o.requests()), got.head, got.body, got.err)
				}
			}
		})
	}
}

func TestNobodyListens(t *testing.T) {
	n, o := stage(t, nil)
	o.Close()
	failures := make(chan error, 9)
	_, address := start(t, n, "forward", Options{OnError: func(err error) { failures <- err }})
	if got := dial(t, n, address).ask(post("http://gw.example/x", "", "Host: gw.example")); got.status() != "HTTP/1.1 502 Bad Gateway" {
		t.Errorf("POST: %q %v", got.head, got.err)
	}
	if got := dial(t, n, address).ask("CONNECT gw.example:80 HTTP/1.1\r\nHost: gw.example:80\r\n\r\n"); got.status() != "HTTP/1.1 502 Bad Gateway" {
		t.Errorf("CONNECT: %q %v", got.head, got.err)
	}
	if len(failures) != 2 {
		t.Errorf("%d failures reported", len(failures))
	}
}

// A pooled connection on which the server dies gets a 502, not a repeat.
func TestPostIsNeverRepeated(t *testing.T) {
	for _, body := range []string{"", "abc"} {
		t.Run("body "+body, func(t *testing.T) { diesOnReuse(t, body) })
	}
}

func diesOnReuse(t *testing.T, body string) {
	n, o := stage(t, nil)
	served := 0
	o.script = func(c net.Conn, _ request) {
		if served++; served%2 == 1 {
			io.WriteString(c, plainAnswer)
			return
		}
		c.Close()
	}
	_, address := start(t, n, "forward", Options{})
	p := dial(t, n, address)
	ask := func() string {
		return p.ask(post("http://gw.example/x", body, "Host: gw.example", "Idempotency-Key: 1", "x-idempotency-key: 2")).status()
	}
	if first, second := ask(), ask(); first != "HTTP/1.1 200 OK" || second != "HTTP/1.1 502 Bad Gateway" {
		t.Errorf("%s, %s", first, second)
	}
	if got := len(o.requests()); got != 2 {
		t.Errorf("%d requests, want 2", got)
	}
}

// Idle connections that the server closed cost nobody a request.
func TestDeadPooledConnectionsAreNoticed(t *testing.T) {
	n, o := stage(t, func(c net.Conn, _ request) { io.WriteString(c, plainAnswer); c.Close() })
	_, address := start(t, n, "forward", Options{})
	p := dial(t, n, address)
	for i := range 100 {
		if got := p.ask(post("http://gw.example/x", "abc", "Host: gw.example")); got.status() != "HTTP/1.1 200 OK" {
			t.Logf("request %d raced the close: %q", i, got.status()) // possible; never a duplicate
		}
	}
	if got := len(o.requests()); got > 100 {
		t.Errorf("%d requests for 100", got)
	}
}

func TestClientLeaves(t *testing.T) {
	for spec, finishes := range map[string]bool{"forward": true, "forward cancels": false, "forward http2": true, "forward cancels http2": false} {
		t.Run(spec, func(t *testing.T) {
			arrived, written := make(chan bool), make(chan error)
			n, _ := stage(t, func(c net.Conn, _ request) {
				close(arrived)
				c.SetReadDeadline(time.Now().Add(100 * time.Millisecond))
				_, err := c.Read(make([]byte, 1)) // a cancelled exchange is a closed connection
				written <- err
			})
			_, address := start(t, n, spec, Options{})
			p := dial(t, n, address)
			io.WriteString(p, post("http://gw.example/x", "abc", "Host: gw.example"))
			<-arrived
			p.Close()
			err := <-written
			if timeout, _ := err.(net.Error); (timeout != nil && timeout.Timeout()) != finishes {
				t.Errorf("the gateway saw %v", err)
			}
		})
	}
}

func TestClientThatBreaksOffItsRequestIsNotAnswered(t *testing.T) {
	n, o := stage(t, nil)
	_, address := start(t, n, "forward", Options{})
	p := dial(t, n, address)
	io.WriteString(p, "POST http://gw.example/x HTTP/1.1\r\nHost: gw.example\r\nContent-Length: 10\r\n\r\nabc")
	network.CloseWrite(p.Conn)
	if got := p.read(); got.head != "" {
		t.Errorf("answer %q", got.head)
	}
	if len(o.requests()) != 0 {
		t.Error("a whole request reached the origin")
	}
}
