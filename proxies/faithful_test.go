package proxies

import (
	"fmt"
	"io"
	"net"
	"strings"
	"sync"
	"testing"
)

const oddAnswer = "HTTP/1.1 200 Fine by me\r\nX-FOO-bar:2\r\nx-mSn-MESSENGER: SessionID=1.2; GW-IP=gw.example\r\n" +
	"content-LENGTH: 5\r\nCONNECTION: Keep-Alive, x-hop\r\nx-hop: mine\r\nKeep-Alive: timeout=5\r\n\r\nhello"

func TestHeadsKeepSpellingAndOrderBothWays(t *testing.T) {
	n, o := stage(t, func(c net.Conn, _ request) { io.WriteString(c, oddAnswer) })
	_, address := start(t, n, "forward", Options{})
	clients := []*peer{dial(t, n, address), dial(t, n, address)}
	for i := range 20 {
		body := strings.Repeat("x", i)
		got := clients[i%2].ask(post("http://gw.example/a%7e?x={"+fmt.Sprint(i)+"};+y", body,
			"x-mSn-MESSENGER:  two  spaces", "ACCEPT: */*", "hOST: gw.example", "X-FOO-bar:1",
			"Proxy-Connection: Keep-Alive", "Connection: Keep-Alive, X-Named", "x-named: away", "Pragma: no-cache",
			"X-foo-BAR: 3", "Idempotency-KEY: k"))
		want := "HTTP/1.1 200 Fine by me\r\nX-FOO-bar:2\r\nx-mSn-MESSENGER: SessionID=1.2; GW-IP=gw.example\r\ncontent-LENGTH: 5\r\n\r\n"
		if got.head != want || got.body != "hello" || got.err != nil {
			t.Fatalf("answer %d: %q %q %v", i, got.head, got.body, got.err)
		}
	}
	for i, r := range o.requests() {
		want := fmt.Sprintf("POST /a%%7e?x={%d};+y HTTP/1.1\r\nx-mSn-MESSENGER:  two  spaces\r\nACCEPT: */*\r\nhOST: gw.example\r\n"+
			"X-FOO-bar:1\r\nPragma: no-cache\r\nX-foo-BAR: 3\r\nIdempotency-KEY: k\r\nContent-Length: %d\r\n\r\n", i, i)
		if r.head != want || len(r.body) != i {
			t.Errorf("request %d:\n%q\nwant\n%q", i, r.head, want)
		}
	}
	if last := o.requests()[19]; last.conn != 1 {
		t.Errorf("%d connections upstream, want one shared", last.conn)
	}
}

func TestPlainGoproxyDoesWhatItDoes(t *testing.T) {
	n, o := stage(t, func(c net.Conn, _ request) { io.WriteString(c, oddAnswer) })
	_, address := start(t, n, "forward plain", Options{})
	got := dial(t, n, address).ask(post("http://gw.example/x", "", "Host: gw.example", "X-FOO-bar: 1", "Pragma: no-cache",
		"Accept-Encoding: identity", "Proxy-Connection: Keep-Alive"))
	for _, want := range []string{"\r\nX-Msn-Messenger: ", "\r\nDate: ", "\r\nConnection: Keep-Alive, x-hop\r\n", "HTTP/1.1 200 OK\r\n"} {
		if !strings.Contains(got.head, want) {
			t.Errorf("answer lacks %q:\n%s", want, got.head)
		}
	}
	head := o.requests()[0].head
	for _, want := range []string{"\r\nX-Foo-Bar: 1\r\n", "\r\nCache-Control: no-cache\r\n", "\r\nAccept-Encoding: gzip\r\n",
		"\r\nUser-Agent: Go-http-client/1.1\r\n", "\r\nContent-Length: 0\r\n"} {
		if !strings.Contains(head, want) {
			t.Errorf("request lacks %q:\n%s", want, head)
		}
	}
}

func TestClientOf10IsServedByItsRules(t *testing.T) {
	n, o := stage(t, nil)
	_, address := start(t, n, "forward", Options{})
	p := dial(t, n, address)
	for range 2 {
		got := p.ask("POST http://gw.example/x HTTP/1.0\r\nConnection: Keep-Alive\r\nContent-Length: 2\r\n\r\nab")
		if got.body != "hello" || !strings.HasPrefix(got.head, "HTTP/1.0 200 OK\r\n") || !strings.Contains(got.head, "Connection: keep-alive") {
			t.Fatalf("%q %v", got.head, got.err)
		}
	}
	got := p.ask("POST http://gw.example/x HTTP/1.0\r\nContent-Length: 0\r\n\r\n")
	if _, err := p.in.ReadByte(); got.body != "hello" || err != io.EOF {
		t.Errorf("not closed after a request without keep-alive: %q %v", got.head, err)
	}
	if head := o.requests()[0].head; !strings.HasPrefix(head, "POST /x HTTP/1.1\r\nHost: gw.example\r\n") {
		t.Errorf("upstream: %q", head)
	}
}

