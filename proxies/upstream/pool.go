// Package upstream carries a proxy's requests to servers, over connections that it
// keeps between them. It does what net/http's Transport does for HTTP/1.1, with the
// same bytes, the same choice of connections and the same errors, at less cost: one
// goroutine a connection, which reads, and none that writes unless a body is still to
// come from somewhere.
//
// net/http writes the heads of requests and reads those of answers. The package
// unpacks nothing, follows no redirects, and reads no settings from the environment.
// Boxes import it. A Pool owns its connections, each with its goroutine, and the dials
// under way; CloseIdle ends those that nobody uses.
package upstream

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"slices"
	"sync"
	"time"

	"golang.org/x/net/idna"
)

// Options are a pool's. The zero value of each field but Dial is useful.
type Options struct {
	// Dial connects to host:port; the scheme is http or https, and https means that
	// the connection is encrypted.
	Dial func(ctx context.Context, scheme, address string) (net.Conn, error)
	// Proxy is the host:port of the proxy to which plain requests go, in absolute-form;
	// empty for none.
	Proxy string
	// Kept is how many idle connections are kept to one server.
	Kept int
	// Idle is how long they are kept; 0 is for ever.
	Idle time.Duration
	// Continue is how long the body of a request that expects a 100 is withheld.
	Continue time.Duration
	// Patience is how long an answer may take to begin once the request is written; 0 is
	// for ever.
	Patience time.Duration
}

// Watcher is told what becomes of a request.
type Watcher interface {
	// Chosen comes before anything is written to c; reused says that it served before.
	Chosen(c net.Conn, reused bool)
	// Wrote comes when the request is written; it may be written again.
	Wrote()
	// Interim is told of an answer that another follows; an error ends the exchange.
	Interim(ctx context.Context, status int) error
}

// Pool is a set of connections upstream. It is safe for concurrent use.
type Pool struct {
	options Options

	mu     sync.Mutex
	idle   map[place][]*conn // the last one became idle last
	wishes map[place][]*wish // that wait for whichever connection is free first, in order
	dials  map[*wish]context.CancelFunc
	closes bool // what becomes idle is closed
}

// place is where a connection leads.
type place struct{ scheme, address string }

// New makes a pool without connections.
func New(o Options) *Pool {
	return &Pool{options: o, idle: map[place][]*conn{}, wishes: map[place][]*wish{}, dials: map[*wish]context.CancelFunc{}}
}

// wish is somebody's for a connection. The pool's lock guards it.
type wish struct {
	done   bool
	result chan found // of one
}

// found is what became of a wish.
type found struct {
	c   *conn
	err error
}

// RoundTrip sends r to where its URL says, and returns the answer once its head has
// come. A request is sent again only if nothing of it was written to a connection that
// the server had closed, or if it asks for no change and had no answer on one that had
// served before.
func (p *Pool) RoundTrip(r *http.Request, w Watcher) (*http.Response, error) {
	if r.URL.Scheme != "http" && r.URL.Scheme != "https" {
		return nil, fmt.Errorf("unsupported protocol scheme %q", r.URL.Scheme)
	}
	if r.URL.Host == "" {
		return nil, errors.New("http: no Host in request URL")
	}
	for asked := r; ; {
		c, err := p.take(r.Context(), p.place(r.URL))
		if err != nil {
			return nil, err
		}
		a := p.attempt(r, w, c)
		w.Chosen(c.Conn, a.reused)
		answer, err := c.exchange(a)
		if err == nil {
			answer.Request = asked
			return answer, nil
		}
		if !a.mayRepeat() {
			return nil, err
		}
		if r, err = a.again(); err != nil {
			return nil, err
		}
	}
}

// place is where a request to u goes.
func (p *Pool) place(u *url.URL) place {
	if p.options.Proxy != "" && u.Scheme == "http" {
		return place{u.Scheme, p.options.Proxy}
	}
	host, port := u.Hostname(), u.Port()
	if ascii, err := idna.Lookup.ToASCII(host); err == nil && !isASCII(host) {
		host = ascii
	}
	if port == "" {
		port = map[string]string{"http": "80", "https": "443"}[u.Scheme]
	}
	return place{u.Scheme, net.JoinHostPort(host, port)}
}

