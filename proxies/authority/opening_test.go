package authority

import (
	"bufio"
	"bytes"
	"crypto/tls"
	"errors"
	"io"
	"net"
	"strings"
	"sync"
	"testing"

	"gauntlet/proxies/network"
)

// wiretap keeps what is read from a connection beneath TLS.
type wiretap struct {
	net.Conn
	mu  sync.Mutex
	has bytes.Buffer
}

func (w *wiretap) Read(p []byte) (int, error) {
	n, err := w.Conn.Read(p)
	w.mu.Lock()
	defer w.mu.Unlock()
	w.has.Write(p[:n])
	return n, err
}

// What is on the wire is TLS, behind what asks for the tunnel; what is read and
// written is what the client says and hears.
func TestWhatStandsWithinTLS(t *testing.T) {
	a, err := New()
	if err != nil {
		t.Fatal(err)
	}
	for _, asked := range []string{"", "CONNECT a.example:443 HTTP/1.1\r\n\r\n", "\x05\x01\x00"} {
		near, far := net.Pipe()
		wire := &wiretap{Conn: far}
		server := Opened(wire, a.Config("a.example"), func(err error) { t.Error(err) })
		heard := make(chan string, 1)
		go func() {
			in := bufio.NewReader(server)
			opening := make([]byte, len(asked))
			_, _ = io.ReadFull(in, opening)
			if asked != "" {
				_, _ = io.WriteString(server, "yes")
			}
			line, _ := in.ReadString('\n')
			_, _ = io.WriteString(server, "answer")
			rest, err := io.ReadAll(in)
			heard <- string(opening) + line + string(rest) + map[bool]string{true: "!"}[err != nil]
		}()
		if asked != "" {
			_, _ = io.WriteString(near, asked)
			if yes := make([]byte, 3); func() error { _, err := io.ReadFull(near, yes); return err }() != nil || string(yes) != "yes" {
				t.Fatalf("%q is answered by %q", asked, yes)
			}
		}
		client := tls.Client(near, &tls.Config{RootCAs: a.Pool(), ServerName: "a.example"})
		_, _ = io.WriteString(client, "secret\n")
		answer := make([]byte, 6)
		if _, err := io.ReadFull(client, answer); err != nil || string(answer) != "answer" {
			t.Fatalf("%q, %v", answer, err)
		}
		_ = near.Close() // without a word of TLS
		if got := <-heard; got != asked+"secret\n" {
			t.Errorf("within stands %q", got)
		}
		wire.mu.Lock()
		if seen := wire.has.String(); !strings.HasPrefix(seen, asked+"\x16\x03") || strings.Contains(seen, "secret") {
			t.Errorf("on the wire is %q", seen)
		}
		wire.mu.Unlock()
	}
}

// A handshake that does not come about is told, and the peer hears why.
func TestAHandshakeThatFails(t *testing.T) {
	a, err := New()
	if err != nil {
		t.Fatal(err)
	}
	nobody := &tls.Config{GetCertificate: func(*tls.ClientHelloInfo) (*tls.Certificate, error) { return nil, nil }}
	near, far := net.Pipe()
	var failed error
	server := Opened(far, nobody, func(err error) { failed = err })
	read := make(chan error, 1)
	go func() { _, err := server.Read(make([]byte, 100)); read <- err }()
	err = tls.Client(near, &tls.Config{RootCAs: a.Pool(), ServerName: "a.example"}).Handshake()
	if err == nil || !strings.Contains(err.Error(), "unrecognized name") {
		t.Errorf("the peer hears %v", err)
	}
	if err := <-read; err == nil || failed == nil {
		t.Errorf("read gives %v, told was %v", err, failed)
	}
}

// A reset is one: nothing of TLS goes before it.
func TestAResetWithinTLS(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	a, err := New()
	if err != nil {
		t.Fatal(err)
	}
	go func() {
		conn, err := l.Accept()
		if err != nil {
			return
		}
		server := Opened(conn, a.Config("a.example"), func(error) {})
		_, _ = server.Read(make([]byte, 1))
		_ = network.Reset(server)
	}()
	client, err := tls.Dial("tcp", l.Addr().String(), &tls.Config{RootCAs: a.Pool(), ServerName: "a.example"})
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close()
	_, _ = client.Write([]byte("x"))
	if _, err := client.Read(make([]byte, 1)); errors.Is(err, io.EOF) || !network.IsReset(err) {
		t.Errorf("the peer sees %v", err)
	}
}
