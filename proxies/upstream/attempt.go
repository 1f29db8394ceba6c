package upstream

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"time"

	"golang.org/x/net/http/httpguts"
)

// attempt is a request on one connection.
type attempt struct {
	request *http.Request
	watch   Watcher
	reused  bool  // the connection had served before
	start   int64 // how much was written to it before

	answers chan answer   // of one
	done    chan struct{} // closed when the writing is over
	failed  error         // why it did; read it when done

	permits  chan bool // of one: whether the body is to be sent; nil if nobody is asked
	unread   error     // what the body failed with; read it when done
	unwanted bool      // the body was not sent; read it when done
	began    bool      // it was read from; read it when done

	nothing bool // it failed before a byte of it was written
	lost    bool // or before a byte of its answer came
}

func (p *Pool) attempt(r *http.Request, w Watcher, c *conn) *attempt {
	a := &attempt{request: r, watch: w, reused: c.served, start: c.written, answers: make(chan answer, 1), done: make(chan struct{})}
	if r.ProtoAtLeast(1, 1) && !bodiless(r) && httpguts.HeaderValuesContainsToken(r.Header["Expect"], "100-continue") {
		a.permits = make(chan bool, 1)
	}
	return a
}

func bodiless(r *http.Request) bool { return r.Body == nil || r.Body == http.NoBody }

// atOnce reports whether the request can be written without waiting for anybody: it is
// in memory, and a connection takes so much.
func (a *attempt) atOnce() bool {
	if bodiless(a.request) {
		return true
	}
	_, memory := a.request.Body.(*Memory)
	return memory && a.permits == nil && a.request.ContentLength <= readAhead
}

// permit says whether the body is to be sent, if that is not said yet.
func (a *attempt) permit(send bool) {
	if a.permits == nil {
		return
	}
	select {
	case a.permits <- send:
	default:
	}
}

// permitted waits until the body may be sent, or is not to be.
func (a *attempt) permitted(patience time.Duration) bool {
	timer := time.NewTimer(patience)
	defer timer.Stop()
	select {
	case send := <-a.permits:
		return send
	case <-timer.C:
		return true
	}
}

// lateWrite is how long is waited for a request to be written that is answered.
const lateWrite = 50 * time.Millisecond

// wrote reports whether the request was written.
func (a *attempt) wrote() bool {
	select {
	case <-a.done:
		return a.failed == nil
	default:
	}
	timer := time.NewTimer(lateWrite)
	defer timer.Stop()
	select {
	case <-a.done:
		return a.failed == nil
	case <-timer.C:
		return false
	}
}

// exchange sends the attempt's request and waits for the head of its answer.
func (c *conn) exchange(a *attempt) (*http.Response, error) {
	c.mu.Lock()
	closed := c.closed
	c.at = a
	c.mu.Unlock()
	if closed != nil {
		a.nothing = true
		return nil, closed
	}
	if !a.atOnce() {
		go c.write(a)
		return c.await(a)
	}
	if c.write(a); a.failed != nil {
		return nil, c.broke(a, a.failed, false)
	}
	return c.await(a)
}

// write writes the request.
func (c *conn) write(a *attempt) {
	defer close(a.done)
	r := *a.request
	if _, memory := r.Body.(*Memory); !bodiless(&r) && (!memory || a.permits != nil) {
		r.Body = &source{ReadCloser: r.Body, c: c, a: a}
	}
	write := r.Write
	if c.pool.options.Proxy == c.to.address {
		write = r.WriteProxy
	}
	err := write(&c.out)
	if a.unwanted {
		err = nil
	}
	a.watch.Wrote()
	if err == nil {
		err = c.out.Flush()
	}
	a.failed = err
	if err != nil {
		c.end(fmt.Errorf("write error: %w", err))
	}
}

// await waits for the head of the answer.
func (c *conn) await(a *attempt) (*http.Response, error) {
	ctx, done := a.request.Context(), a.done
	var late <-chan time.Time
	for {
		select {
		case <-done:
			if a.failed != nil {
				return nil, c.broke(a, a.failed, false)
			}
			done = nil
			if late = c.patience(); late != nil {
				defer c.patient.Stop()
			}
		case got := <-a.answers:
			return c.got(a, got)
		case <-late:
			c.end(errTimeout)
			return nil, errTimeout
		case <-ctx.Done():
			select {
			case got := <-a.answers:
				return c.got(a, got)
			default:
			}
			c.leave(context.Cause(ctx))
			return nil, c.broke(a, context.Cause(ctx), false)
		}
	}
}

// patience runs out when an answer takes too long; nil if it never does.
func (c *conn) patience() <-chan time.Time {
	d := c.pool.options.Patience
	switch {
	case d == 0:
		return nil
	case c.patient == nil:
		c.patient = time.NewTimer(d)
	default:
		c.patient.Reset(d)
	}
	return c.patient.C
}

func (c *conn) got(a *attempt, got answer) (*http.Response, error) {
	if got.err != nil {
		return nil, c.broke(a, got.err, got.lost)
	}
	return got.response, nil
}

// broke is what net/http says of an attempt that err ended. It returns when nobody
// reads the request's body any more.
func (c *conn) broke(a *attempt, err error, lost bool) error {
	c.end(err)
	a.permit(false)
	<-a.done
	if left := c.why(); left != nil {
		return left
	}
	if a.unread != nil {
		return a.unread
	}
	a.nothing, a.lost = c.written == a.start, lost
	if a.nothing || a.lost {
		return err
	}
	return fmt.Errorf("net/http: HTTP/1.x transport connection broken: %w", err)
}

// timeout is an answer's that did not begin in time.
type timeout struct{ error }

// Timeout says so.
func (timeout) Timeout() bool { return true }

// Temporary says so, too.
func (timeout) Temporary() bool { return true }

// Unwrap has it taken for any other.
func (timeout) Unwrap() error { return context.DeadlineExceeded }

var errTimeout = timeout{errors.New("net/http: timeout awaiting response headers")}

// mayRepeat reports whether the request may be sent once more. A server that hangs up
// on its first request does not like it.
func (a *attempt) mayRepeat() bool {
	if !a.reused || !bodiless(a.request) && a.request.GetBody == nil {
		return false
	}
	return a.nothing || a.lost && slices.Contains([]string{http.MethodGet, http.MethodHead, http.MethodOptions, http.MethodTrace}, a.request.Method)
}

// again is the request with its body from the beginning.
func (a *attempt) again() (*http.Request, error) {
	_, memory := a.request.Body.(*Memory)
	if bodiless(a.request) || !memory && !a.began {
		return a.request, nil
	}
	r := *a.request
	var err error
	r.Body, err = r.GetBody()
	return &r, err
}

// source is a request's body that is still to come from somewhere. What was written is
// sent before more is read.
type source struct {
	io.ReadCloser
	c     *conn
	a     *attempt
	asked bool
}

var errUnwanted = errors.New("the server does not want the body")

// Read asks whether the body is wanted, where that is asked, and reads on.
func (s *source) Read(p []byte) (int, error) {
	if err := s.c.out.Flush(); err != nil {
		return 0, err
	}
	if !s.asked && s.a.permits != nil && !s.a.permitted(s.c.pool.options.Continue) {
		s.a.unwanted = true
		return 0, errUnwanted
	}
	s.asked, s.a.began = true, true
	n, err := s.ReadCloser.Read(p)
	if err != nil && err != io.EOF {
		s.a.unread = err
	}
	return n, err
}
