package proxies

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"

	"gauntlet/proxies/heads"
	"gauntlet/proxies/http1"
	"gauntlet/proxies/network"
	"gauntlet/proxies/outage"
	"gauntlet/proxies/streams"
	"gauntlet/proxies/upstream"
)

// What closes-after-answer may say.
const (
	announced = "announced"
	silently  = "silently"
)

// clientQuirks are about the connections of clients.
func clientQuirks() []Quirk {
	return []Quirk{
		{
			Word: "client-idle", kinds: []Kind{Forward, TLS, Intercept, Portal},
			Help: "closes a client's connection on which nothing happened for D since the last answer, silently or as each answer announces by Keep-Alive: timeout=",
			effect: takes(optional(duration(), announced), func(b *behaviour, idle idleTime) {
				b.clientIdle = idle.value
				b.answer = append(b.answer, func(resp *http.Response) { announceIdle(resp.Header, idle) })
			}),
		},
		{
			Word: "closes-after-answer", kinds: []Kind{Forward, TLS, Intercept, Portal},
			Help: "ends the client's connection after each answer, with Connection: close in the answer or without a word",
			effect: takes(choice(announced, silently), func(b *behaviour, how string) {
				if how == announced {
					b.closes = append(b.closes, func(*http.Request) bool { return true })
					return
				}
				b.answered = append(b.answered, func(c *clientConn) { _ = c.Close() }) // the client may have been faster
			}),
		},
		{
			Word: "closes-old",
			Help: "closes the connection of an HTTP/1.0 client even if it asks for keep-alive",
			effect: does(func(b *behaviour) {
				b.closes = append(b.closes, func(r *http.Request) bool { return !r.ProtoAtLeast(1, 1) })
			}),
		},
		// No standard knows the field; old browsers and clients send nothing else.
		{
			Word:   "heeds-proxy-connection",
			Help:   "takes Proxy-Connection for Connection, so that an HTTP/1.0 client is kept that asks by it alone",
			effect: does(func(b *behaviour) { b.readHead = append(b.readHead, heedProxyConnection) }),
		},
		{
			Word:   "loses-pipelined",
			Help:   "drops what comes after a request before that is answered, and its sender waits for ever",
			effect: does(func(b *behaviour) { b.losesPipelined = true }),
		},
		{
			Word:   "cancels",
			Help:   "breaks an exchange off upstream as soon as the client leaves, as goproxy does",
			effect: does(func(b *behaviour) { b.cancels = true }),
		},
		{
			Word: "takes-origin-form", kinds: []Kind{Forward, TLS},
			Help:   "sends a request without a URL to its Host, as most servers do that double as proxies",
			effect: does(func(b *behaviour) { b.takesOriginForm = true }),
		},
		{
			Word: "redirects", kinds: []Kind{Portal},
			Help:   "a portal answers with a 302 to its page in the page's place",
			effect: does(func(b *behaviour) { b.redirects = true }),
		},
	}
}

// heedProxyConnection is the head in which net/http finds what it looks for.
// The box goes by its own copy of the head as it came.
func heedProxyConnection(head []byte) []byte {
	h := http1.Parse(head)
	if h.Has("Connection") {
		return head
	}
	h.Replace("Proxy-Connection", func(f http1.Field) []http1.Field {
		f.Raw = f.Raw[len("Proxy-"):]
		return []http1.Field{f}
	})
	return h.Bytes()
}

