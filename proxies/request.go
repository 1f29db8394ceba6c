package proxies

import (
	"net/http"

	"github.com/elazarl/goproxy"
)

// prepareRequest makes what net/http parsed into what shall go upstream.
func (b *httpBox) prepareRequest(r *http.Request, c *goproxy.ProxyCtx) (*http.Request, *http.Response) {
	x, q := exchangeOf(c), b.spec.Quirks
	c.RoundTripper = goproxy.RoundTripperFunc(b.roundTrip)
	if !q.PassesHopByHop {
		removeHopByHop(r.Header)
		r.Close = false // whether the client keeps its connection is no matter of ours upstream
	}
	if !q.InventsFields {
		keepOwnFields(r.Header, x.request)
	}
	hideFromRetry(r.Header)
	x.upload.watch(r)
	return r, nil
}