func isASCII(text string) bool {
	return !slices.ContainsFunc([]byte(text), func(c byte) bool { return c >= 0x80 })
}

// take finds a connection: the one that was used last, else one that is dialled or
// becomes free, whichever is first. What is dialled for nobody is kept.
func (p *Pool) take(ctx context.Context, to place) (*conn, error) {
	c, w := p.ask(ctx, to)
	if c != nil {
		return c, nil
	}
	select {
	case f := <-w.result:
		if f.err != nil && ctx.Err() != nil {
			return nil, context.Cause(ctx)
		}
		return f.c, f.err
	case <-ctx.Done():
		p.forgo(w)
		return nil, context.Cause(ctx)
	}
}

// ask is the connection that is idle, or the wish that stands for one to come.
func (p *Pool) ask(ctx context.Context, to place) (*conn, *wish) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.closes = false
	for list := p.idle[to]; len(list) > 0; list = p.idle[to] {
		c := list[len(list)-1]
		p.idle[to] = list[:len(list)-1]
		if c.begin() {
			return c, nil
		}
	}
	w := &wish{result: make(chan found, 1)}
	p.wishes[to] = append(p.wishes[to], w)
	dialling, cancel := context.WithCancel(context.WithoutCancel(ctx))
	p.dials[w] = cancel
	go p.dial(dialling, w, to)
	return nil, w
}

// dial connects for a wish, or for the next one if it is fulfilled meanwhile.
func (p *Pool) dial(ctx context.Context, w *wish, to place) {
	nc, err := p.options.Dial(ctx, to.scheme, to.address)
	var c *conn
	if err == nil {
		c = newConn(nc, p, to)
	}
	p.mu.Lock()
	p.dials[w]()
	delete(p.dials, w)
	wanted := !w.done
	if wanted {
		p.fulfil(w, found{c, err})
	}
	p.mu.Unlock()
	if c == nil {
		return
	}
	go c.read()
	if !wanted && !p.keep(c) {
		c.end(errNotKept)
	}
}

// fulfil answers a wish. The lock is held.
func (p *Pool) fulfil(w *wish, f found) {
	w.done = true
	w.result <- f
}

// forgo takes a wish back; a connection that it was given is kept.
func (p *Pool) forgo(w *wish) {
	p.mu.Lock()
	was := w.done
	w.done = true
	p.mu.Unlock()
	if !was {
		return
	}
	if f := <-w.result; f.c != nil && !p.keep(f.c) {
		f.c.end(errNotKept)
	}
}

// keep gives a connection that is free to who waits for one, or makes it idle; false
// means that there are enough.
func (p *Pool) keep(c *conn) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if !c.rest() {
		return false
	}
	for list := p.wishes[c.to]; len(list) > 0; list = p.wishes[c.to] {
		w := list[0]
		if p.wishes[c.to] = list[1:]; !w.done && c.begin() {
			p.fulfil(w, found{c: c})
			return true
		}
	}
	delete(p.wishes, c.to)
	if p.closes || len(p.idle[c.to]) >= p.options.Kept {
		return false
	}
	p.idle[c.to] = append(p.idle[c.to], c)
	if p.options.Idle > 0 {
		c.expire(p.options.Idle)
	}
	return true
}

// drop forgets a connection, and reports whether it was idle.
func (p *Pool) drop(c *conn) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	list := p.idle[c.to]
	i := slices.Index(list, c)
	if i >= 0 {
		p.idle[c.to] = slices.Delete(list, i, i+1)
	}
	return i >= 0
}

// CloseIdle closes the connections that nobody uses, and those in use when they are
// free, unless somebody asks for one before.
func (p *Pool) CloseIdle() {
	p.mu.Lock()
	p.closes = true
	var all []*conn
	for _, list := range p.idle {
		all = append(all, list...)
	}
	clear(p.idle)
	for w, cancel := range p.dials {
		if w.done {
			cancel()
		}
	}
	p.mu.Unlock()
	for _, c := range all {
		c.end(errNotKept)
	}
}

// errNotKept is why a connection without fault was closed.
var errNotKept = errors.New("the connection is not needed")
