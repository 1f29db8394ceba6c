package proxies

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptrace"
	"net/textproto"
	"sync"
	"sync/atomic"
	"time"

	"github.com/elazarl/goproxy"

	"gauntlet/proxies/heads"
	"gauntlet/proxies/http1"
	"gauntlet/proxies/upstream"
)

// exchange is one request and its answer on their way through a box. It ties
// the connection on one face to the connection on the other, which goproxy
// keeps apart: the client's comes with the request's context, the gateway's is
// told by the pool before anything is written to it.
type exchange struct {
	box      *httpBox
	w        http.ResponseWriter        // nil: nobody waits for the answer
	client   *clientConn                // likewise
	request  *http1.Head                // the request's head as it came
	upload   upload                     // reading the request's body
	answer   atomic.Pointer[http1.Head] // the answer's head as it came
	reused   atomic.Bool                // the connection upstream had served before
	began    atomic.Bool                // a byte of the answer came
	answered bool                       // what the client gets is from upstream
	machine  string                     // whose cookie the client is given; "" for none
	saysEnd  bool                       // the request tells the server that its connection ends
	zips     bool                       // gzip is asked for by the box itself
	written  func()                     // called when the request is written; nil if nobody minds
}

type exchangeKey struct{}

func newExchange(b *httpBox, w http.ResponseWriter, r *http.Request) *exchange {
	client := clientConnOf(r)
	came := client.next()
	x := &exchange{box: b, w: w, client: client, request: came.head, upload: upload{of: came}}
	client.answers.Arm(x.ownAnswerChange())
	return x
}

// exchangeOf finds the exchange that a goproxy handler is called for.
func exchangeOf(c *goproxy.ProxyCtx) *exchange {
	return c.Req.Context().Value(exchangeKey{}).(*exchange)
}

// join puts the exchange into the context that the request travels with.
func (x *exchange) join(ctx context.Context) context.Context {
	return context.WithValue(ctx, exchangeKey{}, x)
}

// Chosen tells which connection upstream the request goes to; after a failure in
// which nothing was written it may be another.
func (x *exchange) Chosen(c net.Conn, reused bool) {
	x.reused.Store(reused)
	x.began.Store(false)
	if s, ok := c.(*serverConn); ok {
		s.expect(x)
	}
}

// Wrote tells that the request is written.
func (x *exchange) Wrote() {
	if x.written != nil {
		x.written()
	}
}

// Interim tells of an answer that another follows.
func (x *exchange) Interim(ctx context.Context, status int) error {
	interim := x.box.behaviour.interim
	if interim == nil {
		return nil
	}
	x.began.Store(false)
	return interim(ctx, x, status)
}

// pool is where the exchange takes its connection from.
func (x *exchange) pool() *upstream.Pool {
	if x.box.behaviour.poolBound && x.client != nil {
		return x.client.bind(x.box.dialer.pool)
	}
	return x.box.pool
}

// send is the way upstream by a pool, or by HTTP/2.
func (x *exchange) send(by *upstream.Pool, r *http.Request) (*http.Response, error) {
	if x.box.streams != nil {
		return x.sendStream(r)
	}
	x.zips = x.box.behaviour.asksForGzip && r.Method != http.MethodHead && r.Header.Get("Accept-Encoding") == "" && r.Header.Get("Range") == ""
	resp, err := by.RoundTrip(r, x)
	if err == nil && x.zips {
		unpack(resp)
	}
	return resp, err
}

// sendStream sends a request as a stream of HTTP/2. The transport sends one again that
// the server has told it was not looked at.
func (x *exchange) sendStream(r *http.Request) (*http.Response, error) {
	told := &httptrace.ClientTrace{
		GotConn:              func(c httptrace.GotConnInfo) { x.Chosen(c.Conn, c.Reused) },
		WroteRequest:         func(httptrace.WroteRequestInfo) { x.Wrote() },
		GotFirstResponseByte: func() { x.began.Store(true) },
		Got1xxResponse:       func(status int, _ textproto.MIMEHeader) error { return x.Interim(r.Context(), status) },
	}
	stream := r.WithContext(httptrace.WithClientTrace(r.Context(), told))
	stream.Header = r.Header.Clone()
	heads.RemoveHopByHop(stream.Header)
	delete(stream.Header, "Expect") // the box asks for the body itself
	resp, err := x.box.streams.RoundTrip(stream)
	if err != nil {
		return nil, err
	}
	resp.Request, resp.Proto, resp.ProtoMajor, resp.ProtoMinor = r, "HTTP/1.1", 1, 1
	return resp, nil
}

// requestChange is what becomes of the head that net/http makes of the request;
// nil leaves it as it is.
func (x *exchange) requestChange() func([]byte) []byte {
	b := x.box.behaviour
	if !b.restoresHeads && !x.zips && len(b.generatedHead)+len(b.requestLine)+len(b.requestHead) == 0 {
		return nil
	}
	return x.changeRequest
}

func (x *exchange) changeRequest(generated []byte) []byte {
	b := x.box.behaviour
	if x.zips {
		generated = append(generated[:len(generated)-2:len(generated)-2], "Accept-Encoding: gzip\r\n\r\n"...)
	}
	for _, hook := range b.generatedHead {
		generated = hook(x, generated)
	}
	original, line := x.request, heads.StartLine(generated)
	if b.restoresHeads {
		line = heads.RequestLine(original, line)
	} else {
		original = parseHead(generated)
	}
	for _, hook := range b.requestLine {
		line = hook(x, line)
	}
	return heads.Edit(b.requestHead, heads.Restore(original, generated, line))
}