// connectionQuirks are about the connections upstream. The faithful box dials
// from one address, keeps every connection that it ever needed at once, for
// ever, and shares them among all its clients.
func connectionQuirks() []Quirk {
	return []Quirk{
		{
			Word: egressWord, kinds: serving(),
			Help:   "dials from that many addresses in turn, as the routers of a carrier do",
			effect: takes(number(2, 100), func(b *behaviour, n int) { b.addresses = n }),
		},
		{
			Word: balancesWord,
			Help: "spreads what it sends over so many machines, in turn; what comes by one address, or on one connection, or shows the cookie that it gives, stays at one; a machine that does not accept within 3 s is passed over",
			effect: takes(balancing(), func(b *behaviour, spread balanced) {
				b.balancer = &balancer{machines: spread.over, by: spread.by, known: map[string]int{}}
				b.forwarded = append(b.forwarded, b.balancer.direct)
				b.answer = append(b.answer, b.balancer.tell)
			}),
		},
		{
			Word:   "stale-pool",
			Help:   "does not notice that a server has ended a connection that rests in its pool, and sends the next request on it: a failure, unless retries is there as well",
			effect: does(func(b *behaviour) { b.staleReuse = true }),
		},
		{
			Word: "nat-idle", kinds: []Kind{Relay, Connect, Socks4, Socks4a, Socks5},
			Help: "a router on its way forgets a connection on which nothing came for D: what either side sends then is lost without a word, or answered by a reset, and the other side hears nothing",
			effect: takes(optional(duration(), "resets"), func(b *behaviour, idle idleTime) {
				b.natIdle, b.natResets = idle.value, idle.word
			}),
		},
		{
			Word: "silent", kinds: serving(),
			Help:   "for a while no byte passes between it and its clients, either way, and no end; then what was sent arrives",
			effect: takes(span(), func(b *behaviour, t window) { b.outage = outage.New(t.from, t.lasts) }),
		},
		{
			Word: unpluggedWord, kinds: serving(),
			Help: "for a while its cable is out: as silent, and who connects is not answered; the connections from before live on, or are dead, and who speaks on one is told by a reset",
			effect: takes(optional(span(), "dead"), func(b *behaviour, t with[window]) {
				b.outage = outage.New(t.value.from, t.value.lasts)
				b.outage.Unplugged, b.outage.Dead = true, t.word
			}),
		},
		// Whether the server is told so is another quirk: says-connection close.
		{
			Word: "fresh-upstream",
			Help: "gives each request a connection of its own, which ends with the answer",
			effect: does(func(b *behaviour) {
				b.forwarded = append(b.forwarded, func(_ *exchange, r *http.Request) { r.Close = true })
				b.generatedHead = append(b.generatedHead, hideEnd)
			}),
		},
		// What HTTP/2 has no place for does not come through: the spelling of names, reasons,
		// what is for one hop, more than one Cookie.
		{
			Word: "http2", kinds: []Kind{Forward, TLS, Intercept},
			Help:   "its two halves speak HTTP/2 with each other, as a CDN's do: names come out in lower case, reasons are the usual ones, Cookies are joined",
			effect: does(speakHTTP2),
		},
		// HTTP/1 is for the tunnels that it makes.
		{
			Word: upstreamHTTP2Word, kinds: []Kind{Forward, Intercept},
			Help: "speaks HTTP/2 with what comes next, another of our HTTP proxies or the gateway, without TLS and without asking first: requests share a connection, each a stream of its own; faults there are about whole requests and answers",
			effect: does(func(b *behaviour) {
				b.streams = true
				forgetHTTP1(b)
			}),
		},
		{
			Word:   "pool-bound",
			Help:   "a connection upstream serves the requests of one client connection, and ends with it",
			effect: does(func(b *behaviour) { b.poolBound = true }),
		},
		{
			Word:   "pool-per-host",
			Help:   "keeps so many idle connections to a server at most; two is net/http's own habit",
			effect: takes(number(1, 10000), func(b *behaviour, n int) { b.pooled = n }),
		},
		{
			Word: "upstream-idle",
			Help: "closes a pooled connection on which nothing happened for D since the last answer, silently or as each request announces by Keep-Alive: timeout=",
			effect: takes(optional(duration(), announced), func(b *behaviour, idle idleTime) {
				b.upstreamIdle = idle.value
				b.forwarded = append(b.forwarded, func(_ *exchange, r *http.Request) { announceIdle(r.Header, idle) })
			}),
		},
		{
			Word: "upstream-timeout", kinds: []Kind{Forward, TLS, Intercept, Connect, Socks4, Socks4a, Socks5},
			Help:   "grants a dial, and an answer until it begins, this time; what takes longer is a 504",
			effect: takes(duration(), func(b *behaviour, d time.Duration) { b.patience = d }),
		},
	}
}

// serving are the boxes through which anything gets.
func serving() []Kind {
	return []Kind{Forward, TLS, Intercept, Connect, Relay, Socks4, Socks4a, Socks5}
}

// balanced is over how many machines a box spreads what it sends, and what stays
// together.
type balanced struct {
	over int
	by   string
}

func balancing() argument[balanced] {
	over, by := number(2, 3), choice(byAddress, byConnection, byCookie, byNothing)
	return argument[balanced]{"2|3 by " + by.example, func(s *scanner) (b balanced, err error) {
		if b.over, err = over.read(s); err != nil {
			return b, err
		}
		if s.next().text != "by" {
			return b, s.wrong("not what belongs here", "by")
		}
		b.by, err = by.read(s)
		return b, err
	}, func(b balanced) string { return fmt.Sprintf("%d by %s", b.over, b.by) }}
}

// idleTime is how long an idle connection lives, and whether that is announced.
type idleTime = with[time.Duration]

func announceIdle(h http.Header, idle idleTime) {
	if idle.word {
		h["Keep-Alive"] = []string{fmt.Sprintf("timeout=%d", int(idle.value.Seconds()))}
	}
}

// hideEnd takes away the field by which net/http tells the server that the
// connection ends.
func hideEnd(x *exchange, head []byte) []byte {
	if x.saysEnd {
		return head
	}
	return bytes.Replace(head, []byte("\r\nConnection: close\r\n"), []byte("\r\n"), 1)
}

// mapping is what a router with one address remembers of a connection through it.
type mapping struct {
	lives  time.Duration // without a byte
	resets bool

	mu        sync.Mutex
	used      time.Time
	forgotten bool
}

