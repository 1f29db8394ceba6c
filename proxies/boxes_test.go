package proxies

import (
	"bufio"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"strings"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"gauntlet/proxies/authority"
	"gauntlet/proxies/network"
	"gauntlet/proxies/simnet"
)

// town is a chain of boxes in virtual time, each on a host of its own.
type town struct {
	t     *testing.T
	net   *simnet.Net
	chain Chain
	boxes []Box
	ends  []chan error
}

// raise puts up the chain; change may complete the options of each box.
func raise(t *testing.T, n *simnet.Net, text string, change func(*Options)) *town {
	t.Helper()
	chain, err := Profiles(nil).ParseChain(text)
	if err != nil {
		t.Fatal(err)
	}
	w := &town{t: t, net: n, chain: chain}
	for i := range chain {
		w.put(i, change)
	}
	return w
}

func boxAddress(i int) string { return fmt.Sprintf("10.0.1.%d:3128", i+1) }

func (w *town) put(i int, change func(*Options)) {
	host := w.net.Host(fmt.Sprintf("10.0.1.%d", i+1))
	o := w.chain.Lead(i, Options{Network: host, Listen: func() (net.Listener, error) { return host.Listen(":3128") }}, boxAddress(i+1), gateway)
	if w.chain.NextHop(i) == Redirected {
		w.net.Redirect(simnet.Redirect{From: host.IP(), Port: 80, To: boxAddress(i + 1)})
	}
	if change != nil {
		change(&o)
	}
	box, err := New(w.chain[i], o)
	if err != nil {
		w.t.Fatal(err)
	}
	l, err := host.Listen(":3128")
	if err != nil {
		w.t.Fatal(err)
	}
	end := make(chan error, 1)
	go func() { end <- box.Serve(l) }()
	w.boxes, w.ends = append(w.boxes, box), append(w.ends, end)
}

func (w *town) raze() {
	for i, box := range w.boxes {
		if err := box.Close(); err != nil {
			w.t.Error(err)
		}
		if err := <-w.ends[i]; err != nil {
			w.t.Error(err)
		}
	}
	w.net.Close()
}

// client is the network as a client sees it that is configured for the chain.
func (w *town) client() network.Network {
	host := w.net.Host("10.0.0.1")
	switch asked := w.chain.Explicit(); {
	case asked == nil && len(w.chain) > 0:
		w.net.Redirect(simnet.Redirect{From: host.IP(), Port: 80, To: boxAddress(0)})
		return host
	case asked == nil:
		return host
	default:
		return Through(host, *asked, boxAddress(0))
	}
}

func TestTunnelsOfEachKindAndTheirChains(t *testing.T) {
	for _, text := range []string{
		"direct", "forward", "connect", "forward basic me:secret", "connect basic me:secret", "socks4a", "socks4a login me",
		"socks5", "socks5 login me:secret", "relay", "intercept", "socks5 → connect → socks4a → forward → relay",
		"relay → socks5", "connect → relay → socks5 login me:secret", "intercept → socks5", "intercept → connect basic a:b", "forward → intercept → relay",
		"forward → forward", "socks5 → intercept by original destination", "socks5 → tls",
	} {
		t.Run(text, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				n, o := city(t, nil)
				w := raise(t, n, text, nil)
				defer w.raze()
				p := dial(t, w.client(), gateway)
				for range 2 {
					if got := p.ask(post("/x", "abc", "Host: gw.example", "x-ODD: 1")); got.body != "hello" || got.err != nil {
						t.Fatalf("%q %v", got.head, got.err)
					}
				}
				p.Close()
				if r := o.requests(); len(r) != 2 || r[1].body != "abc" || !strings.Contains(r[1].head, "POST /x HTTP/1.1\r\nHost: gw.example\r\nx-ODD: 1\r\n") {
					t.Errorf("upstream: %+v", r)
				}
			})
		})
	}
}

func TestPostsThroughParents(t *testing.T) {
	for _, text := range []string{"forward → forward", "forward → relay → forward", "forward → connect", "forward → socks5 login a:b", "forward → forward basic me:secret", "tls → forward", "forward → intercept", "forward → tls"} {
		t.Run(text, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				n, o := city(t, nil)
				w := raise(t, n, text, nil)
				defer w.raze()
				p := dial(t, n.Host("10.0.0.1"), boxAddress(0))
				defer p.Close()
				got := p.ask(post("http://gw.example/x", "abc", "Host: gw.example", "Proxy-Authorization: Basic bWU6c2VjcmV0"))
				if got.body != "hello" || len(o.requests()) != 1 || strings.Contains(o.requests()[0].head, "Proxy-") {
					t.Errorf("%q %v, upstream %+v", got.head, got.err, o.requests())
				}
			})
		})
	}
}

