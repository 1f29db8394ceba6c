package proxies

import (
	"context"
	"errors"
	"io"
	"net"
	"syscall"
	"testing"
	"time"

	"gauntlet/proxies/network"
)

// both gives the two ends of a connection through a relay.
func both(t *testing.T) (client, server net.Conn) {
	t.Helper()
	noLeaks(t)
	n := &network.Loopback{}
	l, err := n.Listen(":0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	_, address := start(t, n, "relay", Options{Upstream: l.Addr().String()})
	client = dial(t, n, address).Conn
	if server, err = l.Accept(); err != nil {
		t.Fatal(err)
	}
	server.SetDeadline(time.Now().Add(10 * time.Second))
	t.Cleanup(func() { server.Close() })
	return client, server
}

func TestRelayPassesFIN(t *testing.T) {
	for _, way := range []string{"client first", "server first"} {
		t.Run(way, func(t *testing.T) {
			a, b := both(t)
			if way == "server first" {
				a, b = b, a
			}
			io.WriteString(a, "ping")
			network.CloseWrite(a)
			if got, err := io.ReadAll(b); string(got) != "ping" || err != nil {
				t.Fatalf("%q %v", got, err)
			}
			io.WriteString(b, "pong") // the other direction is still open
			b.Close()
			if got, err := io.ReadAll(a); string(got) != "pong" || err != nil {
				t.Errorf("%q %v", got, err)
			}
		})
	}
}

func TestRelayPassesRST(t *testing.T) {
	for _, way := range []string{"client resets", "server resets"} {
		t.Run(way, func(t *testing.T) {
			a, b := both(t)
			if way == "server resets" {
				a, b = b, a
			}
			network.Reset(a)
			if _, err := b.Read(make([]byte, 1)); !errors.Is(err, syscall.ECONNRESET) {
				t.Errorf("%v, want a reset", err)
			}
		})
	}
}

func TestRelayWithoutServer(t *testing.T) {
	n, o := stage(t, nil)
	o.Close()
	failures := make(chan error, 1)
	_, address := start(t, n, "relay", Options{Upstream: gateway, OnError: func(err error) { failures <- err }})
	c, err := n.DialContext(t.Context(), "tcp", address)
	if err == nil { // else the reset was there before connect returned
		_, err = c.Read(make([]byte, 1))
		c.Close()
	}
	if !errors.Is(err, syscall.ECONNRESET) {
		t.Errorf("%v, want a reset", err)
	}
	if err := <-failures; !errors.Is(err, syscall.ECONNREFUSED) {
		t.Error(err)
	}
}

func TestRelayToOriginalDestination(t *testing.T) {
	n, _ := stage(t, nil)
	address := serve(t, build(t, n, "relay", Options{}), func(l net.Listener) net.Listener { return redirecting{l, gateway} })
	if got := dial(t, n, address).ask(post("/x", "", "Host: gw.example")); got.body != "hello" {
		t.Errorf("%q %v", got.head, got.err)
	}
}

func TestCloseEndsEverything(t *testing.T) {
	for _, spec := range []string{"relay", "forward", "forward plain", "intercept"} {
		t.Run(spec, func(t *testing.T) {
			arrived := make(chan bool)
			n, _ := stage(t, func(c net.Conn, _ request) { close(arrived); io.Copy(io.Discard, c) })
			box := build(t, n, spec, Options{Upstream: gateway})
			l1, _ := n.Listen(":0")
			l2, _ := n.Listen(":0")
			done := make(chan error, 2)
			go func() { done <- box.Serve(l1) }()
			go func() { done <- box.Serve(l2) }()
			idle, busy := dial(t, n, l1.Addr().String()), dial(t, n, l2.Addr().String())
			io.WriteString(busy, post("http://gw.example/x", "abc", "Host: gw.example"))
			<-arrived
			if err := errors.Join(box.Close(), box.Close()); err != nil {
				t.Error(err)
			}
			for range 2 { // a Serve that has not begun by then is told so
				if err := <-done; err != nil && !errors.Is(err, net.ErrClosed) {
					t.Error(err)
				}
			}
			for _, p := range []*peer{idle, busy} {
				if got, err := io.ReadAll(p.in); len(got) > 0 {
					t.Errorf("%q %v", got, err)
				}
			}
			if err := box.Serve(l1); !errors.Is(err, net.ErrClosed) {
				t.Errorf("serve after close: %v", err)
			}
			if _, err := n.DialContext(context.Background(), "tcp", l1.Addr().String()); err == nil {
				t.Error("still listening")
			}
		})
	}
}
