package proxies

import (
	"encoding/base64"
	"fmt"
	"io"
	"net"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/Azure/go-ntlmssp"
	"github.com/icholy/digest"

	"gauntlet/proxies/http1"
	"gauntlet/proxies/network"
	"gauntlet/proxies/simnet"
)

// lab is a box between a client and an origin, in virtual time.
type lab struct {
	t      *testing.T
	net    *simnet.Net
	origin *origin
}

func (l *lab) client() *peer {
	p := dial(l.t, l.net.Host("10.0.0.1"), "10.0.0.5:3128")
	p.SetDeadline(time.Now().Add(time.Hour))
	return p
}

// ask sends one request on a connection of its own and shows the answer.
func (l *lab) ask(raw string) string {
	p := l.client()
	defer p.Close()
	return shown(p.ask(raw))
}

// upstream is the head of the last request that the origin got.
func (l *lab) upstream() string {
	seen := l.origin.requests()
	if len(seen) == 0 {
		return "nothing"
	}
	return seen[len(seen)-1].head
}

// request is the one of that index, empty if the origin got fewer.
func (l *lab) request(i int) request {
	if seen := l.origin.requests(); i < len(seen) {
		return seen[i]
	}
	return request{}
}

func (l *lab) delivered() int { return len(l.origin.requests()) }

func shown(a answer) string {
	if a.err != nil && a.head == "" {
		return "cut"
	}
	out := a.head + a.body
	if a.err != nil {
		out += " and cut"
	}
	return out
}

// look runs see on a box of that spec.
func look(t *testing.T, spec string, script func(net.Conn, request), see func(*lab) string) (got string) {
	synctest.Test(t, func(t *testing.T) {
		n, o := city(t, script)
		host := n.Host("10.0.0.5")
		l, err := host.Listen(":3128")
		if err != nil {
			t.Fatal(err)
		}
		for _, name := range []string{"1", "2"} {
			newOrigin(t, n.Host("10.0.0.2"+name), ":80", answering("HTTP/1.1 200 OK\r\nX-Machine: "+name+"\r\nContent-Length: 0\r\n\r\n"))
		}
		box := build(t, host, spec, Options{
			Machines: []string{"10.0.0.21:80", "10.0.0.22:80", "10.0.0.23:80"},
			Egress:   []network.Network{n.Host("10.0.0.6"), n.Host("10.0.0.7")}, Unplug: func() (func() error, error) { return host.Unplug(), nil },
		})
		done := make(chan error)
		go func() { done <- box.Serve(l) }()
		got = see(&lab{t, n, o})
		time.Sleep(time.Second)
		if err := box.Close(); err != nil {
			t.Error(err)
		}
		if err := <-done; err != nil {
			t.Error(err)
		}
		n.Close()
	})
	return got
}

var simple = post("http://gw.example/x?a=1", "abc", "Host: gw.example", "X-Foo-BAR: 1")

func answering(text string) func(net.Conn, request) {
	return func(c net.Conn, _ request) { io.WriteString(c, text) }
}

// dropping answers the first request of each connection if reuse is set, and
// ends the connection at the next one after saying text.
func dropping(reuse bool, text string, end func(net.Conn)) func(net.Conn, request) {
	return func(c net.Conn, r request) {
		if reuse && strings.Contains(r.head, "first") {
			io.WriteString(c, plainAnswer)
			return
		}
		io.WriteString(c, text)
		time.Sleep(10 * time.Millisecond)
		end(c)
	}
}

func afterFirst(raw string) func(*lab) string {
	return func(l *lab) string {
		p := l.client()
		defer p.Close()
		p.ask(post("http://gw.example/first", "", "Host: gw.example"))
		got := shown(p.ask(raw))
		time.Sleep(time.Second)
		return fmt.Sprintf("%s delivered %d", got, l.delivered()-1)
	}
}

func asks(raw string) func(*lab) string { return func(l *lab) string { return l.ask(raw) } }

func sends(raw string) func(*lab) string {
	return func(l *lab) string { l.ask(raw); return l.upstream() }
}

// kept reports whether the connection serves a second request.
func kept(raw string) func(*lab) string {
	return func(l *lab) string {
		p := l.client()
		defer p.Close()
		first := p.ask(raw)
		time.Sleep(time.Second)
		return strings.ReplaceAll(first.head, "\r\n", "|") + shown(p.ask(raw))
	}
}

const old = "POST http://gw.example/x HTTP/1.0\r\n%sContent-Length: 0\r\n\r\n"

