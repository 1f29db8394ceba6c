package proxies

import (
	"context"
	"net/http"
	"net/http/httptrace"
	"net/textproto"
	"sync/atomic"

	"github.com/elazarl/goproxy"
)

// exchange is one request and its answer on their way through a box. It ties
// the connection on one face to the connection on the other, which net/http
// keeps apart: the client's comes with the request's context, the gateway's is
// told by httptrace before anything is written to it.
type exchange struct {
	box      *httpBox
	w        http.ResponseWriter
	client   *downstream
	request  *head                // the request's head as it came
	upload   upload               // reading the request's body
	answer   atomic.Pointer[head] // the answer's head as it came
	reused   atomic.Bool          // the connection upstream had served before
	began    atomic.Bool          // a byte of the answer came
	answered bool                 // what the client gets is from upstream
}

type exchangeKey struct{}

func newExchange(b *httpBox, w http.ResponseWriter, r *http.Request) *exchange {
	client := downstreamOf(r)
	x := &exchange{box: b, w: w, client: client, request: client.nextHead()}
	client.answers.arm(x.ownAnswerChange())
	return x
}

// exchangeOf finds the exchange that a goproxy handler is called for.
func exchangeOf(c *goproxy.ProxyCtx) *exchange {
	return c.Req.Context().Value(exchangeKey{}).(*exchange)
}

// join puts the exchange into the context that the request travels with.
func (x *exchange) join(ctx context.Context) context.Context {
	return context.WithValue(ctx, exchangeKey{}, x)
}

// follow has net/http tell which connection upstream it chooses; after a
// failure in which nothing was written it may choose another.
func (x *exchange) follow(ctx context.Context) context.Context {
	trace := &httptrace.ClientTrace{
		GotConn: func(info httptrace.GotConnInfo) {
			x.reused.Store(info.Reused)
			x.began.Store(false)
			if u, ok := info.Conn.(*upstream); ok {
				u.expect(x)
			}
		},
	}
	if x.box.spec.Quirks.OnContinue != "" {
		trace.Got1xxResponse = func(code int, _ textproto.MIMEHeader) error { return x.gotInterim(ctx, code) }
	}
	return httptrace.WithClientTrace(ctx, trace)
}