func TestPipelinedRequestsFindTheirOwnHeads(t *testing.T) {
	n, o := stage(t, nil)
	_, address := start(t, n, "forward", Options{})
	p := dial(t, n, address)
	chunked := "POST http://gw.example/1 HTTP/1.1\r\nhost: gw.example\r\nX-one: 1\r\ntransfer-ENCODING: chunked\r\n\r\n3;x=y\r\nabc\r\n0\r\nT: r\r\n\r\n"
	io.WriteString(p, chunked+"\r\n"+post("http://gw.example/2", "body", "host: gw.example", "X-TWO: 2")+post("http://gw.example/3", "", "host: gw.example", "x-Three: 3"))
	for range 3 {
		if got := p.read(); got.body != "hello" || got.err != nil {
			t.Fatalf("%+v", got)
		}
	}
	for i, want := range []string{"X-one: 1\r\ntransfer-ENCODING: chunked\r\n", "X-TWO: 2", "x-Three: 3"} {
		if r := o.requests()[i]; !strings.Contains(r.head, want) {
			t.Errorf("request %d: %q", i+1, r.head)
		}
	}
	if r := o.requests()[0]; r.body != "abc" {
		t.Errorf("chunked body: %q", r.body)
	}
}

func TestExpectationIsMet(t *testing.T) {
	n, o := stage(t, nil)
	_, address := start(t, n, "forward", Options{})
	p := dial(t, n, address)
	io.WriteString(p, "POST http://gw.example/x HTTP/1.1\r\nhost: gw.example\r\nEXPECT: 100-continue\r\nContent-Length: 2\r\n\r\n")
	if head, err := readHead(p.in); head != "HTTP/1.1 100 Continue\r\n\r\n" {
		t.Fatalf("%q %v", head, err)
	}
	if got := p.ask("ab"); got.body != "hello" || o.requests()[0].body != "ab" {
		t.Errorf("%+v", got)
	}
	if head := o.requests()[0].head; !strings.Contains(head, "\r\nEXPECT: 100-continue\r\n") {
		t.Errorf("upstream: %q", head)
	}
}

func TestInterimAnswersArePassedOver(t *testing.T) {
	n, _ := stage(t, func(c net.Conn, _ request) {
		io.WriteString(c, "HTTP/1.1 100 Continue\r\nX-no: 1\r\n\r\nHTTP/1.1 200 OK\r\nx-YES: 1\r\ncontent-length: 0\r\n\r\n")
	})
	_, address := start(t, n, "forward", Options{})
	if got := dial(t, n, address).ask(post("http://gw.example/x", "a", "Host: gw.example")); got.head != "HTTP/1.1 200 OK\r\nx-YES: 1\r\ncontent-length: 0\r\n\r\n" {
		t.Errorf("%q %v", got.head, got.err)
	}
}

func TestFramingStaysAsItCame(t *testing.T) {
	for name, c := range map[string]struct{ answer, head string }{
		"chunked":     {"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n", "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n"},
		"until close": {"HTTP/1.0 200 OK\r\nx-Y: 1\r\n\r\nhello", "HTTP/1.1 200 OK\r\nx-Y: 1\r\nConnection: close\r\n\r\n"},
	} {
		t.Run(name, func(t *testing.T) {
			n, _ := stage(t, func(conn net.Conn, _ request) { io.WriteString(conn, c.answer); conn.Close() })
			_, address := start(t, n, "forward", Options{})
			got := dial(t, n, address).ask(post("http://gw.example/x", "a", "Host: gw.example"))
			if got.head != c.head || got.body != "hello" || got.err != nil {
				t.Errorf("%q %q %v", got.head, got.body, got.err)
			}
		})
	}
}

func TestBigMessagesPass(t *testing.T) {
	big := strings.Repeat("0123456789abcdef", 64<<10)
	n, o := stage(t, func(c net.Conn, r request) {
		fmt.Fprintf(c, "HTTP/1.1 200 OK\r\nx-BIG: %s\r\nContent-Length: %d\r\n\r\n%s", big[:20000], len(big), big)
	})
	_, address := start(t, n, "forward", Options{})
	got := dial(t, n, address).ask(post("http://gw.example/x", big, "Host: gw.example", "x-BIG: "+big[:20000]))
	if got.err != nil || got.body != big || !strings.Contains(got.head, "x-BIG: "+big[:20000]+"\r\n") {
		t.Errorf("answer: %d bytes, %v", len(got.body), got.err)
	}
	if r := o.requests()[0]; r.body != big || !strings.Contains(r.head, "x-BIG: "+big[:20000]+"\r\n") {
		t.Errorf("request: %d bytes", len(r.body))
	}
}

// Many clients share the pool; each finds its own spelling in what comes back.
func TestSpellingsAreNotMixedUp(t *testing.T) {
	n, _ := stage(t, func(c net.Conn, r request) {
		name, _, _ := strings.Cut(strings.Split(r.head, "\r\n")[2], ":")
		fmt.Fprintf(c, "HTTP/1.1 200 OK\r\n%s: back\r\nContent-Length: %d\r\n\r\n%s", name, len(name), name)
	})
	_, address := start(t, n, "forward", Options{})
	var all sync.WaitGroup
	for i := range 16 {
		p := dial(t, n, address)
		all.Go(func() {
			for j := range 50 {
				name := spell("x-msn-messenger", i*50+j)
				got := p.ask(post("http://gw.example/x", "abc", "Host: gw.example", name+": 1"))
				if got.body != name || !strings.HasPrefix(got.head, "HTTP/1.1 200 OK\r\n"+name+": back\r\n") {
					t.Errorf("%s: %q %q %v", name, got.head, got.body, got.err)
				}
			}
		})
	}
	all.Wait()
}

// spell writes text with the capitals that the bits of n say.
func spell(text string, n int) string {
	b := []byte(text)
	for i := range b {
		if n>>i&1 == 1 {
			b[i] = strings.ToUpper(text)[i]
		}
	}
	return string(b)
}
