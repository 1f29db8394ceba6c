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
// Quirk `doubles` (Quirks.Doubles): it sends each POST twice, the second as soon
// as the first is written, on a connection of its own, and passes on the answer
// to the first; what comes for the second is dropped.

// double sends a POST twice.
func (b *httpBox) double(x *exchange, r *http.Request, way http.RoundTripper) (*http.Response, error) {
	body, err := x.whole(r)
	if err != nil || r.Method != http.MethodPost {
		return way.RoundTrip(r)
	}
	twin := r.Clone(context.Background()) // or it would be taken for the request itself
	twin.Body = io.NopCloser(bytes.NewReader(body))
	var once sync.Once
	ctx := httptrace.WithClientTrace(r.Context(), &httptrace.ClientTrace{
		WroteRequest: func(httptrace.WroteRequestInfo) { once.Do(func() { b.sendAside(x, twin) }) },
	})
	return way.RoundTrip(r.WithContext(ctx))
}

// sendAside sends the twin and drops its answer.
func (b *httpBox) sendAside(x *exchange, twin *http.Request) {
	if !b.owned.begin() {
		return
	}
	go func() {
		defer b.owned.work.Done()
		ctx, cancel := b.patience(context.Background())
		defer cancel()
		own, way := &exchange{box: x.box, request: x.request}, b.transport()
		defer way.CloseIdleConnections()
		resp, err := way.RoundTrip(twin.WithContext(own.follow(ctx)))
		if err != nil {
			b.options.report(err)
			return
		}
		_, _ = io.Copy(io.Discard, resp.Body) // nobody wants it
		_ = resp.Body.Close()
	}()
}

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