// answerChange is what becomes of the head that net/http makes of an answer
// from upstream.
func (x *exchange) answerChange() func([]byte) []byte {
	b, original := x.box.behaviour, x.answer.Load()
	if !b.restoresHeads || original == nil {
		return x.ownAnswerChange()
	}
	return func(generated []byte) []byte {
		line := heads.StatusLine(original, heads.StartLine(generated))
		for _, hook := range b.statusLine {
			line = hook(line, original.Start())
		}
		return heads.Edit(b.answerHead, heads.Restore(original, generated, line))
	}
}

// ownAnswerChange is the same for the pages that the box makes itself.
func (x *exchange) ownAnswerChange() func([]byte) []byte {
	b := x.box.behaviour
	if len(b.statusLine)+len(b.answerHead) == 0 {
		return nil
	}
	return func(generated []byte) []byte {
		line := heads.StartLine(generated)
		rest := generated[len(line):]
		for _, hook := range b.statusLine {
			line = hook(line, "")
		}
		return heads.Edit(b.answerHead, append([]byte(line), rest...))
	}
}

// whole reads the request's body, up to replayLimit, and has it sent from
// memory.
func (x *exchange) whole(r *http.Request) ([]byte, error) {
	if r.ContentLength == 0 || r.Body == nil {
		return nil, nil
	}
	body, err := io.ReadAll(io.LimitReader(r.Body, replayLimit+1))
	r.Body = io.NopCloser(io.MultiReader(bytes.NewReader(body), r.Body))
	if err == nil && len(body) > replayLimit {
		err = errTooLong
	}
	return body, err
}

var errTooLong = errors.New("the body is too long to be remembered")

func parseHead(raw []byte) *http1.Head {
	h := http1.Parse(raw)
	return &h
}

// cutBody is an answer's body that breaks the client's connection where it
// breaks itself.
type cutBody struct {
	io.ReadCloser
	w http.ResponseWriter
}

// Read panics with http.ErrAbortHandler at a cut, after what came before it
// has gone out; a panic alone would discard that.
func (b *cutBody) Read(p []byte) (int, error) {
	n, err := b.ReadCloser.Read(p)
	switch {
	case err == nil || errors.Is(err, io.EOF):
		return n, err
	case n > 0:
		return n, nil // the error comes again
	}
	_ = http.NewResponseController(b.w).Flush() // the client may be gone as well
	panic(http.ErrAbortHandler)
}

// await returns after d, or when ctx ends.
func await(ctx context.Context, d time.Duration) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-ctx.Done():
	}
}

// replayLimit is the longest body, in bytes, that is remembered to be sent
// again.
const replayLimit = 64 << 10

// upload reads a request's body from the client and knows what went wrong. It
// can be read once more from its beginning: where a pooled connection turns out
// to be dead before a byte was written, the pool takes another one, which is
// harmless and saves a needless 502. Otherwise a box sends a request once.
type upload struct {
	of *arrival // nil for a request that is sent again

	mu   sync.Mutex
	body io.ReadCloser
	read bytes.Buffer // what was read, while it may be needed again
	keep bool
	err  error
}

// watch puts itself between r and its body, if it has one.
func (u *upload) watch(r *http.Request) {
	if r.ContentLength == 0 || r.Body == nil {
		return
	}
	u.body, u.keep = r.Body, r.ContentLength > 0 && r.ContentLength <= replayLimit
	if u.keep && u.of != nil && r.Header["Expect"] == nil && u.of.complete() {
		u.take(r)
		return
	}
	r.Body = u
	if u.keep {
		r.GetBody = u.again
	}
}

// take has r sent from memory, all that there is of it: head and body go out at once
// then.
func (u *upload) take(r *http.Request) {
	body := make([]byte, r.ContentLength)
	n, err := io.ReadFull(u.body, body)
	if err != nil { // not what was counted
		u.err = err
	}
	r.GetBody = func() (io.ReadCloser, error) { return upstream.NewMemory(body[:n]), nil }
	r.Body, _ = r.GetBody() // it never fails
}

// Read reads from the client.
func (u *upload) Read(p []byte) (int, error) {
	n, err := u.body.Read(p)
	u.mu.Lock()
	defer u.mu.Unlock()
	if u.keep {
		u.read.Write(p[:n])
	}
	if err != nil && !errors.Is(err, io.EOF) {
		u.err = err
	}
	return n, err
}

// Close leaves the body open: the server closes it when the exchange is over,
// and a repeat reads on.
func (u *upload) Close() error { return nil }

// again returns the body from its beginning, for a request that was not sent.
func (u *upload) again() (io.ReadCloser, error) {
	u.mu.Lock()
	defer u.mu.Unlock()
	before := bytes.NewReader(bytes.Clone(u.read.Bytes()))
	return io.NopCloser(io.MultiReader(before, u)), nil
}

// broken reports whether the client failed to deliver its body.
func (u *upload) broken() bool {
	u.mu.Lock()
	defer u.mu.Unlock()
	return u.err != nil
}
