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

	"gauntlet/proxies/heads"
	"gauntlet/proxies/network"
	"gauntlet/proxies/upstream"
)

// httpBox is what the boxes share that speak HTTP: an http.Server towards the
// client, goproxy in the middle, a pool of connections upstream. A request goes
// through it from ServeHTTP by serve, goproxy, prepareRequest and roundTrip to
// the pool, and its answer back by prepareAnswer; what quirks change of that is
// in the behaviour.
type httpBox struct {
	spec      Spec
	options   Options
	behaviour *behaviour
	life      *lifetime
	dialer    *dialer
	pool      *upstream.Pool  // shared by all clients
	streams   *http.Transport // in its place where the box speaks HTTP/2; else nil
	send      roundTrip       // the way upstream, with all that quirks put around it
	server    *http.Server
	proxy     *goproxy.ProxyHttpServer
	serve     func(*exchange, *http.Request) // what the kind of box does with a request
}

// newHTTPBox builds a box that forwards requests in absolute-form; the kinds
// change what they do differently.
func newHTTPBox(s Spec, o Options) (*httpBox, error) {
	behaviour, err := behaviourOf(s)
	if err != nil {
		return nil, err
	}
	b := &httpBox{spec: s, options: o, behaviour: behaviour, life: newLifetime(), proxy: goproxy.NewProxyHttpServer()}
	b.dialer = &dialer{options: o, behaviour: behaviour, life: b.life}
	b.pool = b.dialer.pool()
	if behaviour.streams {
		b.streams = b.dialer.streams()
	}
	b.serve = b.forwardOrTunnel
	b.send = behaviour.through(func(x *exchange, r *http.Request) (*http.Response, error) { return x.send(x.pool(), r) })
	if o.Exposed {
		behaviour.admit = append([]func(*exchange, *http.Request) bool{behaviour.refuseLoop}, behaviour.admit...)
	}
	b.setProxy()
	b.setServer()
	return b, nil
}

func (b *httpBox) setProxy() {
	b.proxy.Logger = goproxyLog{b.options.Logger}
	b.proxy.Tr = &http.Transport{} // never asked: requests go by prepareRequest, tunnels by ours
	b.proxy.ConnectDial = nil      // it would read proxy settings from the environment
	b.proxy.KeepAcceptEncoding = !b.behaviour.asksForGzip
	b.proxy.NonproxyHandler = http.HandlerFunc(refuseOriginForm)
	if b.behaviour.takesOriginForm {
		b.goByHost()
	}
	b.proxy.OnRequest().DoFunc(b.prepareRequest)
	b.proxy.OnResponse().DoFunc(b.prepareAnswer)
}

// setServer sets no timeouts but a quirk's: a box that hangs up unasked would be
// a fault.
func (b *httpBox) setServer() {
	b.server = &http.Server{
		Handler:                      b,
		ConnContext:                  withClientConn,
		ConnState:                    b.follow(),
		IdleTimeout:                  b.behaviour.clientIdle,
		ErrorLog:                     slog.NewLogLogger(b.options.Logger.Handler(), slog.LevelDebug),
		DisableGeneralOptionsHandler: true,
	}
	if b.options.Exposed {
		b.server.ReadHeaderTimeout = headPatience
	}
}

// Name is the box's one-line form.
func (b *httpBox) Name() string { return b.spec.String() }

// Serve accepts connections from l until Close.
func (b *httpBox) Serve(l net.Listener) error {
	if !b.life.begin() {
		return errors.Join(net.ErrClosed, l.Close())
	}
	defer b.life.done()
	err := b.server.Serve(network.Wrap(b.behaviour.cabled(l, b.life, b.options), b.clientConn))
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
	err = errors.Join(err, b.life.end())
	b.pool.CloseIdle()
	if b.streams != nil {
		b.streams.CloseIdleConnections()
	}
	return err
}

// clientConn takes a client's connection into the box's possession.
func (b *httpBox) clientConn(nc net.Conn) (net.Conn, error) {
	c, err := b.life.own(nc)
	if err != nil {
		return nil, err
	}
	return newClientConn(c, b.behaviour), nil
}

// follow returns the hook by which a box follows its clients' connections. It
// counts the server's goroutines, one for each, so that Close can wait for
// them, and does what is due between two exchanges and at the end.
func (b *httpBox) follow() func(net.Conn, http.ConnState) {
	var counted sync.Map
	return func(c net.Conn, s http.ConnState) {
		client, _ := c.(*clientConn)
		switch s {
		case http.StateNew:
			if b.life.begin() {
				counted.Store(c, true)
			}
		case http.StateIdle:
			if client.filter != nil {
				client.filter.Answered()
			}
			for _, hook := range b.behaviour.answered {
				hook(client)
			}
		case http.StateClosed, http.StateHijacked:
			client.unbind()
			if _, was := counted.LoadAndDelete(c); was {
				b.life.done()
			}
		}
	}
}

// ServeHTTP takes one request from the client and gives it what it needs to
// find its connections again.
func (b *httpBox) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if !b.life.begin() {
		panic(http.ErrAbortHandler)
	}
	defer b.life.done()
	x := newExchange(b, w, r)
	b.announceEnd(w.Header(), r)
	for _, admits := range b.behaviour.admit {
		if !admits(x, r) {
			return
		}
	}
	b.serve(x, r)
}

