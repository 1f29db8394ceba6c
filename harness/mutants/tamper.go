package mutants

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"io"
	"net"
	"net/http/httputil"
	"strconv"
	"strings"

	"gauntlet/harness/msn/msnhttp"
	"gauntlet/harness/run/adapter"
	"gauntlet/proxies/network"
)

// tamper is what is done to the wire between the reference client and its
// network. Nothing has to be set.
type tamper struct {
	dial    func(ctx context.Context, d dialler, address string) (net.Conn, error) // in place of d
	request func(request []byte) []byte                                            // each whole request before it leaves
	twice   func(request []byte) bool                                              // whether it leaves twice, in one go
	answer  func(*answer)                                                          // each answer before the client sees it
}

// dialler connects to an address, host:port.
type dialler func(ctx context.Context, address string) (net.Conn, error)

// tampered makes the reference client with somebody between it and its
// network, a fresh one for each case.
func tampered(with func(adapter.Setup) tamper) adapter.Factory {
	return func(s adapter.Setup) (adapter.Client, error) {
		s.Network = between{s.Network, with(s)}
		return adapter.BuiltIn()(s)
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

// between is a network with a tamper in it.
type between struct {
	network.Network
	tamper
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
	if err != nil || (b.request == nil && b.answer == nil && b.twice == nil) {
		return conn, err
	}
	return &tamperedConn{Conn: conn, tamper: b.tamper, in: bufio.NewReader(conn)}, nil
}

// tamperedConn is one connection in wrong hands. The reference client writes
// each request in one go, and reads its answer before it writes another.
type tamperedConn struct {
	net.Conn
	tamper
	in     *bufio.Reader
	asked  []byte // the request that is out
	behind int    // answers that nobody is to see, before the next
	owed   int    // the same, after it
	ready  []byte // of an answer, still to be read
	err    error  // what comes after it
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
		return c.in.Read(p)
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
		if _, err := readAnswer(c.in, c.asked); err != nil {
			return nil, err
		}
	}
	c.behind, c.owed = c.owed, 0
	a, err := readAnswer(c.in, c.asked)
	if c.answer != nil && a.headWhole {
		c.answer(a)
	}
	if a.fatal != nil {
		return nil, a.fatal
	}
	return a.bytes(), err
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

// setField changes the value of a header field.
func setField(request []byte, name, value string) []byte {
	head, body := split(request)
	lines := strings.Split(string(head), "\r\n")
	for i, line := range lines {
		if strings.HasPrefix(line, name+": ") {
			lines[i] = name + ": " + value
		}
	}
	return append([]byte(strings.Join(lines, "\r\n")), body...)
}

// withBody puts another body into a request.
func withBody(request []byte, body string) []byte {
	head, _ := split(setField(request, "Content-Length", fmt.Sprint(len(body))))
	return append(head, body...)
}

// answer is an answer that a mutant has in its hands.
type answer struct {
	asked     []byte   // the request that it answers
	lines     []string // of the head, without line ends
	headWhole bool
	body      []byte
	whole     bool  // the body is as long as was announced
	reframed  bool  // the body is given by its length, whatever the head had said
	fatal     error // in place of the answer
}

// readAnswer takes one answer, as much as there is of it.
func readAnswer(in *bufio.Reader, asked []byte) (*answer, error) {
	a := &answer{asked: asked}
	for {
		line, err := in.ReadString('\n')
		if err != nil {
			a.lines = append(a.lines, line)
			return a, err
		}
		if line = strings.TrimRight(line, "\r\n"); line == "" {
			break
		}
		a.add(line)
	}
	a.headWhole = true
	err := a.readBody(in)
	a.whole = err == nil || err == io.EOF && a.field("Content-Length") == ""
	return a, err
}

// add takes a line of the head, or what an older one folds over.
func (a *answer) add(line string) {
	if last := len(a.lines) - 1; last > 0 && (line[0] == ' ' || line[0] == '\t') {
		a.lines[last] += " " + strings.TrimSpace(line)
		return
	}
	a.lines = append(a.lines, line)
}

func (a *answer) readBody(in *bufio.Reader) (err error) {
	length := a.field("Content-Length")
	switch {
	case a.status() < 200 || a.status() == 204:
	case strings.EqualFold(a.field("Transfer-Encoding"), "chunked"):
		a.reframed = true
		if a.body, err = io.ReadAll(httputil.NewChunkedReader(in)); err == nil {
			_, err = in.ReadString('\n')
		}
	case length != "":
		n, _ := strconv.Atoi(length) // a length that is none is 0
		a.body = make([]byte, n)
		n, err = io.ReadFull(in, a.body)
		a.body = a.body[:n]
	default:
		if a.body, err = io.ReadAll(in); err == nil {
			err = io.EOF
		}
	}
	return err
}

// status is that of the first line, 0 if there is none.
func (a *answer) status() int {
	words := strings.Fields(a.lines[0] + " 0 0")
	n, _ := strconv.Atoi(words[1]) // no number is no status
	return n
}

// version is the answer's, such as HTTP/1.1.
func (a *answer) version() string { return strings.Fields(a.lines[0] + " -")[0] }

// field is the value of a header field, by its name in any case.
func (a *answer) field(name string) string {
	for _, line := range a.lines[1:] {
		if key, value, ok := strings.Cut(line, ":"); ok && strings.EqualFold(key, name) {
			return strings.TrimSpace(value)
		}
	}
	return ""
}

// set replaces a header field, or takes it out if there is no value, or adds
// it.
func (a *answer) set(name, value string) {
	var kept []string
	for i, line := range a.lines {
		key, _, _ := strings.Cut(line, ":")
		if i == 0 || !strings.EqualFold(key, name) {
			kept = append(kept, line)
		}
	}
	if value != "" {
		kept = append(kept, name+": "+value)
	}
	a.lines = kept
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
	a.body, a.whole, a.reframed = a.body[:n], true, true
}

// bytes is the answer as the client gets it.
func (a *answer) bytes() []byte {
	if !a.headWhole {
		return []byte(strings.Join(a.lines, "\r\n"))
	}
	if a.reframed && a.whole {
		a.set("Transfer-Encoding", "")
		a.set("Content-Length", fmt.Sprint(len(a.body)))
	}
	var out bytes.Buffer
	for _, line := range a.lines {
		out.WriteString(line + "\r\n")
	}
	out.WriteString("\r\n")
	out.Write(a.body)
	return out.Bytes()
}
