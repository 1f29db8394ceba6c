package gateway

import (
	"context"
	"net"
	"net/http"
	"strconv"
	"time"

	"gauntlet/harness/msn/msnhttp"
)

// ServeHTTP answers one request. A client that leaves does not undo what it
// has asked for: the request's context is deliberately not looked at (S51).
func (g *Gateway) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	c := connectionOf(r)
	q, no := readRequest(w, r, c, g.limits)
	var a *answer
	if no == nil {
		a, no = g.exchange(q)
	} else if no.reason != ReasonCutShort { // half a request does not count
		g.do(func(t *table) { t.reject(no, q, 0) })
	}
	if c != nil {
		c.lane.answering()
	}
	if no != nil {
		refuse(w, no)
		return
	}
	give(w, a, g.table.dialect)
}

// exchange takes a whole request to its answer.
func (g *Gateway) exchange(r *request) (*answer, *refusal) {
	if !g.count(&g.handlers) {
		return nil, fatal(http.StatusServiceUnavailable, ReasonShuttingDown)
	}
	defer g.handlers.Done()
	if r.action == msnhttp.ActionOpen {
		return g.open(r)
	}
	var p *reply
	var first bool
	var no *refusal
	g.do(func(t *table) {
		p, first, no = t.begin(time.Now(), r)
		first = first && !finishAtOnce(t, p)
	})
	if no != nil {
		return nil, no
	}
	return g.conclude(p, first, r)
}

// open dials the messenger and begins a session (S37).
func (g *Gateway) open(r *request) (*answer, *refusal) {
	var no *refusal
	g.do(func(t *table) { no = t.reserve(time.Now(), r) })
	if no != nil {
		return nil, no
	}
	messenger, err := g.dial(r)
	if err != nil {
		g.log.Warn("the messenger cannot be reached", "server", r.server, "ip", r.ip, "error", err)
		g.do(func(t *table) { no = t.abandon(r) })
		return nil, no
	}
	var p *reply
	var first bool
	g.do(func(t *table) {
		p = t.open(time.Now(), r)
		g.attach(&link{g: g, s: p.session, conn: messenger})
		first = !finishAtOnce(t, p)
	})
	return g.conclude(p, first, r)
}

// dial reaches the messenger that an open means: by Server and IP, never by
// the host that the request was sent to.
func (g *Gateway) dial(r *request) (net.Conn, error) {
	ctx, cancel := context.WithTimeout(g.ctx, g.limits.Dial)
	defer cancel()
	return g.options.Dial(ctx, string(r.server), withoutPort(r.ip))
}

// finishAtOnce finishes a reply that has nothing to wait for.
func finishAtOnce(t *table, p *reply) (settled bool) {
	if settled = t.instant(p); settled {
		t.finish(time.Now(), p)
	}
	return settled
}

// conclude waits until a reply is settled, and is who settles it if first.
func (g *Gateway) conclude(p *reply, first bool, r *request) (*answer, *refusal) {
	if first {
		g.think(p)
		g.hold(p)
		g.do(func(t *table) { t.finish(time.Now(), p) })
	}
	<-p.entry.done // whoever settles it does not depend on any client
	if !first {
		g.tell() // what led to an answer is observed before it is given
	}
	if p.answer != nil {
		return p.answer, nil
	}
	no := bad(ReasonEnded)
	if g.ctx.Err() != nil {
		no = fatal(http.StatusServiceUnavailable, ReasonShuttingDown)
	}
	g.do(func(t *table) { t.reject(no, r, p.session.info.Session) })
	return nil, no
}

// think lets the dialect's time pass.
func (g *Gateway) think(p *reply) {
	think := g.table.dialect.Think // never changes
	if think <= 0 {
		return
	}
	timer := time.NewTimer(think)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-g.ctx.Done():
	}
}

// hold waits until the messenger has something to say, but not for ever.
func (g *Gateway) hold(p *reply) {
	if p.entry.hold <= 0 {
		return
	}
	timer := time.NewTimer(p.entry.hold)
	defer timer.Stop()
	for {
		var wake <-chan struct{}
		var ready bool
		g.do(func(t *table) { wake, ready = t.ready(p.session, p.entry) })
		if ready {
			return
		}
		select {
		case <-wake:
		case <-timer.C:
			return
		case <-g.ctx.Done():
			return
		}
	}
}

// give writes an answer. The header's name is written as it stands (S43):
// Header.Set would change its case, which real clients cannot read.
func give(w http.ResponseWriter, a *answer, d *Dialect) {
	h := w.Header()
	h[msnhttp.HeaderName] = []string{a.header}
	h["Content-Type"] = []string{msnhttp.ContentType}
	h["Content-Length"] = []string{strconv.Itoa(len(a.body))}
	if d.Timeout == TimeoutTold {
		h[msnhttp.TimeoutName] = []string{seconds(d.Idle)}
	}
	w.WriteHeader(http.StatusOK)
	_, _ = w.Write(a.body) // whether it arrives, the client says with its next id
}

// seconds are the whole seconds in which d is over.
func seconds(d time.Duration) string {
	return strconv.FormatInt(int64((d+time.Second-1)/time.Second), 10)
}

// refuse writes an HTTP error with one line of text.
func refuse(w http.ResponseWriter, no *refusal) {
	h := w.Header()
	h["Content-Type"] = []string{"text/plain; charset=utf-8"}
	h["Content-Length"] = []string{strconv.Itoa(len(no.reason) + 2)}
	if no.ends {
		h["Connection"] = []string{"close"}
	}
	if no.retry > 0 {
		h["Retry-After"] = []string{seconds(no.retry)}
	}
	if no.status == http.StatusMethodNotAllowed {
		h["Allow"] = []string{http.MethodPost}
	}
	w.WriteHeader(no.status)
	_, _ = w.Write([]byte(no.reason + "\r\n")) // likewise
}
