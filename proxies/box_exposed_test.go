package proxies

import (
	"io"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// TestAnExposedBoxHangsUp has clients begin something and go no further; only an
// exposed box, which serves whoever comes, ends their connections.
func TestAnExposedBoxHangsUp(t *testing.T) {
	for _, c := range []struct {
		spec, begun string
		exposed     bool
		want        time.Duration
	}{
		{"forward", "", true, headPatience},
		{"forward", "GET http://gw.example/ HTTP/1.1\r\nX: ", true, headPatience},
		{"forward", "GET http://gw.example/ HTTP/1.1\r\nX: ", false, time.Hour},
		{"socks5", "\x05", true, headPatience},
		{"socks5", "\x05", false, time.Hour},
		{"tls", "CONNECT gw.example:443 HTTP/1.1\r\nHost: gw.example\r\n\r\n\x16", true, headPatience},
	} {
		synctest.Test(t, func(t *testing.T) {
			n, _ := city(t, odd)
			defer runWith(t, n, c.spec, ":3128", itself, Options{Exposed: c.exposed})()
			p := dial(t, n.Host("10.0.0.1"), "10.0.0.5:3128")
			defer p.Close()
			began := time.Now()
			if _, err := io.WriteString(p, c.begun); err != nil {
				t.Fatal(err)
			}
			p.SetDeadline(began.Add(time.Hour))
			_, _ = io.ReadAll(p) // its end, or ours
			if took := time.Since(began); took.Round(time.Second) != c.want {
				t.Errorf("%s, %q, exposed %v: ended after %v, not %v", c.spec, c.begun, c.exposed, took, c.want)
			}
		})
	}
}

// TestAnExposedBoxKeepsWhoIsIdle has a client pause for an hour between requests.
func TestAnExposedBoxKeepsWhoIsIdle(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n, _ := city(t, odd)
		defer runWith(t, n, "forward", ":3128", itself, Options{Exposed: true})()
		p := dial(t, n.Host("10.0.0.1"), "10.0.0.5:3128")
		defer p.Close()
		for range 2 {
			p.SetDeadline(time.Now().Add(time.Minute))
			if got := p.ask(post("http://gw.example/x", "", "HOST: gw.example")); got.body != "hello" {
				t.Fatalf("%q %v", got.head, got.err)
			}
			time.Sleep(time.Hour)
		}
	})
}

func TestAnExposedBoxNoticesLoops(t *testing.T) {
	for _, c := range []struct {
		request, want string
		passed        string // a line of what the origin got; "" if it got nothing
	}{
		{"GET http://gw.example/ HTTP/1.1\r\nHost: gw.example\r\nVia: 1.1 other, 1.1 mine\r\n\r\n", " 508 ", ""},
		{"GET http://gw.example/ HTTP/1.1\r\nHost: gw.example\r\nVia: 1.1 other\r\n\r\n", " 200 ", "Via: 1.1 other, 1.1 mine"},
		{"OPTIONS http://gw.example/ HTTP/1.1\r\nHost: gw.example\r\nMax-Forwards: 0\r\n\r\n", " 204 ", ""},
		{"OPTIONS http://gw.example/ HTTP/1.1\r\nHost: gw.example\r\nMax-Forwards: 3\r\n\r\n", " 200 ", "Max-Forwards: 2"},
		{"GET http://gw.example/ HTTP/1.1\r\nHost: gw.example\r\nMax-Forwards: 0\r\n\r\n", " 200 ", "Max-Forwards: 0"},
	} {
		synctest.Test(t, func(t *testing.T) {
			n, o := city(t, odd)
			defer runWith(t, n, "forward via mine", ":3128", itself, Options{Exposed: true})()
			p := dial(t, n.Host("10.0.0.1"), "10.0.0.5:3128")
			defer p.Close()
			got, seen := p.ask(c.request), ""
			for _, r := range o.requests() {
				seen += r.head
			}
			if !strings.Contains(got.head, c.want) || (seen == "") != (c.passed == "") || !strings.Contains(seen, c.passed) {
				t.Errorf("%q: %q, passed %q", c.request, got.head, seen)
			}
		})
	}
}
