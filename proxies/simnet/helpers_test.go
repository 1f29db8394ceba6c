package simnet_test

import (
	"context"
	"errors"
	"io"
	"net"
	"testing"
	"testing/synctest"
	"time"

	"gauntlet/proxies/simnet"
)

const (
	clientIP = "10.0.0.1"
	serverIP = "10.0.0.2"
)

// bubble runs f in virtual time; what f leaves open there makes it panic.
func bubble(t *testing.T, f func(t *testing.T)) {
	t.Helper()
	synctest.Test(t, f)
}

// listen binds or fails the test.
func listen(t testing.TB, h *simnet.Host, address string) *simnet.Listener {
	t.Helper()
	l, err := h.Listen(address)
	if err != nil {
		t.Fatal(err)
	}
	return l.(*simnet.Listener)
}

// dial connects h to address.
func dial(h *simnet.Host, address string) (net.Conn, error) {
	return h.DialContext(context.Background(), "tcp", address)
}

// makePair makes a network of two hosts and one connection; stop closes it all.
func makePair() (client, server net.Conn, stop func(), err error) {
	n := simnet.New(simnet.Options{})
	stop = func() { n.Close() }
	l, err := n.Host(serverIP).Listen(":80")
	if err != nil {
		return nil, nil, stop, err
	}
	client, err = dial(n.Host(clientIP), serverIP+":80")
	if err != nil {
		return nil, nil, stop, err
	}
	server, err = l.Accept()
	return client, server, stop, err
}

// pair is makePair for a test, as *simnet.Conn; the network ends with the test.
func pair(t testing.TB) (client, server *simnet.Conn) {
	t.Helper()
	a, b, stop, err := makePair()
	t.Cleanup(stop)
	if err != nil {
		t.Fatal(err)
	}
	return a.(*simnet.Conn), b.(*simnet.Conn)
}

// wantError fails unless err is want.
func wantError(t testing.TB, what string, err, want error) {
	t.Helper()
	if !errors.Is(err, want) {
		t.Errorf("%s: got error %v, want %v", what, err, want)
	}
}

// wantRead reads once and expects just text.
func wantRead(t testing.TB, c io.Reader, text string) {
	t.Helper()
	b := make([]byte, 100)
	if n, err := c.Read(b); string(b[:n]) != text || err != nil {
		t.Errorf("read %q, %v; want %q", b[:n], err, text)
	}
}

// wantReadError reads once and expects only an error.
func wantReadError(t testing.TB, c io.Reader, want error) {
	t.Helper()
	n, err := c.Read(make([]byte, 100))
	if n != 0 {
		t.Errorf("read %d bytes, want none", n)
	}
	wantError(t, "read", err, want)
}

// write writes text or fails the test.
func write(t testing.TB, c io.Writer, text string) {
	t.Helper()
	if n, err := io.WriteString(c, text); n != len(text) || err != nil {
		t.Errorf("wrote %d of %d bytes: %v", n, len(text), err)
	}
}

// tick lets everything under way arrive.
func tick() { time.Sleep(time.Second) }
