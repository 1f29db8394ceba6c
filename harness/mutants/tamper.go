package mutants

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"strings"

	"gauntlet/harness/msn/builtin"
	"gauntlet/harness/msn/client"
	"gauntlet/harness/msn/msnhttp"
	"gauntlet/harness/run/adapter"
	"gauntlet/proxies/http1"
	"gauntlet/proxies/network"
)

// tamper is what is done to the wire between the reference client and its
// network. Nothing has to be set.
type tamper struct {
	dial    func(ctx context.Context, d dialler, address string) (net.Conn, error) // in place of d
	request func(request []byte) []byte                                            // each whole request before it leaves
	twice   func(request []byte) bool                                              // whether it leaves twice, in one go
	answer  func(*answer)                                                          // each answer before the client sees it
	reads   bool                                                                   // on behind an answer, when the next is due
}

// dialler connects to an address, host:port.
type dialler func(ctx context.Context, address string) (net.Conn, error)

// tampered makes the reference client with somebody between it and its
// network, a fresh one for each case.
func tampered(with func(adapter.Setup) tamper) adapter.Factory {
	return func(s adapter.Setup) (adapter.Client, error) {
		b := between{s.Network, with(s), s.Trust != nil}
		s.Network = b
		return builtin.New(b.within)(s)
	}
}

// onRequests is a tamper that changes each request.
func onRequests(change func([]byte) []byte) adapter.Factory {
	return tampered(func(adapter.Setup) tamper { return tamper{request: change} })
}

// onAnswers is a tamper that changes each answer.
func onAnswers(change func(*answer)) adapter.Factory {
	return tampered(func(adapter.Setup) tamper { return tamper{answer: change} })
}

// between is a network with a tamper in it, which has the client's bytes before they
// are secured.
type between struct {
	network.Network
	tamper
	secured bool
}

// within has the tamper over TLS what it has on the network else.
func (b between) within(o *client.Options) {
	if secure := o.Secure; secure != nil {
		o.Secure = func(ctx context.Context, conn net.Conn, host string) (net.Conn, error) {
			conn, err := secure(ctx, conn, host)
			return b.over(conn), err
		}
	}
}

// DialContext connects, maybe elsewhere, maybe to more than was asked for.
func (b between) DialContext(ctx context.Context, kind, address string) (net.Conn, error) {
	plain := func(ctx context.Context, address string) (net.Conn, error) {
		return b.Network.DialContext(ctx, kind, address)
	}
	dial := plain
	if b.dial != nil {
		dial = func(ctx context.Context, address string) (net.Conn, error) { return b.dial(ctx, plain, address) }
	}
	conn, err := dial(ctx, address)
	if err != nil || b.secured {
		return conn, err
	}
	return b.over(conn), nil
}

// over is a connection with the tamper on it, if it has anything to do there.
func (b between) over(conn net.Conn) net.Conn {
	if b.request == nil && b.answer == nil && b.twice == nil {
		return conn
	}
	c := &tamperedConn{Conn: conn, tamper: b.tamper}
	c.in = bufio.NewReader(io.TeeReader(conn, &c.seen))
	return c
}

// tamperedConn is one connection in wrong hands. The reference client writes
// each request in one go, and reads its answer before it writes another.
type tamperedConn struct {
	net.Conn
	tamper
	in     *bufio.Reader
	seen   bytes.Buffer // what in has read and has not handed on
	asked  []byte       // the request that is out
	behind int          // answers that nobody is to see, before the next
	owed   int          // the same, after it
	ready  []byte       // of an answer, still to be read
	err    error        // what comes after it
}

// Write sends one request. What asks for a tunnel is none.
func (c *tamperedConn) Write(p []byte) (int, error) {
	if !bytes.HasPrefix(p, []byte("POST ")) {
		return c.Conn.Write(p)
	}
	c.asked = bytes.Clone(p)
	sent := c.asked
	if c.request != nil {
		sent = c.request(sent)
	}
	if c.twice != nil && c.twice(sent) {
		sent = append(bytes.Clone(sent), sent...)
		c.owed++
	}
	if _, err := c.Conn.Write(sent); err != nil {
		return 0, err
	}
	return len(p), nil
}

// Read gives an answer piece by piece once it is there as a whole, or as far
// as it came.
func (c *tamperedConn) Read(p []byte) (int, error) {
	if c.answer == nil && c.twice == nil || c.asked == nil {
		n, err := c.in.Read(p)
		c.seen.Next(n)
		return n, err
	}
	if len(c.ready) == 0 && c.err == nil {
		c.ready, c.err = c.next()
	}
	if len(c.ready) == 0 {
		return 0, c.err
	}
	n := copy(p, c.ready)
	c.ready = c.ready[n:]
	return n, nil
}

func (c *tamperedConn) next() ([]byte, error) {
	for ; c.behind > 0; c.behind-- {
		if _, err := c.receive(); err != nil {
			return nil, err
		}
	}
	c.behind, c.owed = c.owed, 0
	a, err := c.receive()
	if c.answer != nil && a.headWhole {
		c.answer(a)
	}
	if a.fatal != nil {
		return nil, a.fatal
	}
	return append(a.bytes(), c.surplus()...), err
}

