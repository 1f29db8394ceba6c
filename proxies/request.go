package proxies

import (
	"net/http"

	"github.com/elazarl/goproxy"
)

// prepareRequest makes what net/http parsed into what shall go upstream.
func (b *httpBox) prepareRequest(r *http.Request, c *goproxy.ProxyCtx) (*http.Request, *http.Response) {
	x, q := exchangeOf(c), &b.spec.Quirks
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
	if q.MeasuresRequests {
		measure(r)
	}
	return r, nil
}

// sign adds what the box says of itself upstream. It comes after goproxy has
// taken fields away.
func (b *httpBox) sign(x *exchange, r *http.Request) {
	q, h := &b.spec.Quirks, r.Header
	b.passCredentials(h, x.request)
	if q.Via.Name != "" && !q.Via.AnswersOnly {
		q.Via.add(h, r.ProtoMinor)
	}
	if q.XForwardedFor {
		forwardedFor(h, x.client)
	}
	if q.PassesProxyConnection {
		passField(h, x.request, "Proxy-Connection")
	}
	q.expect(h, x.request)
	if q.SaysConnection != "" {
		h["Connection"] = []string{q.SaysConnection}
	}
	if q.NamesHost != "" {
		r.Host = q.NamesHost
	}
	q.UpstreamIdle.announce(h)
	setFields(h, b.sets.request)
	r.Close = r.Close || q.FreshUpstream
}

// passField puts back a field as it came.
func passField(h http.Header, original *head, key string) {
	for _, f := range original.fields {
		if f.key == key {
			h[key] = append(h[key], f.value)
		}
	}
}