// idleEnd is how long a connection lives after its first answer.
func idleEnd(l *lab) string {
	p := l.client()
	defer p.Close()
	head := p.ask(simple).head
	began := time.Now()
	p.SetDeadline(began.Add(10 * time.Minute))
	_, err := p.in.ReadByte()
	return fmt.Sprint(time.Since(began).Round(time.Second), " ", err == io.EOF, " ", strings.Contains(head, "Keep-Alive: timeout="))
}

// connections are the ordinals of the upstream connections that two clients'
// requests used, two of each.
func connections(l *lab) string {
	a, b := l.client(), l.client()
	for _, p := range []*peer{a, a, b, b} {
		p.ask(simple)
		time.Sleep(20 * time.Millisecond)
	}
	a.Close()
	b.Close()
	var used []int
	for _, r := range l.origin.requests() {
		used = append(used, r.conn)
	}
	return fmt.Sprint(used)
}

const (
	cl50   = "HTTP/1.1 200 OK\r\nContent-Length: 50\r\n\r\n12345678901234567890"
	chunks = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n"
	stray  = "HTTP/1.1 100 Continue\r\n\r\n" + plainAnswer
)

// quirkCases show each quirk on raw bytes, beside the faithful box: want must
// be in what is seen of the one and not of the other.
var quirkCases = map[string]struct {
	quirk  string
	script func(net.Conn, request)
	see    func(*lab) string
	want   string
	box    string // forward unless said
}{
	"answers-version 1.0":    {"answers-version 1.0", nil, kept(simple), "HTTP/1.0 200 OK|Content-Length: 5|Connection: close||cut", ""},
	"answers-version chunks": {"answers-version 1.0", answering(chunks + "0\r\n\r\n"), asks(simple), "HTTP/1.0 200 OK\r\nConnection: close\r\n\r\nhello", ""},
	"answers-version 1.1":    {"answers-version 1.1", nil, asks(fmt.Sprintf(old, "")), "HTTP/1.1 200 OK\r\n", ""},
	"asks-version":           {"asks-version 1.0", nil, sends(simple), "POST /x?a=1 HTTP/1.0\r\n", ""},
	"asks-version client":    {"asks-version client", nil, sends(fmt.Sprintf(old, "")), "POST /x HTTP/1.0\r\n", ""},
	"basic":                  {"basic me:secret", nil, asks(simple), "HTTP/1.1 407 Proxy Authentication Required\r\nContent-Type: text/plain; charset=utf-8\r\nProxy-Authenticate: Basic realm=\"gauntlet\"\r\n", ""},
	"buffers-answers":        {"buffers-answers", dropping(false, cl50, closed), asks(simple), "HTTP/1.1 502 Bad Gateway\r\n", ""},
	"caches":                 {"caches 10s", nil, func(l *lab) string { l.ask(simple); l.ask(simple); return fmt.Sprint(l.delivered()) }, "1", ""},
	"caches ignoring-query": {"caches 10s ignoring-query", nil, func(l *lab) string {
		l.ask(simple)
		l.ask(strings.Replace(simple, "a=1", "a=2", 1))
		return fmt.Sprint(l.delivered())
	}, "1", ""},
	"cancels": {"cancels", func(c net.Conn, _ request) {
		c.SetReadDeadline(time.Now().Add(time.Minute))
		_, err := c.Read(make([]byte, 1))
		fmt.Fprint(c, err)
	}, leavesEarly, "true", ""},
	"canonical-names":       {"canonical-names", nil, sends(simple), "\r\nX-Foo-Bar: 1\r\n", ""},
	"client-idle":           {"client-idle 30s", nil, idleEnd, "30s true false", ""},
	"client-idle announced": {"client-idle 30s announced", nil, idleEnd, "30s true true", ""},
	"chunks-answers":        {"chunks-answers", dropping(false, "HTTP/1.1 200 OK\r\n\r\nhello", closed), asks(simple), "\r\nTransfer-Encoding: chunked\r\n\r\nhello<", ""},
	"connect-status":        {"connect-status 400", nil, asks("CONNECT gw.example:80 HTTP/1.1\r\nHost: gw.example:80\r\n\r\n"), "HTTP/1.1 400 Bad Request\r\n", ""},
	"closes-after-answer":   {"closes-after-answer announced", nil, kept(simple), "Connection: close||cut", ""},
	"closes silently":       {"closes-after-answer silently", nil, kept(simple), "HTTP/1.1 200 OK|Content-Length: 5||cut", ""},
	"closes-old":            {"closes-old", nil, kept(fmt.Sprintf(old, "Connection: keep-alive\r\n")), "Connection: close||cut", ""},
	"closes-on-failure":     {"closes-on-failure", dropping(false, "", closed), asks(simple), "Connection: close\r\n", ""},
	"completes-cut":         {"completes-cut", dropping(false, chunks, closed), asks(simple), "hello<", ""},
	"cuts":                  {"cuts always", dropping(false, "", closed), asks(simple), "cut", ""},
	"cuts reused":           {"cuts reused", dropping(true, "", reset), afterFirst(simple), "cut delivered 1", ""},
	"dates":                 {"dates", nil, asks(simple), "\r\nDate: Sat, 01 Jan 2000 ", ""},
	"doubles": {"doubles", nil, func(l *lab) string {
		l.ask(simple)
		time.Sleep(time.Second)
		return fmt.Sprint(l.delivered(), l.request(1).head, l.request(1).head == l.request(0).head)
	}, "2POST /x?a=1 HTTP/1.1\r\nHost: gw.example\r\nX-Foo-BAR: 1\r\nContent-Length: 3\r\n\r\ntrue", ""},
	"egress":                  {"egress 2 fresh-upstream", nil, sources, "[10.0.0.6 10.0.0.7 10.0.0.6]", ""},
	"failure-in-head":         {"failure-in-head 503", dropping(false, "HTTP/1.1 200 OK\r\nX", closed), asks(simple), "HTTP/1.1 503 ", ""},
	"failure-status":          {"failure-status 500", dropping(false, "", closed), asks(simple), "HTTP/1.1 500 ", ""},
	"fresh-upstream":          {"fresh-upstream", nil, connections, "[1 2 3 4]", ""},
	"fresh, unannounced":      {"fresh-upstream", nil, func(l *lab) string { return connections(l) + l.upstream() }, "[1 2 3 4]POST /x?a=1 HTTP/1.1\r\nHost: gw.example\r\nX-Foo-BAR: 1\r\nContent-Length: 3\r\n\r\n", ""},
	"heeds-proxy-connection":  {"heeds-proxy-connection", nil, kept(fmt.Sprintf(old, "PROXY-connection: Keep-Alive\r\n")), "Connection: keep-alive||HTTP/1.0 200 OK", ""},
	"holds-body":              {"holds-body", dropping(false, cl50, reset), asks(simple), "Content-Length: 50\r\n\r\n and cut", ""},
	"http2":                   {"http2", nil, sends(post("http://gw.example/x?a=1", "abc", "HOST:gw.example", "Cookie: a=1", "X-Foo-BAR:1", "Connection: X-Hop", "X-Hop: 1", "Cookie: b=2")), "POST /x?a=1 HTTP/1.1\r\nhost: gw.example\r\ncookie: a=1; b=2\r\nx-foo-bar: 1\r\ncontent-length: 3\r\n\r\n<", ""},
	"http2 back":              {"http2", answering(oddAnswer), asks(simple), "HTTP/1.1 200 OK\r\nx-foo-bar: 2\r\nx-msn-messenger: SessionID=1.2; GW-IP=gw.example\r\n", ""},
	"http2, no length":        {"http2", dropping(false, "HTTP/1.1 200 OK\r\nX-A: 1\r\n\r\nhello", closed), asks(simple), "HTTP/1.1 200 OK\r\nx-a: 1\r\ntransfer-encoding: chunked\r\n\r\nhello<", ""},
	"http2, a cut body":       {"http2", dropping(false, cl50, closed), asks(simple), "HTTP/1.1 200 OK\r\ncontent-length: 50\r\n\r\n12345678901234567890 and cut", ""},
	"http2, a cut head":       {"http2", dropping(false, "HTTP/1.1 200 OK\r\nX", reset), asks(simple), "HTTP/1.1 502 Bad Gateway\r\ncontent-type: text/plain\r\n", ""},
	"http2, no 101":           {"http2", answering("HTTP/1.1 101 Go\r\nConnection: Upgrade\r\nUpgrade: x\r\n\r\n"), asks(simple), "HTTP/1.1 502 Bad Gateway\r\n", ""},
	"upstream-http2":          {"upstream-http2", nil, sends(simple), "PRI * HTTP/2.0\r\n\r\n", ""},
	"invents-accept-encoding": {"invents-accept-encoding", nil, sends(simple), "\r\nAccept-Encoding: gzip\r\n", ""},
	"invents-fields":          {"invents-fields", nil, sends(simple), "\r\nUser-Agent: Go-http-client/1.1\r\n", ""},
	"keeps-absolute-form":     {"keeps-absolute-form", nil, sends(simple), "POST http://gw.example/x?a=1 HTTP/1.1\r\n", ""},
	"loses-pipelined":         {"loses-pipelined", nil, pipelined, "1 answers", ""},
	"lower-case-names":        {"lower-case-names", nil, sends(simple), "\r\nx-foo-bar: 1\r\n", ""},
	"lower-case-names back":   {"lower-case-names", answering(oddAnswer), asks(simple), "\r\nx-msn-messenger: SessionID=1.2; GW-IP=gw.example\r\n", ""},
	"measures-requests":       {"measures-requests", nil, sends(inChunks), "\r\nContent-Length: 3\r\n", ""},
	"names-host":              {"names-host backend", nil, sends(simple), "\r\nHost: backend\r\n", ""},
	"balances by address":     {"balances 2 by address", nil, machines, "1 1 1 1", ""},
	"balances by connection":  {"balances 2 by connection", nil, machines, "1 1 2 2", ""},
	"balances by cookie":      {"balances 2 by cookie", nil, machines, "1 1 2 1", ""},
	"balances by nothing":     {"balances 2 by nothing", nil, machines, "1 2 1 2", ""},
	"balances, one is away":   {"balances 3 by nothing", nil, machines, "1 2 1 1", ""},
	"balances, its host":      {"balances 2 by cookie", nil, asks(simple), "\r\nSet-Cookie: GAUNTLETMACHINE=0; Path=/\r\n", ""},
	"stale-pool":              {"stale-pool", endsAfterFirst, rested, "HTTP/1.1 502 Bad Gateway and 200 after it, delivered 2", ""},
	"silent":                  {"silent for 30s from 10s", nil, unplugs, "200 at 40s; another connected at 13s, answered at 40s; asked 3", ""},
	"unplugged":               {"unplugged for 30s from 10s", nil, unplugs, "200 at 40s; another connected at 44s, answered at 44s; asked 3", ""},
	"unplugged dead":          {"unplugged for 30s from 10s dead", nil, unplugs, "cut at 40s; another connected at 44s, answered at 44s; asked 2", ""},
	"unplugged tunnel":        {"unplugged for 30s from 10s dead", nil, rests, "200 after 0s, reset after 20s, reset after 40s, server told true", "connect"},
	"nat-idle":                {"nat-idle 30s", nil, rests, "200 after 20s, timeout after 40s, server told false", "connect"},
	"nat-idle resets":         {"nat-idle 30s resets", nil, rests, "200 after 20s, reset after 40s, server told false", "connect"},
	"on-continue":             {"on-continue passes", answering(stray), asks(simple), "HTTP/1.1 100 Continue\r\n", ""},
	"on-continue fails":       {"on-continue fails", answering(stray), asks(simple), "HTTP/1.1 502 ", ""},
	"on-continue stalls": {"on-continue stalls", answering(stray), func(l *lab) string {
		began := time.Now()
		l.ask(simple)
		return time.Since(began).Round(time.Second).String()
	}, "2m0s", ""},
	"on-expect passes":        {"on-expect passes", nil, expects, "HTTP/1.1 200 OK and upstream Expect: 100-continue", ""},
	"on-expect answers":       {"on-expect answers", nil, expects, "HTTP/1.1 100 Continue and upstream no Expect", ""},
	"passes-hop-by-hop":       {"passes-hop-by-hop", answering(oddAnswer), asks(simple), "\r\nx-hop: mine\r\n", ""},
	"passes-proxy-connection": {"passes-proxy-connection", nil, sends(post("http://gw.example/x", "", "Host: gw.example", "PROXY-connection: yes")), "\r\nPROXY-connection: yes\r\n", ""},
	"plain":                   {"plain", nil, sends(simple), "\r\nAccept-Encoding: gzip\r\n", ""},
	"pool-bound":              {"pool-bound", nil, connections, "[1 1 2 2]", ""},
	"pool-per-host":           {"pool-per-host 1", func(c net.Conn, _ request) { time.Sleep(time.Second); io.WriteString(c, plainAnswer) }, together, "3 connections", ""},
	"redirects":               {"redirects", nil, asks(simple), "HTTP/1.1 302 Found\r\n", "portal"},
	"reframes":                {"reframes", answering(chunks + "0\r\n\r\n"), asks(simple), "Content-Length: 5\r\n", ""},
	"refused-status":          {"refused-status 503", nil, func(l *lab) string { l.origin.Close(); return l.ask(simple) }, "HTTP/1.1 503 ", ""},
	"reorders-fields":         {"reorders-fields", nil, sends(post("http://gw.example/x", "", "X-Foo-BAR: 1", "Accept: x", "Host: gw.example")), "Host: gw.example\r\nAccept: x\r\nContent-Length: 0\r\nX-Foo-BAR: 1\r\n", ""},
	"retries cut heads":       {"retries all", dropping(false, "HTTP/1.1 200 OK\r\nX", closed), func(l *lab) string { l.ask(simple); return fmt.Sprint("delivered ", l.delivered()) }, "delivered 2", ""},
	"retries empty":           {"retries empty", dropping(true, "", reset), afterFirst(post("http://gw.example/x", "", "Host: gw.example")), "delivered 2", ""},
	"retries all":             {"retries all 3", dropping(false, "", closed), func(l *lab) string { return fmt.Sprint(l.ask(simple)[:12], l.delivered(), l.request(3).body) }, "HTTP/1.1 5024abc", ""},
	"says-connection":         {"says-connection keep-alive", nil, sends(simple), "\r\nConnection: keep-alive\r\n", ""},
	"sets-in-answer":          {"sets-in-answer X-Cache:MISS,X-Old:1", nil, asks(simple), "\r\nX-Cache: MISS\r\nX-Old: 1\r\n", ""},
	"sets-in-request":         {"sets-in-request X-Foo-Bar:2", nil, sends(simple), "\r\nX-Foo-BAR: 2\r\n", ""},
	"takes-cut-head":          {"takes-cut-head", dropping(false, "HTTP/1.1 200 OK\r\nX: 1", closed), asks(simple), "HTTP/1.1 200 OK\r\nX: 1\r\n", ""},
	"takes-origin-form":       {"takes-origin-form", nil, asks(post("/x", "", "Host: gw.example")), "HTTP/1.1 200 OK", ""},
	"upstream-idle": {"upstream-idle 30s", nil, func(l *lab) string {
		l.ask(simple)
		time.Sleep(time.Minute)
		l.ask(simple)
		return fmt.Sprint("connection ", l.request(1).conn)
	}, "connection 2", ""},
	"upstream-idle announced": {"upstream-idle 30s announced", nil, sends(simple), "\r\nKeep-Alive: timeout=30\r\n", ""},
	"upstream-timeout": {"upstream-timeout 5s", func(c net.Conn, _ request) { io.Copy(io.Discard, c) }, func(l *lab) string {
		began := time.Now()
		l.ask(simple)
		return time.Since(began).Round(time.Second).String()
	}, "5s", ""},
	"digest":                     {"digest u:p", nil, digested, "407 200 200 200<", ""},
	"a digest grows stale":       {"digest u:p for 1m30s", nil, digested, "407 200 407 stale 200", ""},
	"ntlm":                       {"ntlm u:p", nil, handshakes("p"), "NTLM 200 200 407", ""},
	"ntlm without the password":  {"ntlm u:p", nil, handshakes("q"), "NTLM 407 407 407", ""},
	"ntlm begun anew":            {"ntlm u:p", nil, shakesAgain, "200, again 407 407 407 200", ""},
	"ntlm on another connection": {"ntlm u:p", nil, showsElsewhere, "200, elsewhere 407 407 407 407", ""},
	"ntlm for a tunnel":          {"ntlm u:p", nil, tunnelled, "407 200, within 200", "connect"},
	"asks-for":                   {"asks-for Negotiate", nil, func(l *lab) string { return l.ask(simple) }, "HTTP/1.1 407 Proxy Authentication Required\r\nContent-Type: text/plain; charset=utf-8\r\nProxy-Authenticate: Negotiate\r\n", ""},
	"on-expect refuses":          {"on-expect refuses", nil, expects, "HTTP/1.1 417 Expectation Failed", ""},
	"refuses-chunked":            {"refuses-chunked 411", nil, func(l *lab) string { return l.ask(inChunks) }, "HTTP/1.1 411 Length Required", ""},
	"refuses-requests-with":      {"refuses-requests-with abc", nil, func(l *lab) string { return l.ask(simple) + fmt.Sprint(l.delivered()) }, "Forbidden\n0<", ""},
	"refuses-requests-with head": {"refuses-requests-with X-Foo-BAR", nil, func(l *lab) string { return l.ask(simple) + fmt.Sprint(l.delivered()) }, "Forbidden\n0<", ""},
	"refuses-answers-with":       {"refuses-answers-with hello", nil, func(l *lab) string { return l.ask(simple) + fmt.Sprint(l.delivered()) }, "this content was found to be harmful\n1<", ""},
	"drops-request-body":         {"drops-request-body measured", nil, sends(simple), "X-Foo-BAR: 1\r\nContent-Length: 0\r\n\r\n<", ""},
	"drops-request-body chunked": {"drops-request-body chunked", nil, sends(simple), "X-Foo-BAR: 1\r\nTransfer-Encoding: chunked\r\n\r\n<", ""},
	"connections":                {"connections 2", nil, threeAtOnce, "1 after 0s, 2 after 0s, 3 after 5s", ""},
	"via":                        {"via box", nil, func(l *lab) string { return l.ask(simple) + l.upstream() }, "\r\nVia: 1.1 box\r\n\r\nhelloPOST /x?a=1 HTTP/1.1\r\nHost: gw.example\r\nX-Foo-BAR: 1\r\nContent-Length: 3\r\nVia: 1.1 box\r\n", ""},
	"via answers":                {"via box answers", nil, func(l *lab) string { return l.ask(simple) + l.upstream() }, "Via: 1.1 box\r\n\r\nhelloPOST /x?a=1 HTTP/1.1\r\nHost: gw.example\r\nX-Foo-BAR: 1\r\nContent-Length: 3\r\n\r\n", ""},
	"x-forwarded-for":            {"x-forwarded-for", nil, sends(post("http://gw.example/x", "", "Host: gw.example", "x-forwarded-FOR: 1.2.3.4")), "\r\nx-forwarded-FOR: 1.2.3.4, 10.0.0.1\r\n", ""},
}