// receive takes one answer, and keeps it as it came.
func (c *tamperedConn) receive() (*answer, error) {
	a, err := readAnswer(c.in, c.asked)
	a.raw = bytes.Clone(c.seen.Next(c.seen.Len() - c.in.Buffered()))
	return a, err
}

// surplus is what has come behind an answer, and belongs to none: it is the
// client's to see.
func (c *tamperedConn) surplus() []byte {
	if c.behind > 0 || c.answer == nil || c.reads {
		return nil
	}
	n, _ := c.in.Discard(c.in.Buffered())
	return bytes.Clone(c.seen.Next(n))
}

// target is the request target, query is what it says.
func target(request []byte) string {
	words := strings.SplitN(string(request), " ", 3)
	return words[1] // the reference client wrote it
}

func query(request []byte) msnhttp.Query {
	_, q, _ := msnhttp.ParseTarget(target(request)) // the reference client wrote it
	return q
}

// retarget changes the request target.
func retarget(request []byte, change func(target string) string) []byte {
	old := target(request)
	return bytes.Replace(request, []byte(old), []byte(change(old)), 1)
}

// requery changes what stands behind the question mark.
func requery(request []byte, change func(query string) string) []byte {
	return retarget(request, func(target string) string {
		path, query, _ := strings.Cut(target, "?")
		return path + "?" + change(query)
	})
}

// split cuts a request into its head, with the empty line, and its body.
func split(request []byte) (head, body []byte) {
	i := bytes.Index(request, []byte("\r\n\r\n")) + 4
	return request[:i:i], request[i:]
}

// rehead changes a request's head.
func rehead(request []byte, change func(*http1.Head)) []byte {
	raw, body := split(request)
	h := http1.Parse(raw)
	change(&h)
	return append(h.Bytes(), body...)
}

// setField changes the value of a header field.
func setField(request []byte, name, value string) []byte {
	return rehead(request, func(h *http1.Head) { h.Set(name, value) })
}

// withBody puts another body into a request.
func withBody(request []byte, body string) []byte {
	head, _ := split(setField(request, "Content-Length", fmt.Sprint(len(body))))
	return append(head, body...)
}

// answer is an answer that a mutant has in its hands.
type answer struct {
	asked     []byte // the request that it answers
	raw       []byte // as it came
	changed   bool
	head      http1.Head
	headWhole bool
	body      []byte
	whole     bool  // the body is as long as was announced
	reframed  bool  // the body is given by its length, whatever the head had said
	fatal     error // in place of the answer
}

// readAnswer takes one answer, as much as there is of it, or what comes in the
// place of one. The error is io.EOF also where the answer ended with its
// connection.
func readAnswer(in *bufio.Reader, asked []byte) (*answer, error) {
	m, err := http1.Receive(in, &http1.Reader{Answers: true, Method: "POST"}, 0)
	if errors.Is(err, http1.ErrNotHTTP) && http1.HeadEnd(m.Head) < 0 { // else its body cannot be read
		foreign, _ := in.Peek(in.Buffered())
		m.Head, err = append(m.Head, foreign...), nil
		_, _ = in.Discard(len(foreign)) // it has just been peeked at
	}
	a := &answer{asked: asked, head: http1.Parse(m.Head), headWhole: http1.HeadEnd(m.Head) >= 0, body: m.Body, whole: err == nil}
	framing, _ := http1.FramingOf(m.Head) // what cannot be understood frames nothing
	if a.reframed = framing.Chunked; m.ToEnd {
		err = io.EOF
	}
	return a, err
}

// status is that of the first line, 0 if there is none.
func (a *answer) status() int { return a.head.Status() }

// version is the answer's, such as HTTP/1.1.
func (a *answer) version() string { return a.head.Version() }

// field is the value of a header field, by its name in any case.
func (a *answer) field(name string) string { return a.head.Get(name) }

// set replaces a header field, or takes it out if there is no value, or adds
// it. What is not there need not be taken out, and the answer stays as it came.
func (a *answer) set(name, value string) {
	if value == "" && a.field(name) == "" {
		return
	}
	a.changed = true
	if a.head.Remove(name); value != "" {
		a.head.Add(name, value)
	}
}

// session is what the answer says of the session; ok is false if nothing.
func (a *answer) session() (h msnhttp.SessionHeader, ok bool) {
	h, err := msnhttp.ParseSessionHeader(a.field(msnhttp.HeaderName))
	return h, err == nil
}

// setSession has the client see something else.
func (a *answer) setSession(h msnhttp.SessionHeader) { a.set(msnhttp.HeaderName, h.String()) }

// cutTo shortens the body, or makes the one that came a whole one.
func (a *answer) cutTo(n int) {
	a.body, a.whole, a.reframed, a.changed = a.body[:n], true, true, true
}

// bytes is the answer as the client gets it: as it came, unless it was changed.
func (a *answer) bytes() []byte {
	if !a.changed && a.raw != nil {
		return a.raw
	}
	if a.headWhole && a.reframed && a.whole {
		a.set("Transfer-Encoding", "")
		a.set("Content-Length", fmt.Sprint(len(a.body)))
	}
	return append(a.head.Bytes(), a.body...)
}
