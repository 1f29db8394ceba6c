package proxies

import (
	"fmt"
	"io"
	"net"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"gauntlet/proxies/simnet"
)

// city is a simulated network with a gateway and a place for a box.
func city(t *testing.T, script func(net.Conn, request)) (*simnet.Net, *origin) {
	n := simnet.New(simnet.Options{})
	o := newOrigin(t, n.Host("10.0.0.9", "gw.example"), ":80", script)
	return n, o
}

// run serves box within a bubble; the result ends it and the network.
func run(t *testing.T, n *simnet.Net, spec, address string) func() {
	return runOn(t, n, spec, address, itself)
}

// runOn is run with the listener wrapped.
func runOn(t *testing.T, n *simnet.Net, spec, address string, wrap func(net.Listener) net.Listener) func() {
	return runWith(t, n, spec, address, wrap, Options{})
}

// runWith is runOn with options.
func runWith(t *testing.T, n *simnet.Net, spec, address string, wrap func(net.Listener) net.Listener, o Options) func() {
	host := n.Host("10.0.0.5")
	l, err := host.Listen(address)
	if err != nil {
		t.Fatal(err)
	}
	box := build(t, host, spec, o)
	done := make(chan error)
	go func() { done <- box.Serve(wrap(l)) }()
	return func() {
		if err := box.Close(); err != nil {
			t.Error(err)
		}
		if err := <-done; err != nil {
			t.Error(err)
		}
		n.Close()
	}
}

// polls sends 1000 polls, two seconds apart.
func polls(t *testing.T, p *peer, target string) {
	for i := range 1000 {
		p.SetDeadline(time.Now().Add(time.Minute))
		got := p.ask(post(target, "", "HOST: gw.example", fmt.Sprintf("x-mSn-%d: 1", i)))
		if got.body != "hello" || !strings.Contains(got.head, "x-mSn-MESSENGER: SessionID") {
			t.Fatalf("poll %d: %q %v", i, got.head, got.err)
		}
		time.Sleep(2 * time.Second)
	}
}

func odd(c net.Conn, _ request) { io.WriteString(c, oddAnswer) }

func TestVirtualForward(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n, o := city(t, odd)
		defer run(t, n, "forward", ":3128")()
		p := dial(t, n.Host("10.0.0.1"), "10.0.0.5:3128")
		polls(t, p, "http://gw.example/x")
		p.Close()
		if last := o.requests()[999]; last.conn != 1 || !strings.Contains(last.head, "\r\nx-mSn-999: 1\r\n") {
			t.Errorf("connection %d: %q", last.conn, last.head)
		}
	})
}

func TestVirtualInterception(t *testing.T) {
	for _, spec := range []string{"intercept", "intercept by original destination"} {
		t.Run(spec, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				n, _ := city(t, odd)
				defer run(t, n, spec, ":8080")()
				n.Redirect(simnet.Redirect{From: "10.0.0.1", Port: 80, To: "10.0.0.5:8080"})
				p := dial(t, n.Host("10.0.0.1"), gateway)
				polls(t, p, "/x")
				p.Close()
			})
		})
	}
}

func TestVirtualTimeout(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n, _ := city(t, func(c net.Conn, _ request) { io.Copy(io.Discard, c) })
		defer run(t, n, "forward", ":3128")()
		p := dial(t, n.Host("10.0.0.1"), "10.0.0.5:3128")
		p.SetDeadline(time.Now().Add(time.Hour))
		began := time.Now()
		got := p.ask(post("http://gw.example/x", "", "Host: gw.example"))
		if took := time.Since(began).Round(time.Second); got.status() != "HTTP/1.1 504 Gateway Timeout" || took != faithful().patience {
			t.Errorf("%q after %v, %v", got.head, took, got.err)
		}
		p.Close()
	})
}
