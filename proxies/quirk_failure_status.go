package proxies

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"

	"github.com/elazarl/goproxy"
)

// A faithful box answers 502 when the next hop fails and 504 when it is too
// slow, with one line of text. A client whose own request broke off gets no
// answer, for there is nothing to answer.
//
// Quirk `failure-status N` (Quirks.FailureStatus): N for every failure; 500 is
// goproxy's own page, with Go's error in it.

// failed is the answer to an exchange that err ended.
func (b *httpBox) failed(x *exchange, r *http.Request, err error) (*http.Response, error) {
	b.options.report(fmt.Errorf("box %q: %s %s: %w", b.Name(), r.Method, r.URL.Host, err))
	if x.upload.broken() {
		panic(http.ErrAbortHandler)
	}
	status := b.spec.Quirks.FailureStatus
	switch {
	case status == http.StatusInternalServerError:
		return nil, err
	case status == 0 && isTimeout(err):
		status = http.StatusGatewayTimeout
	case status == 0:
		status = http.StatusBadGateway
	}
	return goproxy.NewResponse(r, goproxy.ContentTypeText, status, http.StatusText(status)+": the next hop failed\n"), nil
}

func isTimeout(err error) bool {
	var ne net.Error
	return errors.Is(err, context.DeadlineExceeded) || errors.As(err, &ne) && ne.Timeout()
}