// showing sends a request with that in Proxy-Authorization, on a connection of
// the test's.
func showing(p *peer, credentials string) answer {
	return p.ask(post("http://gw.example/x", "abc", "Host: gw.example", "Proxy-Authorization: "+credentials))
}

// asked is the challenge in a 407.
func asked(a answer) string {
	h := http1.Parse([]byte(a.head))
	return h.Get("Proxy-Authenticate")
}

// digested gives a digest of u:p, and again after a minute, and after the challenge
// that it then gets.
func digested(l *lab) string {
	p := l.client()
	defer p.Close()
	var got []string
	challenge := asked(p.ask(simple))
	for i := range 4 {
		c, err := digest.ParseChallenge(challenge)
		if err != nil {
			return err.Error()
		}
		cred, _ := digest.Digest(c, digest.Options{Method: "POST", URI: "http://gw.example/x", Username: "u", Password: []string{"wrong", "p"}[min(i, 1)], Count: i + 1})
		a := showing(p, cred.String())
		got = append(got, strings.Fields(a.head)[1])
		if next := asked(a); next != "" {
			challenge = next
		}
		if strings.Contains(challenge, "stale=true") {
			got = append(got, "stale")
		}
		time.Sleep(time.Minute)
	}
	return strings.Join(got, " ")
}

