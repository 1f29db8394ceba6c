package proxies

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"

	"github.com/elazarl/goproxy"
)

// httpBox is what the boxes share that speak HTTP: an http.Server towards the
// client, goproxy in the middle, a pool of connections upstream.
type httpBox struct {
	spec    Spec
	options Options
	owned   *owned
	egress  egress
	server  *http.Server
	proxy   *goproxy.ProxyHttpServer
	serve   func(*exchange, *http.Request) // what the kind of box does with a request
	sets    struct{ request, answer []field }
	cache   *cache     // nil unless it caches
	ca      *Authority // nil unless it opens TLS
}

// Name is the box's one-line form.
func (b *httpBox) Name() string { return b.spec.String() }

// newHTTPBox builds a box that forwards requests in absolute-form; the kinds
// change what they do differently.
func newHTTPBox(s Spec, o Options) *httpBox {
	b := &httpBox{spec: s, options: o, owned: newOwned(), egress: newEgress(s, o), proxy: goproxy.NewProxyHttpServer(), cache: newCache(s.Quirks.Caches)}
	b.serve = b.forwardOrTunnel
	b.sets.request, b.sets.answer = splitFields(s.Quirks.SetsInRequest), splitFields(s.Quirks.SetsInAnswer)
	b.proxy.Logger = goproxyLog{o.Logger}
	b.proxy.Tr = b.transport()
	b.proxy.ConnectDial = nil // it would read proxy settings from the environment
	s.Quirks.setCompression(b.proxy, b.proxy.Tr)
	b.proxy.NonproxyHandler = http.HandlerFunc(refuseOriginForm)
	b.proxy.OnRequest().DoFunc(b.prepareRequest)
	b.proxy.OnResponse().DoFunc(b.prepareAnswer)
	b.server = &http.Server{ // no timeouts but a quirk's: a box that hangs up unasked would be a fault
		Handler:                      b,
		ConnContext:                  withDownstream,
		ConnState:                    b.follow(),
		IdleTimeout:                  s.Quirks.ClientIdle.After,
		ErrorLog:                     slog.NewLogLogger(o.Logger.Handler(), slog.LevelDebug),
		DisableGeneralOptionsHandler: true,
	}
	return b
}

// Serve accepts connections from l until Close.
func (b *httpBox) Serve(l net.Listener) error {
	if !b.owned.begin() {
		return errors.Join(net.ErrClosed, l.Close())
	}
	defer b.owned.work.Done()
	err := b.server.Serve(&listener{l, b.owned, b.spec.Quirks})
	if errors.Is(err, http.ErrServerClosed) {
		return nil
	}
	return fmt.Errorf("box %q: serve: %w", b.Name(), err)
}

// Close ends the box; whatever is in flight is cut. Clients go first, or they
// would be told that the upstream failed.
func (b *httpBox) Close() error {
	err := b.server.Close()
	if errors.Is(err, net.ErrClosed) {
		err = nil
	}
	err = errors.Join(err, b.owned.end())
	b.proxy.Tr.CloseIdleConnections()
	return err
}

// ServeHTTP takes one request from the client and gives it what it needs to
// find its connections again.
func (b *httpBox) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if !b.owned.begin() {
		panic(http.ErrAbortHandler)
	}
	defer b.owned.work.Done()
	x := newExchange(b, w, r)
	b.decideKeepAlive(w.Header(), r)
	if b.admits(w, r) && !b.refusesTunnel(x, r) {
		b.serve(x, r)
	}
}

// forwardOrTunnel is what an HTTP proxy does.
func (b *httpBox) forwardOrTunnel(x *exchange, r *http.Request) {
	if r.Method == http.MethodConnect {
		b.tunnel(x, r)
		return
	}
	b.forward(x, r)
}

// forward hands the request to goproxy.
func (b *httpBox) forward(x *exchange, r *http.Request) {
	ctx, release := b.patience(r.Context())
	defer release()
	b.proxy.ServeHTTP(x.w, r.WithContext(x.follow(x.join(ctx))))
}

type downstreamKey struct{}

func withDownstream(ctx context.Context, c net.Conn) context.Context {
	return context.WithValue(ctx, downstreamKey{}, c)
}

func downstreamOf(r *http.Request) *downstream {
	client, _ := r.Context().Value(downstreamKey{}).(*downstream)
	return client
}

// goproxyLog gives goproxy's own words to the box's logger.
type goproxyLog struct{ to *slog.Logger }

// Printf logs one line.
func (l goproxyLog) Printf(format string, v ...any) { l.to.Debug(fmt.Sprintf(format, v...)) }
