package proxies

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"net/http/httptrace"
	"sync"
)

// A faithful box sends a request upstream once.
//
// Quirk `doubles` (Quirks.Doubles): it sends each POST twice, on two
// connections, the second as soon as the first is written, and passes on the
// answer to the first; what comes for the second is dropped.

// double sends a POST twice.
func (b *httpBox) double(x *exchange, r *http.Request, way http.RoundTripper) (*http.Response, error) {
	body, err := x.whole(r)
	if err != nil || r.Method != http.MethodPost {
		return way.RoundTrip(r)
	}
	twin := r.Clone(withoutTrace(r.Context()))
	twin.Body = io.NopCloser(bytes.NewReader(body))
	var once sync.Once
	ctx := httptrace.WithClientTrace(r.Context(), &httptrace.ClientTrace{
		WroteRequest: func(httptrace.WroteRequestInfo) { once.Do(func() { b.sendAside(x, twin, way) }) },
	})
	return way.RoundTrip(r.WithContext(ctx))
}

// sendAside sends the twin and drops its answer.
func (b *httpBox) sendAside(x *exchange, twin *http.Request, way http.RoundTripper) {
	if !b.owned.begin() {
		return
	}
	go func() {
		defer b.owned.work.Done()
		ctx, cancel := b.patience(context.Background())
		defer cancel()
		own := &exchange{box: x.box, request: x.request}
		resp, err := way.RoundTrip(twin.WithContext(own.follow(ctx)))
		if err != nil {
			b.options.report(err)
			return
		}
		_, _ = io.Copy(io.Discard, resp.Body) // nobody wants it
		_ = resp.Body.Close()
	}()
}

// withoutTrace keeps the twin from being taken for the request itself.
func withoutTrace(context.Context) context.Context { return context.Background() }

// whole reads the request's body, up to replayLimit, and has it sent from
// memory.
func (x *exchange) whole(r *http.Request) ([]byte, error) {
	if r.ContentLength == 0 || r.Body == nil {
		return nil, nil
	}
	body, err := io.ReadAll(io.LimitReader(r.Body, replayLimit+1))
	rest := r.Body
	r.Body = io.NopCloser(io.MultiReader(bytes.NewReader(body), rest))
	if err == nil && len(body) > replayLimit {
		err = errTooLong
	}
	return body, err
}