// handshakes goes through NTLM with that password, then asks without, then on
// another connection.
func handshakes(password string) func(*lab) string {
	return func(l *lab) string {
		p := l.client()
		defer p.Close()
		first := asked(p.ask(simple))
		return fmt.Sprint(first, " ", code(showing(p, proof(showing(p, opener()), password))), " ", code(p.ask(simple)), " ", strings.Fields(l.ask(simple))[1])
	}
}

// shakesAgain goes through NTLM; on the same connection it begins anew, shows the old
// proof, and nothing, and then what it is asked for.
func shakesAgain(l *lab) string {
	p := l.client()
	defer p.Close()
	old := proof(showing(p, opener()), "p")
	got := code(showing(p, old)) + ", again"
	showing(p, opener())
	got += " " + code(p.ask(simple))
	showing(p, opener())
	got += " " + code(showing(p, old)) + " " + code(p.ask(simple))
	return got + " " + code(showing(p, proof(showing(p, opener()), "p")))
}

// showsElsewhere goes through NTLM, and shows the proof on another connection: at once,
// twice, and after a challenge of that connection's own, and then nothing.
func showsElsewhere(l *lab) string {
	p, q := l.client(), l.client()
	defer p.Close()
	defer q.Close()
	shown := proof(showing(p, opener()), "p")
	got := code(showing(p, shown)) + ", elsewhere " + code(showing(q, shown)) + " " + code(showing(q, shown))
	showing(q, opener())
	return got + " " + code(showing(q, shown)) + " " + code(q.ask(simple))
}

