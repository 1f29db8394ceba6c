package lab

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"testing"
)

// door is a doorman with somebody behind it who answers 200 to everything.
func door(t *testing.T) (address string) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	d := NewDoorman(l.(*net.TCPListener))
	behind := &http.Server{Handler: http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { _, _ = io.Copy(io.Discard, r.Body) })}
	served := make(chan error, 1)
	go func() { served <- behind.Serve(d) }()
	t.Cleanup(func() {
		_ = behind.Close()
		if err := <-served; err != http.ErrServerClosed {
			t.Error(err)
		}
	})
	return l.Addr().String()
}

// caller is a client's connection.
type caller struct {
	net.Conn
	in *bufio.Reader
}

func call(t *testing.T, address string) *caller {
	conn, err := net.Dial("tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	return &caller{conn, bufio.NewReader(conn)}
}

func (c *caller) posts(t *testing.T, query, body string) int {
	t.Helper()
	_, err := fmt.Fprintf(c, "POST http://gateway.messenger.hotmail.com/gateway/gateway.dll?%s HTTP/1.1\r\nHost: gateway.messenger.hotmail.com\r\nContent-Length: %d\r\n\r\n%s", query, len(body), body)
	if err != nil {
		t.Fatal(err)
	}
	r, err := http.ReadResponse(c.in, nil)
	if err != nil {
		t.Fatal(err)
	}
	return r.StatusCode
}

func TestDoorman(t *testing.T) {
	address := door(t)
	waits := call(t, address) // says nothing before the client begins anew
	before := call(t, address)
	if got := before.posts(t, "Action=poll&SessionID=1.2", ""); got != 400 {
		t.Errorf("a session of before gets %d", got)
	}
	if _, err := before.in.ReadByte(); err != io.EOF {
		t.Errorf("and its connection is not closed: %v", err)
	}
	now := call(t, address)
	if got := now.posts(t, "Action=open&Server=NS&IP=messenger.hotmail.com", "VER 1 MSNP8 CVR0\r\n"); got != 200 {
		t.Errorf("an open gets %d", got)
	}
	if got := now.posts(t, "Action=poll&SessionID=3.4", ""); got != 200 {
		t.Errorf("what follows it gets %d", got)
	}
	if got := waits.posts(t, "SessionID=3.4", "PNG\r\n"); got != 200 {
		t.Errorf("another connection then gets %d", got)
	}
}

func TestDoormanLetsThroughWhatIsNoGatewayRequest(t *testing.T) {
	for _, first := range []string{"CONNECT login.live.com:443 HTTP/1.1\r\nHost: login.live.com:443\r\n\r\n", "GET / HTTP/1.1\r\nHost: x\r\n\r\n"} {
		c := call(t, door(t))
		if _, err := io.WriteString(c, first); err != nil {
			t.Fatal(err)
		}
		if r, err := http.ReadResponse(c.in, nil); err != nil || r.StatusCode != 200 {
			t.Errorf("%q: %v, %v", first, r, err)
		}
	}
}
