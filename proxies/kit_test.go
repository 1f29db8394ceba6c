package proxies

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"gauntlet/proxies/network"
)

// request is one that reached the origin: its head byte for byte, its body.
type request struct {
	head, body string
	conn       int // the ordinal of its connection, from 1
}

// origin is a scripted server: each request gets what script writes.
type origin struct {
	net.Listener
	script func(c net.Conn, r request) // nil: answers 200 with 5 bytes

	mu   sync.Mutex
	seen []request
	from []string    // the hosts that its connections came from
	ends []time.Time // when they ended
}

// peers are the hosts that the connections came from, in their order.
func (o *origin) peers() []string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return append([]string(nil), o.from...)
}

// ended is how many connections have ended.
func (o *origin) ended() int {
	o.mu.Lock()
	defer o.mu.Unlock()
	return len(o.ends)
}

// lastEnd is when the last of them did.
func (o *origin) lastEnd() time.Time {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.ends[len(o.ends)-1]
}

const plainAnswer = "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello"

func newOrigin(t testing.TB, n network.Network, address string, script func(net.Conn, request)) *origin {
	t.Helper()
	l, err := n.Listen(address)
	if err != nil {
		t.Fatal(err)
	}
	o := &origin{Listener: l, script: script}
	go o.serve()
	return o
}

func (o *origin) serve() {
	for i := 1; ; i++ {
		c, err := o.Accept()
		if err != nil {
			return
		}
		host, _, _ := net.SplitHostPort(c.RemoteAddr().String())
		o.mu.Lock()
		o.from = append(o.from, host)
		o.mu.Unlock()
		go o.talk(c, i)
	}
}

func (o *origin) talk(c net.Conn, ordinal int) {
	defer func() {
		c.Close()
		o.mu.Lock()
		o.ends = append(o.ends, time.Now())
		o.mu.Unlock()
	}()
	in := bufio.NewReader(c)
	for {
		r, err := readRequest(in)
		if err != nil {
			return
		}
		r.conn = ordinal
		o.mu.Lock()
		o.seen = append(o.seen, r)
		o.mu.Unlock()
		if o.script == nil {
			io.WriteString(c, plainAnswer)
		} else {
			o.script(c, r)
		}
	}
}

func (o *origin) requests() []request {
	o.mu.Lock()
	defer o.mu.Unlock()
	return append([]request(nil), o.seen...)
}

// readHead reads up to and including the empty line.
func readHead(in *bufio.Reader) (string, error) {
	var head strings.Builder
	for {
		line, err := in.ReadString('\n')
		head.WriteString(line)
		if err != nil {
			return head.String(), err
		}
		if line == "\r\n" {
			return head.String(), nil
		}
	}
}

func readRequest(in *bufio.Reader) (request, error) {
	head, err := readHead(in)
	if err != nil {
		return request{}, err
	}
	parsed, err := http.ReadRequest(bufio.NewReader(strings.NewReader(head)))
	if err != nil {
		return request{}, err
	}
	body := make([]byte, max(0, parsed.ContentLength))
	if parsed.ContentLength < 0 { // chunked: our clients send one such request and wait
		parsed, err = http.ReadRequest(bufio.NewReader(io.MultiReader(strings.NewReader(head), in)))
		if err == nil {
			body, err = io.ReadAll(parsed.Body)
		}
		return request{head: head, body: string(body)}, err
	}
	_, err = io.ReadFull(in, body)
	return request{head: head, body: string(body)}, err
}

// answer is what a client got: its head byte for byte, the body as far as it
// came, and the error that ended it.
type answer struct {
	head, body string
	err        error
}

func (a answer) status() string { return strings.SplitN(a.head, "\r\n", 2)[0] }

// peer is a client that sends raw bytes.
type peer struct {
	net.Conn
	in *bufio.Reader
}

func dial(t testing.TB, n network.Network, address string) *peer {
	t.Helper()
	c, err := n.DialContext(context.Background(), "tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	c.SetDeadline(time.Now().Add(20 * time.Second))
	t.Cleanup(func() { c.Close() })
	return &peer{c, bufio.NewReader(c)}
}

// ask sends raw and reads one answer, by its framing.
func (p *peer) ask(raw string) answer {
	if _, err := io.WriteString(p, raw); err != nil {
		return answer{err: err}
	}
	return p.read()
}

func (p *peer) read() answer {
	head, err := readHead(p.in)
	if err != nil {
		return answer{head: head, err: err}
	}
	resp, err := http.ReadResponse(bufio.NewReader(strings.NewReader(head)), nil)
	if err != nil {
		return answer{head: head, err: err}
	}
	var body []byte
	switch {
	case len(resp.TransferEncoding) > 0:
		resp, err = http.ReadResponse(bufio.NewReader(io.MultiReader(strings.NewReader(head), p.in)), nil)
		if err == nil {
			body, err = io.ReadAll(resp.Body)
		}
	case resp.ContentLength >= 0:
		body = make([]byte, resp.ContentLength)
		var n int
		n, err = io.ReadFull(p.in, body)
		body = body[:n]
	default:
		body, err = io.ReadAll(p.in)
	}
	return answer{head, string(body), err}
}

// start serves box on a listener of n and closes it with the test; the result
// is its address.
func start(t testing.TB, n network.Network, spec string, o Options) (Box, string) {
	t.Helper()
	return startAt(t, n, ":0", spec, o)
}

func startAt(t testing.TB, n network.Network, address, spec string, o Options) (Box, string) {
	t.Helper()
	l, err := n.Listen(address)
	if err != nil {
		t.Fatal(err)
	}
	box := build(t, n, spec, o)
	done := make(chan error, 1)
	go func() { done <- box.Serve(l) }()
	t.Cleanup(func() {
		if err := box.Close(); err != nil {
			t.Errorf("close: %v", err)
		}
		if err := <-done; err != nil {
			t.Errorf("serve: %v", err)
		}
	})
	return box, l.Addr().String()
}

func build(t testing.TB, n network.Network, spec string, o Options) Box {
	t.Helper()
	s, err := ParseSpec(spec)
	if err != nil {
		t.Fatal(err)
	}
	o.Network = n
	box, err := New(s, o)
	if err != nil {
		t.Fatal(err)
	}
	return box
}

const gateway = "gw.example:80"

// stage is a network in which the gateway's name stands for a scripted origin.
func stage(t testing.TB, script func(net.Conn, request)) (*network.Loopback, *origin) {
	t.Helper()
	noLeaks(t)
	o := newOrigin(t, &network.Loopback{}, "127.0.0.1:0", script)
	t.Cleanup(func() { o.Close() })
	return &network.Loopback{Routes: map[string]string{gateway: o.Addr().String()}}, o
}

// post is a request as a client with a will of its own spells it.
func post(target, body string, fields ...string) string {
	head := "POST " + target + " HTTP/1.1\r\n"
	for _, f := range fields {
		head += f + "\r\n"
	}
	return head + fmt.Sprintf("Content-Length: %d\r\n\r\n%s", len(body), body)
}
