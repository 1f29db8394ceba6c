package proxies

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"sync"

	"github.com/elazarl/goproxy"
)

// httpBox is what forward and intercepting boxes share: an http.Server towards
// the client, goproxy in the middle, one pool of connections upstream.
type httpBox struct {
	spec    Spec
	options Options
	owned   *owned
	server  *http.Server
	proxy   *goproxy.ProxyHttpServer
}

// Name is the box's one-line form.
func (b *httpBox) Name() string { return b.spec.String() }

// newHTTPBox builds the box; originForm serves requests that name no host in
// their request line.
func newHTTPBox(s Spec, o Options, originForm func(*httpBox) http.HandlerFunc) *httpBox {
	b := &httpBox{spec: s, options: o, owned: newOwned(), proxy: goproxy.NewProxyHttpServer()}
	b.proxy.Logger = goproxyLog{o.Logger}
	b.proxy.Tr = b.transport()
	b.proxy.ConnectDial = nil // it would read proxy settings from the environment
	s.Quirks.setCompression(b.proxy, b.proxy.Tr)
	b.proxy.NonproxyHandler = originForm(b)
	b.proxy.OnRequest().DoFunc(b.prepareRequest)
	b.proxy.OnResponse().DoFunc(b.prepareAnswer)
	b.server = &http.Server{ // no timeouts of its own: a box that hangs up unasked would be a fault
		Handler:                      b,
		ConnContext:                  withDownstream,
		ConnState:                    b.count(),
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
	err := b.server.Serve(&listener{l, b.owned})
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

// ServeHTTP takes one request from the client, gives it what it needs to find
// its connections again, and hands it to goproxy.
func (b *httpBox) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if !b.owned.begin() {
		panic(http.ErrAbortHandler)
	}
	defer b.owned.work.Done()
	x := newExchange(w, r)
	if r.Method == http.MethodConnect {
		b.tunnel(x, r)
		return
	}
	ctx, release := b.patience(r.Context())
	defer release()
	ctx = x.join(ctx)
	if !b.spec.Quirks.CanonicalNames {
		ctx = x.follow(ctx)
	}
	b.proxy.ServeHTTP(w, r.WithContext(ctx))
}

// count gives the hook that counts the server's goroutines, one for each
// connection, so that Close can wait for them.
func (b *httpBox) count() func(net.Conn, http.ConnState) {
	var counted sync.Map
	return func(c net.Conn, s http.ConnState) {
		switch s {
		case http.StateNew:
			if b.owned.begin() {
				counted.Store(c, true)
			}
		case http.StateClosed, http.StateHijacked:
			if _, was := counted.LoadAndDelete(c); was {
				b.owned.work.Done()
			}
		}
	}
}

type downstreamKey struct{}

func withDownstream(ctx context.Context, c net.Conn) context.Context {
	return context.WithValue(ctx, downstreamKey{}, c)
}

// goproxyLog gives goproxy's own words to the box's logger.
type goproxyLog struct{ to *slog.Logger }

// Printf logs one line.
func (l goproxyLog) Printf(format string, v ...any) { l.to.Debug(fmt.Sprintf(format, v...)) }
