package proxies

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"syscall"

	"github.com/elazarl/goproxy"
)

// A faithful box answers 502 when the next hop fails and 504 when it is too
// slow, with one line of text. A client whose own request broke off gets no
// answer, for there is nothing to answer.
//
// Quirk `failure-status N` (Quirks.FailureStatus): N for every failure; 500 is
// goproxy's own page, with Go's error in it. `refused-status N`
// (Quirks.RefusedStatus): when nobody listens. `failure-in-head N`
// (Quirks.FailureInHead): when the answer broke off in its head.

// failed is the answer to an exchange that err ended.
func (b *httpBox) failed(x *exchange, r *http.Request, err error) (*http.Response, error) {
	b.options.report(fmt.Errorf("box %q: %s %s: %w", b.Name(), r.Method, r.URL.Host, err))
	if x.upload.broken() || b.cuts(x, err) {
		panic(http.ErrAbortHandler)
	}
	status := b.failureStatus(x, err)
	if status == http.StatusInternalServerError {
		return nil, err
	}
	resp := goproxy.NewResponse(r, goproxy.ContentTypeText, status, http.StatusText(status)+": the next hop failed\n")
	if b.spec.Quirks.ClosesOnFailure {
		resp.Header.Set("Connection", "close")
	}
	return resp, nil
}

func (b *httpBox) failureStatus(x *exchange, err error) int {
	q := &b.spec.Quirks
	switch {
	case q.RefusedStatus != 0 && isRefused(err):
		return q.RefusedStatus
	case q.FailureInHead != 0 && x.began.Load():
		return q.FailureInHead
	case q.FailureStatus != 0:
		return q.FailureStatus
	case isTimeout(err):
		return http.StatusGatewayTimeout
	}
	return http.StatusBadGateway
}

func isTimeout(err error) bool {
	var ne net.Error
	return errors.Is(err, context.DeadlineExceeded) || errors.As(err, &ne) && ne.Timeout()
}

func isRefused(err error) bool { return errors.Is(err, syscall.ECONNREFUSED) }
