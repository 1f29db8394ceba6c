package upstream

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"

	"golang.org/x/net/http/httpguts"
)

// answer is what became of an attempt.
type answer struct {
	response *http.Response
	err      error
	lost     bool // not a byte of an answer came
}

// pass reads an answer and hands it over, and reports whether there may be another.
func (c *conn) pass(a *attempt) (more bool, err error) {
	r, err := c.receive(a) //nolint:bodyclose // who gets the answer closes it
	switch {
	case err == nil:
		return c.hand(a, r), nil
	case c.limit <= 0:
		err = fmt.Errorf("net/http: server response headers exceeded %d bytes; aborted", longestHead)
	}
	return false, err
}

// receive reads the head of an answer, and those of the interim ones before it.
func (c *conn) receive(a *attempt) (*http.Response, error) {
	for {
		r, err := http.ReadResponse(c.in, a.request)
		if err != nil {
			return nil, err
		}
		if r.StatusCode == http.StatusContinue {
			a.permit(true)
		}
		if r.StatusCode/100 != 1 || r.StatusCode == http.StatusSwitchingProtocols {
			a.permit(!r.Close && !a.request.Close)
			return r, nil
		}
		if err := a.watch.Interim(a.request.Context(), r.StatusCode); err != nil {
			return nil, err
		}
		c.limit = longestHead
	}
}

// hand hands an answer over, and reports whether there may be another.
func (c *conn) hand(a *attempt, r *http.Response) (more bool) {
	c.limit = noLimit
	more = !r.Close && !a.request.Close && r.StatusCode > 199
	switch {
	case switches(r):
		r.Body = &switched{ReadWriteCloser: c.Conn, early: c.in}
		a.answers <- answer{response: r}
		return false // what comes is the caller's
	case a.request.Method == http.MethodHead || r.ContentLength == 0 || c.inMemory(r):
		more = c.release(a, more)
		a.answers <- answer{response: r}
		if !more {
			c.end(errNotKept)
		}
		return more
	}
	c.mu.Lock()
	c.reads = true
	c.mu.Unlock()
	r.Body = &body{from: r.Body, c: c, a: a, more: more}
	a.answers <- answer{response: r}
	return c.awaitBody(a.request.Context())
}

// noLimit is how long a body may be.
const noLimit = 1 << 62

// switches reports whether the connection carries something else from here on.
func switches(r *http.Response) bool {
	return r.StatusCode == http.StatusSwitchingProtocols && r.Header.Get("Upgrade") != "" && httpguts.HeaderValuesContainsToken(r.Header["Connection"], "upgrade")
}

// inMemory has the body of an answer in memory, if all of it has come.
func (c *conn) inMemory(r *http.Response) bool {
	if r.ContentLength < 0 || r.ContentLength > int64(c.in.Buffered()) {
		return false
	}
	b := make([]byte, r.ContentLength)
	_, _ = io.ReadFull(c.in, b) // it is there
	r.Body = io.NopCloser(bytes.NewReader(b))
	return true
}

// release has the connection rest after an exchange, if it can serve more, and reports
// whether it does.
func (c *conn) release(a *attempt, more bool) bool {
	return more && !c.ended && a.wrote() && c.pool.keep(c)
}

// awaitBody waits while the caller reads a body, and reports whether the connection
// rests then.
func (c *conn) awaitBody(ctx context.Context) (rests bool) {
	select {
	case <-c.bodies:
	case <-ctx.Done():
		c.mu.Lock()
		reads := c.reads
		if reads {
			c.left = context.Cause(ctx)
			c.endLocked(c.left)
		}
		c.mu.Unlock()
		if reads {
			return false
		}
		<-c.bodies
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.closed == nil
}

// body is an answer's body that is read off the connection. It is for one goroutine.
type body struct {
	from io.ReadCloser
	c    *conn
	a    *attempt
	more bool  // the connection may serve on
	err  error // why there is no more; nil while there may be
}

var (
	errClosedBody = errors.New("http: read on closed response body")
	errUnread     = errors.New("the body was not wanted")
)

// Read reads from the connection.
func (b *body) Read(p []byte) (int, error) {
	if b.err != nil {
		return 0, b.err
	}
	n, err := b.from.Read(p)
	if err != nil {
		err = b.finish(err)
		b.err = err
	}
	return n, err
}

// Close ends the connection if there is more of the body.
func (b *body) Close() error {
	if b.err == nil {
		_ = b.finish(errUnread)
	}
	b.err = errClosedBody
	return nil
}

// finish gives the connection back or ends it, and returns why there is no more.
func (b *body) finish(err error) error {
	b.c.mu.Lock()
	b.c.reads = false
	b.c.mu.Unlock()
	if err != io.EOF || !b.c.release(b.a, b.more) {
		b.c.end(errNotKept)
	}
	b.c.bodies <- struct{}{}
	if left := b.c.why(); left != nil && err != io.EOF {
		return left
	}
	return err
}

// switched is what an answer of 101 leads to: the connection, and what was read of it
// too early.
type switched struct {
	io.ReadWriteCloser
	early interface {
		Buffered() int
		Read(p []byte) (int, error)
	}
}

// Read gives what came early first.
func (s *switched) Read(p []byte) (int, error) {
	if n := s.early.Buffered(); n > 0 {
		return s.early.Read(p[:min(len(p), n)])
	}
	return s.ReadWriteCloser.Read(p)
}

// CloseWrite ends this direction.
func (s *switched) CloseWrite() error {
	if c, ok := s.ReadWriteCloser.(interface{ CloseWrite() error }); ok {
		return c.CloseWrite()
	}
	return http.ErrNotSupported
}