// tunnelled goes through NTLM for a tunnel, and asks within it.
func tunnelled(l *lab) string {
	p := l.client()
	defer p.Close()
	const connect = "CONNECT gw.example:80 HTTP/1.1\r\nHost: gw.example:80\r\nProxy-Authorization: %s\r\n\r\n"
	first := p.ask(fmt.Sprintf(connect, opener()))
	fmt.Fprintf(p, connect, proof(first, "p"))
	head, _ := readHead(p.in)
	return code(first) + " " + code(answer{head: head}) + ", within " + code(p.ask(post("/x", "abc", "Host: gw.example")))
}

// opener is the first message of NTLM.
func opener() string {
	message, _ := ntlmssp.NewNegotiateMessage("", "")
	return "NTLM " + base64.StdEncoding.EncodeToString(message)
}

// proof is the third message, behind the answer that brought the second.
func proof(a answer, password string) string {
	_, challenge, _ := strings.Cut(asked(a), " ")
	raw, _ := base64.StdEncoding.DecodeString(challenge)
	message, err := ntlmssp.NewAuthenticateMessage(raw, "u", password, nil)
	if err != nil {
		return err.Error()
	}
	return "NTLM " + base64.StdEncoding.EncodeToString(message)
}

func code(a answer) string { return strings.Fields(a.head + " none none")[1] }