// passes reports whether what comes from a side finds its way; a reset is the answer
// to what does not, if any is.
func (m *mapping) passes(from net.Conn) bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.forgotten = m.forgotten || time.Since(m.used) >= m.lives; !m.forgotten {
		m.used = time.Now()
		return true
	}
	if m.resets {
		_ = network.Reset(from) // it may be gone
	}
	return false
}

// speakHTTP2 has requests and answers cross an HTTP/2 connection within the box.
func speakHTTP2(b *behaviour) {
	forgetHTTP1(b)
	b.roundTrip = append(b.roundTrip, overHTTP2)
	b.requestHead = append(b.requestHead, heads.Lower)
}

// forgetHTTP1 leaves answers only what HTTP/2 can say.
func forgetHTTP1(b *behaviour) {
	b.chunksUnknown = true
	b.answerHead = append(b.answerHead, heads.Lower)
	b.statusLine = append(b.statusLine, func(line, _ string) string {
		status, _ := strconv.Atoi(strings.Fields(line)[1]) // net/http has written it
		return fmt.Sprint(line[:len("HTTP/1.1 200")], " ", http.StatusText(status))
	})
}

// overHTTP2 gives each exchange a connection of its own, which ends with it.
func overHTTP2(next roundTrip) roundTrip {
	return func(x *exchange, r *http.Request) (*http.Response, error) {
		ctx, fail := context.WithCancelCause(r.Context())
		resp, err := (&http2Leg{x, r, next, fail}).ask(ctx)
		if err != nil {
			fail(err)
			return nil, context.Cause(ctx) // the far half's, if it has one
		}
		resp.Request, resp.Proto, resp.ProtoMajor, resp.ProtoMinor = r, "HTTP/1.1", 1, 1
		return resp, nil
	}
}

// http2Leg is the way of one request and its answer from the half of a box that the
// client knows to the one that the server knows.
type http2Leg struct {
	x       *exchange
	request *http.Request // on the near side
	next    roundTrip     // on from the far side
	fail    context.CancelCauseFunc
}

// ask sends the request to the far half. The connection lives as long as ctx.
func (l *http2Leg) ask(ctx context.Context) (*http.Response, error) {
	near, far := net.Pipe()
	context.AfterFunc(ctx, func() { _ = near.Close() }) // the far end follows
	protocols := &http.Protocols{}
	protocols.SetUnencryptedHTTP2(true)
	server := &http.Server{Handler: l, Protocols: protocols, ErrorLog: l.x.box.server.ErrorLog}
	go server.Serve(network.OneConn(far, ctx.Done())) //nolint:errcheck // it ends with its only connection
	transport := &http.Transport{
		Protocols: protocols, DisableCompression: true,
		DialContext: func(context.Context, string, string) (net.Conn, error) { return near, nil },
	}
	c, err := transport.NewClientConn(ctx, "http", "far:80")
	if err != nil {
		return nil, err
	}
	r := l.request.WithContext(ctx)
	r.Header, r.Close = l.request.Header.Clone(), false
	heads.RemoveHopByHop(r.Header)
	delete(r.Header, "Expect") // the far half sees to it
	return c.RoundTrip(r)
}

// ServeHTTP is the far half: it forwards the request, and resets the stream where the
// answer breaks off. Why there is none the near half is told behind HTTP/2's back.
func (l *http2Leg) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if !l.x.box.life.begin() {
		panic(http.ErrAbortHandler)
	}
	defer l.x.box.life.done()
	onward, err := l.onward(r)
	var resp *http.Response
	if err == nil {
		resp, err = l.next(l.x, onward)
	}
	if err == nil && resp.StatusCode == http.StatusSwitchingProtocols {
		err = errors.Join(errors.New("HTTP/2 knows no 101"), resp.Body.Close())
	}
	if err != nil {
		l.fail(err)
		panic(http.ErrAbortHandler)
	}
	streams.Answer(w, resp)
}

// onward is the request as the far half sends it. What came as a whole goes as a whole.
func (l *http2Leg) onward(r *http.Request) (*http.Request, error) {
	onward := r.WithContext(l.x.join(r.Context()))
	onward.URL, onward.RequestURI, onward.Close = l.request.URL, "", l.request.Close
	for _, own := range []string{"Connection", "Expect", "Keep-Alive"} { // what it says of its own accord
		if values, says := l.request.Header[own]; says {
			onward.Header[own] = values
		}
	}
	if _, named := onward.Header["User-Agent"]; !named {
		onward.Header["User-Agent"] = nil // or net/http would
	}
	if _, whole := l.request.Body.(*upstream.Memory); !whole && r.ContentLength != 0 {
		return onward, nil
	}
	body, err := io.ReadAll(r.Body)
	onward.Body, onward.GetBody = http.NoBody, nil
	if len(body) > 0 {
		onward.GetBody = func() (io.ReadCloser, error) { return upstream.NewMemory(body), nil }
		onward.Body, _ = onward.GetBody() // it never fails
	}
	return onward, err
}
