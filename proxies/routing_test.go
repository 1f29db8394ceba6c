package proxies

import (
	"io"
	"net"
	"strings"
	"testing"

	"gauntlet/proxies/network"
)

// redirecting is a listener whose connections were going elsewhere, behind a
// wrapper that only NetConn sees through.
type redirecting struct {
	net.Listener
	destination string
}

type redirected struct {
	net.Conn
	destination string
}

type opaque struct {
	net.Conn // an interface: nothing but net.Conn's methods shows
	inner    net.Conn
}

func (r redirected) OriginalDestination() string { return r.destination }
func (o opaque) NetConn() net.Conn               { return o.inner }

func (l redirecting) Accept() (net.Conn, error) {
	c, err := l.Listener.Accept()
	if err != nil {
		return nil, err
	}
	r := redirected{c, l.destination}
	return opaque{r, r}, nil
}

// serve starts box on a listener and gives its address.
func serve(t *testing.T, box Box, wrap func(net.Listener) net.Listener) string {
	t.Helper()
	l, err := (&network.Loopback{}).Listen(":0")
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan error, 1)
	go func() { done <- box.Serve(wrap(l)) }()
	t.Cleanup(func() {
		if err := box.Close(); err != nil {
			t.Error(err)
		}
		if err := <-done; err != nil {
			t.Error(err)
		}
	})
	return l.Addr().String()
}

func TestForwardRefusesOriginForm(t *testing.T) {
	n, o := stage(t, nil)
	_, address := start(t, n, "forward", Options{})
	p := dial(t, n, address)
	if got := p.ask(post("/x", "abc", "Host: gw.example")); got.status() != "HTTP/1.1 400 Bad Request" {
		t.Errorf("%q", got.head)
	}
	if got := p.ask(post("http://gw.example/x", "abc", "Host: gw.example")); got.body != "hello" || len(o.requests()) != 1 {
		t.Errorf("%q", got.head)
	}
}

func TestInterceptByHostTakesBothForms(t *testing.T) {
	n, o := stage(t, func(c net.Conn, _ request) { io.WriteString(c, oddAnswer) })
	_, address := start(t, n, "intercept", Options{})
	p := dial(t, n, address)
	for i, target := range []string{"/x?a=%7E{}", "http://gw.example/x?a=%7E{}", "//x?a=%7E{}"} {
		got := p.ask(post(target, "abc", "hOST: gw.example", "x-mSn-MESSENGER: 1"))
		if !strings.Contains(got.head, "x-mSn-MESSENGER: SessionID") || got.body != "hello" {
			t.Fatalf("%q %v", got.head, got.err)
		}
		want := "POST " + strings.TrimPrefix(target, "http://gw.example") + " HTTP/1.1\r\nhOST: gw.example\r\nx-mSn-MESSENGER: 1\r\n"
		if head := o.requests()[i].head; !strings.HasPrefix(head, want) {
			t.Errorf("%q, want %q", head, want)
		}
	}
	if got := p.ask("POST /x HTTP/1.0\r\nContent-Length: 0\r\n\r\n"); got.status() != "HTTP/1.0 400 Bad Request" {
		t.Errorf("without Host: %q", got.head)
	}
}

func TestInterceptByOriginalDestination(t *testing.T) {
	n, o := stage(t, nil)
	box := build(t, n, "intercept by original destination", Options{})
	address := serve(t, box, func(l net.Listener) net.Listener { return redirecting{l, gateway} })
	p := dial(t, n, address)
	for i, target := range []string{"/x", "http://elsewhere.example/x"} {
		got := p.ask(post(target, "", "HOST: elsewhere.example"))
		if got.body != "hello" {
			t.Fatalf("%q %v", got.head, got.err)
		}
		if head := o.requests()[i].head; !strings.HasPrefix(head, "POST /x HTTP/1.1\r\nHOST: elsewhere.example\r\n") {
			t.Errorf("%q", head)
		}
	}
}

func TestInterceptWithoutDestination(t *testing.T) {
	n, _ := stage(t, nil)
	_, address := start(t, n, "intercept by original destination", Options{})
	if got := dial(t, n, address).ask(post("/x", "", "Host: gw.example")); got.status() != "HTTP/1.1 400 Bad Request" {
		t.Errorf("%q", got.head)
	}
}

// A chain: intercepted, sent to a parent proxy, sent through a relay.
func TestChainOfBoxes(t *testing.T) {
	n, o := stage(t, func(c net.Conn, _ request) { io.WriteString(c, oddAnswer) })
	_, last := start(t, n, "relay", Options{Upstream: gateway})
	var seen []string
	spy := newOrigin(t, n, ":0", func(c net.Conn, r request) {
		seen = append(seen, r.head)
		io.WriteString(c, oddAnswer)
	})
	defer spy.Close()
	_, parent := start(t, n, "forward", Options{Upstream: last})
	_, first := start(t, n, "intercept", Options{Upstream: parent, Parent: true})
	got := dial(t, n, first).ask(post("/x?{1}", "abc", "hOST: gw.example", "X-FOO-bar: 1"))
	if !strings.Contains(got.head, "x-mSn-MESSENGER: SessionID") || got.body != "hello" {
		t.Fatalf("%q %v", got.head, got.err)
	}
	if r := o.requests()[0]; !strings.HasPrefix(r.head, "POST /x?{1} HTTP/1.1\r\nhOST: gw.example\r\nX-FOO-bar: 1\r\n") {
		t.Errorf("%q", r.head)
	}
	_, child := start(t, n, "forward", Options{Upstream: spy.Addr().String(), Parent: true})
	dial(t, n, child).ask(post("http://gw.example/x?{1}", "abc", "hOST: gw.example"))
	if len(seen) != 1 || !strings.HasPrefix(seen[0], "POST http://gw.example/x?{1} HTTP/1.1\r\nhOST: gw.example\r\n") {
		t.Errorf("the parent got %q", seen)
	}
}

func TestTunnel(t *testing.T) {
	n, o := stage(t, nil)
	_, parent := start(t, n, "forward", Options{})
	_, child := start(t, n, "forward", Options{Upstream: parent, Parent: true})
	for name, address := range map[string]string{"one box": parent, "through a parent": child} {
		t.Run(name, func(t *testing.T) {
			before := len(o.requests())
			p := dial(t, n, address)
			io.WriteString(p, "CONNECT gw.example:80 HTTP/1.1\r\nHost: gw.example:80\r\n\r\n"+post("/x", "early", "host: gw.example"))
			if head, err := readHead(p.in); !strings.HasPrefix(head, "HTTP/1.1 200 ") {
				t.Fatalf("%q %v", head, err)
			}
			if got := p.read(); got.body != "hello" || o.requests()[before].body != "early" {
				t.Errorf("%q %v", got.head, got.err)
			}
			network.CloseWrite(p.Conn)
			if _, err := p.in.ReadByte(); err != io.EOF {
				t.Errorf("after FIN: %v", err)
			}
		})
	}
}