// announceEnd says in the answer whose header is h that the client's connection
// ends with it, where it does.
func (b *httpBox) announceEnd(h http.Header, r *http.Request) {
	if b.behaviour.announcesEnd(r) {
		h["Connection"] = []string{"close"}
	}
}

// forwardOrTunnel is what an HTTP proxy does.
func (b *httpBox) forwardOrTunnel(x *exchange, r *http.Request) {
	if r.Method == http.MethodConnect {
		x.tunnel(r)
		return
	}
	b.forward(x, r)
}

// forward hands the request to goproxy.
func (b *httpBox) forward(x *exchange, r *http.Request) {
	ctx, release := b.patience(r.Context())
	defer release()
	b.proxy.ServeHTTP(x.w, r.WithContext(x.join(ctx)))
}

// patience derives the context for an exchange upstream from the client's;
// release ends it. A client that leaves after its request has lost the answer,
// not the request: real proxies finish it. A box that closes ends exchanges by
// their connections.
func (b *httpBox) patience(client context.Context) (ctx context.Context, release func()) {
	ctx, cancel := context.WithCancel(context.WithoutCancel(client))
	undoLeave := context.AfterFunc(client, func() {
		if !b.behaviour.cancels {
			await(ctx, b.behaviour.patience)
		}
		cancel()
	})
	return ctx, func() {
		undoLeave()
		cancel()
	}
}

// prepareRequest makes what net/http parsed into what shall go upstream.
func (b *httpBox) prepareRequest(r *http.Request, c *goproxy.ProxyCtx) (*http.Request, *http.Response) {
	x := exchangeOf(c)
	c.RoundTripper = goproxy.RoundTripperFunc(b.roundTrip)
	if b.behaviour.dropsHopByHop {
		heads.RemoveHopByHop(r.Header)
		r.Close = false // whether the client keeps its connection is no matter of ours upstream
	}
	if b.behaviour.inventsNothing {
		keepOwnFields(r.Header, x.request)
	}
	x.upload.watch(r)
	for _, hook := range b.behaviour.received {
		hook(x, r)
	}
	return r, nil
}

// roundTrip is the way upstream; a failure becomes the page that the client
// gets for it. The body is wrapped here and not in prepareAnswer, because
// goproxy drops the length of one that changes later.
func (b *httpBox) roundTrip(r *http.Request, c *goproxy.ProxyCtx) (*http.Response, error) {
	x := exchangeOf(c)
	if b.options.Parent && b.behaviour.login == "" {
		passField(r.Header, x.request, "Proxy-Authorization") // the parent's, which goproxy took away
	}
	for _, hook := range b.behaviour.forwarded {
		hook(x, r)
	}
	resp, err := b.send(x, r)
	if err != nil {
		return b.failed(x, r, err)
	}
	x.answered = true
	for _, hook := range b.behaviour.body {
		resp.Body = hook(resp.Body)
	}
	if b.behaviour.passesCuts {
		resp.Body = &cutBody{ReadCloser: resp.Body, w: x.w}
	}
	return resp, nil
}

// prepareAnswer makes what came from upstream into what the client shall get.
// The box's own pages are left alone; resp is nil for one of goproxy's.
func (b *httpBox) prepareAnswer(resp *http.Response, c *goproxy.ProxyCtx) *http.Response {
	x := exchangeOf(c)
	if !x.answered {
		if resp != nil {
			b.announceEnd(resp.Header, c.Req)
		}
		return resp
	}
	if b.behaviour.dropsHopByHop {
		heads.RemoveHopByHop(resp.Header)
	}
	if b.behaviour.inventsNothing {
		heads.InventNothing(resp.Header)
	}
	if b.behaviour.keepsFraming {
		b.behaviour.keepFraming(resp)
	}
	for _, hook := range b.behaviour.answer {
		hook(resp)
	}
	b.announceEnd(resp.Header, c.Req)
	x.client.answers.Arm(x.answerChange())
	return resp
}

// failed is the answer to an exchange that err ended: one line of text, or
// goproxy's own page with Go's error in it, which has status 500. A client whose
// own request broke off gets none, for there is nothing to answer.
func (b *httpBox) failed(x *exchange, r *http.Request, err error) (*http.Response, error) {
	b.options.report(fmt.Errorf("box %q: %s %s: %w", b.Name(), r.Method, r.URL.Host, err))
	status := b.behaviour.failureStatus(x, err)
	if x.upload.broken() || status == cutOff {
		panic(http.ErrAbortHandler)
	}
	if status == http.StatusInternalServerError {
		return nil, err
	}
	resp := goproxy.NewResponse(r, goproxy.ContentTypeText, status, http.StatusText(status)+": the next hop failed\n")
	for _, hook := range b.behaviour.failurePage {
		hook(resp.Header)
	}
	return resp, nil
}

// goproxyLog gives goproxy's own words to the box's logger.
type goproxyLog struct{ to *slog.Logger }

// Printf logs one line.
func (l goproxyLog) Printf(format string, v ...any) { l.to.Debug(fmt.Sprintf(format, v...)) }