func TestSocks4ToAnAddress(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n, _ := city(t, nil)
		w := raise(t, n, "socks4", nil)
		defer w.raze()
		p := dial(t, w.client(), "10.0.0.9:80")
		defer p.Close()
		if got := p.ask(post("/x", "", "Host: gw.example")); got.body != "hello" {
			t.Errorf("%q %v", got.head, got.err)
		}
		named := dial(t, w.client(), gateway)
		defer named.Close()
		if got := named.ask(post("/x", "", "Host: gw.example")); got.body != "hello" {
			t.Errorf("a name that the network knows: %q %v", got.head, got.err)
		}
		if _, err := w.client().DialContext(t.Context(), "tcp", "nobody.example:80"); err == nil || !strings.Contains(err.Error(), "nobody.example") {
			t.Errorf("an unknown name: %v", err)
		}
	})
}

// Each refusal on raw bytes: what the client sends, what it gets before the
// connection ends.
func TestSocksRefusals(t *testing.T) {
	const want4, want5 = "\x04\x01\x00\x50\x0a\x00\x00\x09", "\x05\x01\x00\x01\x0a\x00\x00\x09"
	for name, c := range map[string]struct{ box, sent, got string }{
		"HTTP":                   {"socks5", "POST http://gw.example/ HTTP/1.1\r\n\r\n", ""},
		"HTTP to 4":              {"socks4", "POST http://gw.example/ HTTP/1.1\r\n\r\n", ""},
		"5 to 4":                 {"socks4", "\x05\x01\x00", ""},
		"nobody listens, 4":      {"socks4", "\x04\x01\x00\x07\x0a\x00\x00\x09\x00", "\x00\x5b\x00\x00\x00\x00\x00\x00"},
		"nobody listens, 5":      {"socks5", "\x05\x01\x00\x05\x01\x00\x01\x0a\x00\x00\x09\x00\x07", "\x05\x00\x05\x05\x00\x01\x00\x00\x00\x00\x00\x00"},
		"no such name, 5":        {"socks5", "\x05\x01\x00\x05\x01\x00\x03\x02xy\x00\x50", "\x05\x00\x05\x04\x00\x01\x00\x00\x00\x00\x00\x00"},
		"bind, 4":                {"socks4", "\x04\x02\x00\x50\x0a\x00\x00\x09\x00", "\x00\x5b\x00\x00\x00\x00\x00\x00"},
		"bind, 5":                {"socks5", "\x05\x01\x00\x05\x02\x00\x01", "\x05\x00\x05\x07\x00\x01\x00\x00\x00\x00\x00\x00"},
		"wrong user, 4":          {"socks4 login me", want4 + "you\x00", "\x00\x5d\x00\x00\x00\x00\x00\x00"},
		"without a password, 5":  {"socks5 login me:s", "\x05\x01\x00", "\x05\xff"},
		"wrong password, 5":      {"socks5 login me:s", "\x05\x02\x00\x02\x01\x02me\x01t", "\x05\x02\x01\x01"},
		"right password, then 5": {"socks5 login me:s", "\x05\x01\x02\x01\x02me\x01s\x05\x01\x00\x01\x0a\x00\x00\x09\x00\x07", "\x05\x02\x01\x00\x05\x05\x00\x01\x00\x00\x00\x00\x00\x00"},
		"password not asked, 5":  {"socks5", "\x05\x01\x02", "\x05\xff"},
		"4a name to 4":           {"socks4", "\x04\x01\x00\x50\x00\x00\x00\x01\x00gw.example\x00", "\x00\x5b\x00\x00\x00\x00\x00\x00"},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				n, _ := city(t, nil)
				w := raise(t, n, c.box, nil)
				defer w.raze()
				p := dial(t, n.Host("10.0.0.1"), boxAddress(0))
				io.WriteString(p, c.sent)
				got, _ := io.ReadAll(p)
				if string(got) != c.got {
					t.Errorf("%q", got)
				}
			})
		})
	}
}