// threeAtOnce connects thrice, and leaves with the first connection after five
// seconds; it shows when each was answered.
func threeAtOnce(l *lab) string {
	began, when := time.Now(), make(chan string, 3)
	first := l.client()
	for i, p := range []*peer{first, l.client(), l.client()} {
		time.Sleep(10 * time.Millisecond)
		go func() {
			p.ask(simple)
			when <- fmt.Sprint(i+1, " after ", time.Since(began).Round(time.Second))
		}()
		defer p.Close()
	}
	time.AfterFunc(5*time.Second, func() { first.Close() })
	var all []string
	for range 3 {
		all = append(all, <-when)
	}
	slices.Sort(all)
	return strings.Join(all, ", ")
}

const inChunks = "POST http://gw.example/x HTTP/1.1\r\nHost: gw.example\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n"

// expects sends a request that wants to be asked for its body, which follows
// unasked after two seconds. It shows the first answer, and what the server was
// told.
func expects(l *lab) string {
	p := l.client()
	defer p.Close()
	head, body, _ := strings.Cut(post("http://gw.example/x", "abc", "Host: gw.example", "Expect: 100-continue"), "\r\n\r\n")
	io.WriteString(p, head+"\r\n\r\n")
	time.Sleep(2 * time.Second)
	first, _, _ := strings.Cut(shown(p.ask(body)), "\r\n")
	time.Sleep(2 * time.Second)
	if strings.Contains(l.upstream(), "Expect: 100-continue") {
		return first + " and upstream Expect: 100-continue"
	}
	return first + " and upstream no Expect"
}

