package proxies

import (
	"net/http"

	"github.com/elazarl/goproxy"
)

// roundTrip is the way upstream; a failure becomes the page that the client
// gets for it. The body is wrapped here and not in prepareAnswer, because
// goproxy drops the length of one that changes later.
func (b *httpBox) roundTrip(r *http.Request, c *goproxy.ProxyCtx) (*http.Response, error) {
	x := exchangeOf(c)
	resp, err := b.proxy.Tr.RoundTrip(r)
	if err != nil {
		return b.failed(x, r, err)
	}
	x.answered = true
	if !b.spec.Quirks.CompletesCut {
		resp.Body = &cutBody{ReadCloser: resp.Body, w: x.w}
	}
	return resp, nil
}

// prepareAnswer makes what came from upstream into what the client shall get.
// The box's own pages are left alone; resp is nil for one of goproxy's.
func (b *httpBox) prepareAnswer(resp *http.Response, c *goproxy.ProxyCtx) *http.Response {
	x, q := exchangeOf(c), b.spec.Quirks
	if !x.answered {
		return resp
	}
	if !q.PassesHopByHop {
		removeHopByHop(resp.Header)
	}
	if !q.InventsFields {
		inventNothing(resp.Header)
	}
	if !q.Reframes {
		keepFraming(resp)
	}
	x.respellAnswer()
	return resp
}