func TestASOCKSGreetingToAnHTTPProxy(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n, _ := city(t, nil)
		w := raise(t, n, "forward", nil)
		defer w.raze()
		p := dial(t, n.Host("10.0.0.1"), boxAddress(0))
		if got := p.ask("\x05\x01\x00\r\n\r\n"); got.status() != "HTTP/1.1 400 Bad Request" {
			t.Errorf("%q %v", got.head, got.err)
		}
	})
}

func TestConnectBoxForwardsNothing(t *testing.T) {
	got := look(t, "connect", nil, asks(simple))
	if !strings.HasPrefix(got, "HTTP/1.1 405 Method Not Allowed\r\nAllow: CONNECT\r\n") {
		t.Errorf("%q", got)
	}
}

func TestBasicIsAskedForUntilItIsRight(t *testing.T) {
	got := look(t, "forward basic me:secret", nil, func(l *lab) string {
		p, seen := l.client(), ""
		defer p.Close()
		for _, proof := range []string{"", "Basic bWU6d3Jvbmc=", "Basic nonsense", "Bearer bWU6c2VjcmV0", "basic bWU6c2VjcmV0", ""} {
			seen += p.ask(post("http://gw.example/x", "abc", "Host: gw.example", "Proxy-Authorization: "+proof)).head[9:13]
		}
		return fmt.Sprint(seen, l.delivered(), strings.Contains(l.upstream(), "Proxy-Auth"))
	})
	if got != "407 407 407 407 200 407 1 false" {
		t.Error(got)
	}
}

func TestPortalAnswersEverything(t *testing.T) {
	for raw, status := range map[string]string{
		simple: "200 OK", post("/x", "", "Host: gw.example"): "200 OK",
		"CONNECT gw.example:443 HTTP/1.1\r\nHost: gw.example\r\n\r\n": "403 Forbidden",
	} {
		got := look(t, "portal", nil, func(l *lab) string { return l.ask(raw) + fmt.Sprint(l.delivered()) })
		if !strings.HasPrefix(got, "HTTP/1.1 "+status) || !strings.HasSuffix(got, "</html>\n0") || !strings.Contains(got, "Content-Type: text/html; charset=utf-8") {
			t.Errorf("%q", got)
		}
	}
}

// A client that trusts the box's authority gets through, and the box sees what
// is in the tunnel; to one that does not it looks like an attack.
func TestTLSIsOpened(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := simnet.New(simnet.Options{})
		ours, err := authority.New()
		if err != nil {
			t.Fatal(err)
		}
		l, _ := n.Host("10.0.0.9", "gw.example").Listen(":443")
		o := &origin{Listener: tls.NewListener(l, ours.Config("gw.example"))}
		go o.serve()
		w := raise(t, n, "tls via spy", func(o *Options) { o.Authority = ours })
		defer w.raze()
		p := dial(t, n.Host("10.0.0.1"), boxAddress(0))
		io.WriteString(p, "CONNECT gw.example:443 HTTP/1.1\r\nHost: gw.example:443\r\n\r\n")
		if head, err := readHead(p.in); head != "HTTP/1.1 200 Connection established\r\n\r\n" {
			t.Fatalf("%q %v", head, err)
		}
		c := tls.Client(p.Conn, &tls.Config{ServerName: "gw.example", RootCAs: ours.Pool()})
		inside := &peer{c, bufio.NewReader(c)}
		for range 2 {
			got := inside.ask(post("/login", "secret", "Host: gw.example", "x-ODD: 1"))
			if got.body != "hello" || !strings.Contains(got.head, "Via: 1.1 spy\r\n") {
				t.Fatalf("%q %v", got.head, got.err)
			}
		}
		if r := o.requests(); len(r) != 2 || r[1].conn != 1 || r[1].body != "secret" || !strings.Contains(r[1].head, "\r\nx-ODD: 1\r\nContent-Length: 6\r\nVia: 1.1 spy\r\n") {
			t.Errorf("upstream %+v", r)
		}
		p.Close()
		stranger, err := Through(n.Host("10.0.0.1"), Spec{Kind: TLS}, boxAddress(0)).DialContext(context.Background(), "tcp", "gw.example:443")
		if err != nil {
			t.Fatal(err)
		}
		if err := tls.Client(stranger, &tls.Config{ServerName: "gw.example"}).Handshake(); err == nil {
			t.Error("a stranger trusts our authority")
		}
		stranger.Close()
		if !strings.HasPrefix(string(ours.PEM()), "-----BEGIN CERTIFICATE-----\n") {
			t.Errorf("%s", ours.PEM())
		}
	})
}