func TestEachQuirkOnRawBytes(t *testing.T) {
	for name, c := range quirkCases {
		t.Run(name, func(t *testing.T) {
			box := c.box
			if box == "" {
				box = "forward"
			}
			if got := look(t, box+" "+c.quirk, c.script, c.see); !strings.Contains(got+"<", c.want) {
				t.Errorf("with it: %q lacks %q", got, c.want)
			}
			if got := look(t, box, c.script, c.see); strings.Contains(got+"<", c.want) {
				t.Errorf("without it: %q has %q as well", got, c.want)
			}
		})
	}
}

func TestEveryQuirkHasAnExample(t *testing.T) {
	for _, q := range Quirks() {
		if s, err := ParseSpec(q.Example()); err != nil || s.String() != q.Example() || !strings.Contains(q.Example(), " "+q.Word) {
			t.Errorf("%q: %v, %q", q.Example(), err, s.String())
		}
	}
}

// kindsOfBoxes have words of their own, which other tests show.
func TestEveryQuirkIsShown(t *testing.T) {
	shown := map[string]bool{"login": true}
	for _, c := range quirkCases {
		shown[strings.Fields(c.quirk)[0]] = true
	}
	for _, q := range Quirks() {
		if !shown[q.Word] {
			t.Errorf("%s is shown by no test", q.Word)
		}
	}
}

