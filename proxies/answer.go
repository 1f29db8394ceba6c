package proxies

import (
	"net/http"

	"github.com/elazarl/goproxy"
)

// roundTrip is the way upstream; a failure becomes the page that the client
// gets for it. The body is wrapped here and not in prepareAnswer, because
// goproxy drops the length of one that changes later.
func (b *httpBox) roundTrip(r *http.Request, c *goproxy.ProxyCtx) (*http.Response, error) {
	x, q := exchangeOf(c), &b.spec.Quirks
	b.sign(x, r)
	resp, err := b.fetch(x, r)
	if err == nil && q.BuffersAnswers {
		err = gatherBody(resp)
	}
	if err != nil {
		return b.failed(x, r, err)
	}
	x.answered = true
	if q.HoldsBody {
		resp.Body = &heldBody{ReadCloser: resp.Body}
	}
	if !q.CompletesCut {
		resp.Body = &cutBody{ReadCloser: resp.Body, w: x.w}
	}
	return resp, nil
}

// fetch gets the answer: from memory, or from upstream as often as the box
// asks.
func (b *httpBox) fetch(x *exchange, r *http.Request) (*http.Response, error) {
	if b.cache != nil {
		return b.cache.fetch(x, r, b.send)
	}
	return b.send(x, r)
}

func (b *httpBox) send(x *exchange, r *http.Request) (*http.Response, error) {
	way := b.way(x)
	if b.spec.Quirks.Doubles {
		return b.double(x, r, way)
	}
	resp, err := way.RoundTrip(r)
	if err != nil && b.spec.Quirks.Retries.Which != "" {
		return b.retry(x, r, way, err)
	}
	return resp, err
}

// prepareAnswer makes what came from upstream into what the client shall get.
// The box's own pages are left alone; resp is nil for one of goproxy's.
func (b *httpBox) prepareAnswer(resp *http.Response, c *goproxy.ProxyCtx) *http.Response {
	x, q := exchangeOf(c), &b.spec.Quirks
	if !x.answered {
		if resp != nil {
			b.decideKeepAlive(resp.Header, c.Req)
		}
		return resp
	}
	if !q.PassesHopByHop {
		removeHopByHop(resp.Header)
	}
	if !q.InventsFields {
		inventNothing(resp.Header)
	}
	if !q.Reframes {
		q.keepFraming(resp)
	}
	b.signAnswer(resp)
	b.decideKeepAlive(resp.Header, c.Req)
	x.client.answers.arm(x.answerChange())
	return resp
}

// signAnswer adds what the box says of itself to the client.
func (b *httpBox) signAnswer(resp *http.Response) {
	q, h := &b.spec.Quirks, resp.Header
	if q.Via.Name != "" {
		q.Via.add(h, resp.ProtoMinor)
	}
	if q.Dates {
		addDate(h)
	}
	q.ClientIdle.announce(h)
	setFields(h, b.sets.answer)
}