// A path that changes: a proxy, then a portal, then nobody, then the proxy
// again, all on one port. Each second one request is asked on a new connection
// and one on the first connection that still lives.
func TestAPathThatChanges(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n, _ := city(t, nil)
		w := raise(t, n, "forward for 10s then portal for 5s then down for 3s then forward via later", nil)
		defer w.raze()
		host := n.Host("10.0.0.1")
		var seen []string
		lasting := dial(t, host, boxAddress(0))
		lasting.SetDeadline(time.Now().Add(time.Hour))
		for at := range 20 {
			time.Sleep(time.Second - 100*time.Millisecond)
			c, err := host.DialContext(context.Background(), "tcp", boxAddress(0))
			if errors.Is(err, syscall.ECONNREFUSED) {
				seen = append(seen, "refused")
				time.Sleep(100 * time.Millisecond)
				continue
			}
			p := &peer{c, bufio.NewReader(c)}
			seen = append(seen, kindOf(p.ask(simple))+kindOf(lasting.ask(simple)))
			p.Close()
			time.Sleep(time.Duration(at+1)*time.Second - time.Since(began2000()))
		}
		lasting.Close()
		want := strings.Repeat("proxyproxy, ", 10) + strings.Repeat("portal cut, ", 5) + strings.Repeat("refused, ", 3) + "later cut, later cut"
		if got := strings.Join(seen, ", "); got != want {
			t.Errorf("\n%s\n%s", got, want)
		}
	})
}

func began2000() time.Time { return time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC) }

func kindOf(a answer) string {
	switch {
	case a.err != nil:
		return " cut"
	case strings.Contains(a.body, "html"):
		return "portal"
	case strings.Contains(a.head, "later"):
		return "later"
	case strings.HasPrefix(a.head, "HTTP/1.1 200"):
		return "proxy"
	}
	return a.status()
}

// Without Options.Listen the port stays open while nobody is there, and
// connections are reset.
func TestDownWithoutAListenerOfItsOwn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n, _ := city(t, nil)
		w := raise(t, n, "down for 3s then relay", func(o *Options) { o.Listen = nil })
		defer w.raze()
		p := dial(t, n.Host("10.0.0.1"), boxAddress(0))
		if got := p.ask(post("/", "", "Host: gw.example")); !errors.Is(got.err, syscall.ECONNRESET) {
			t.Errorf("%q %v", got.head, got.err)
		}
		time.Sleep(3 * time.Second)
		again := dial(t, n.Host("10.0.0.1"), boxAddress(0))
		defer again.Close()
		if got := again.ask(post("/", "", "Host: gw.example")); got.body != "hello" {
			t.Errorf("%q %v", got.head, got.err)
		}
	})
}

// A restart on a real port.
func TestRestartOnAPort(t *testing.T) {
	n, _ := stage(t, nil)
	first, err := n.Listen(":0")
	if err != nil {
		t.Fatal(err)
	}
	address := first.Addr().String()
	listening := make(chan bool, 1)
	box := build(t, n, "forward for 50ms then down for 50ms then forward via later", Options{Listen: func() (net.Listener, error) {
		defer func() { listening <- true }()
		return n.Listen(address)
	}})
	done := make(chan error, 1)
	go func() { done <- box.Serve(first) }()
	if got := dial(t, n, address).ask(simple); got.body != "hello" {
		t.Errorf("before: %q %v", got.head, got.err)
	}
	<-listening
	if got := dial(t, n, address).ask(simple); !strings.Contains(got.head, "later") {
		t.Errorf("after: %q %v", got.head, got.err)
	}
	if err := box.Close(); err != nil {
		t.Error(err)
	}
	if err := <-done; err != nil {
		t.Error(err)
	}
}

func TestEgressNeedsItsNetworks(t *testing.T) {
	if _, err := New(Spec{Kind: Forward, Quirks: Settings{{"egress", "2"}}}, Options{Network: &network.Loopback{}}); err == nil {
		t.Error("no error")
	}
}