// rests asks through a tunnel, again after 20 s, and again after 40 s more; then it
// leaves.
func rests(l *lab) string {
	p := l.client()
	io.WriteString(p, "CONNECT gw.example:80 HTTP/1.1\r\nHost: gw.example:80\r\n\r\n")
	readHead(p.in)
	var got string
	for _, rest := range []time.Duration{0, 20 * time.Second, 40 * time.Second} {
		time.Sleep(rest)
		p.SetDeadline(time.Now().Add(time.Minute))
		a := p.ask(post("/x", "abc", "Host: gw.example"))
		switch {
		case a.err == nil:
			got += strings.Fields(a.head)[1]
		case network.IsReset(a.err):
			got += "reset"
		default:
			got += "timeout"
		}
		got += fmt.Sprintf(" after %s, ", rest)
	}
	p.Close()
	time.Sleep(time.Minute)
	return got + fmt.Sprint("server told ", l.origin.ended() > 0)
}

// machines shows which machine answers two requests on a connection, one on another,
// and one there that has the first cookie that anybody was given.
func machines(l *lab) string {
	var got []string
	p, cookie := l.client(), ""
	defer p.Close()
	for i := range 4 {
		if i == 2 {
			p = l.client()
			defer p.Close()
		}
		fields := []string{"Host: gw.example"}
		if i%2 == 1 && cookie != "" {
			fields = append(fields, "Cookie: "+cookie)
		}
		h := http1.Parse([]byte(p.ask(post("http://gw.example/x", "", fields...)).head))
		got = append(got, h.Get("X-Machine"))
		if i == 0 {
			cookie, _, _ = strings.Cut(h.Get("Set-Cookie"), ";")
		}
	}
	return strings.Join(got, " ")
}

// endsAfterFirst answers, and ends the connection a moment after its first answer.
func endsAfterFirst(c net.Conn, _ request) {
	io.WriteString(c, plainAnswer)
	go func() {
		time.Sleep(100 * time.Millisecond)
		c.Close()
	}()
}

// rested asks, and again twice after rests.
func rested(l *lab) string {
	p := l.client()
	defer p.Close()
	var got []answer
	for range 3 {
		got = append(got, p.ask(simple))
		time.Sleep(time.Second)
	}
	return fmt.Sprintf("%s and %s after it, delivered %d", got[1].status(), strings.Fields(got[2].status() + " none")[1], l.delivered())
}

// unplugs asks once, and again at 12 s; then another one connects, at 13 s, and asks.
// It shows when each was answered, and how often the server was asked by then.
func unplugs(l *lab) string {
	began := time.Now()
	at := func() string { return time.Since(began).Round(time.Second).String() }
	p := l.client()
	defer p.Close()
	p.ask(simple)
	time.Sleep(12 * time.Second)
	other := make(chan string)
	go func() {
		time.Sleep(time.Second)
		q := l.client()
		defer q.Close()
		connected := at()
		q.ask(simple)
		other <- fmt.Sprint("; another connected at ", connected, ", answered at ", at())
	}()
	first := strings.Fields(shown(p.ask(simple)) + " ")
	got := first[min(1, len(first)-1)] + " at " + at()
	return got + <-other + fmt.Sprint("; asked ", l.delivered())
}

func leavesEarly(l *lab) string {
	p := l.client()
	io.WriteString(p, simple)
	time.Sleep(time.Second)
	p.Close()
	began := time.Now()
	time.Sleep(10 * time.Second)
	return fmt.Sprint(l.origin.ended() > 0 && l.origin.lastEnd().Sub(began) < 10*time.Second)
}

func sources(l *lab) string {
	for range 3 {
		l.ask(simple)
	}
	return fmt.Sprint(l.origin.peers())
}

// pipelined counts the answers to two requests in one piece.
func pipelined(l *lab) string {
	p := l.client()
	defer p.Close()
	io.WriteString(p, simple+simple)
	p.SetDeadline(time.Now().Add(time.Minute))
	n := 0
	for p.read().err == nil {
		n++
	}
	return fmt.Sprint(n, " answers")
}

// together has two clients ask at once, twice.
func together(l *lab) string {
	a, b := l.client(), l.client()
	defer a.Close()
	defer b.Close()
	for range 2 {
		io.WriteString(a, simple)
		io.WriteString(b, simple)
		a.read()
		b.read()
		time.Sleep(time.Second)
	}
	return fmt.Sprint(len(l.origin.peers()), " connections")
}
