package gateway

import (
	"context"
	"net"
	"net/http"
	"strconv"
	"time"

	"gauntlet/harness/msn/msnhttp"
)

// exchange takes a whole request to its answer. A client that leaves meanwhile does
// not undo what it has asked for (S51).
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
	if r.watch != nil && !p.entry.settled() {
		defer r.watch()()
	}
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

// appendAnswer appends an answer as it is written.
func appendAnswer(b []byte, h heading, a *answer, d *Dialect) []byte {
	b = appendStatus(b, h, http.StatusOK)
	b = appendNumber(b, "Content-Length", len(a.body))
	b = appendField(b, "Content-Type", msnhttp.ContentType)
	b = appendField(b, msnhttp.HeaderName, a.header)
	if d.Timeout == TimeoutTold {
		b = appendField(b, msnhttp.TimeoutName, seconds(d.Idle))
	}
	return append(appendEnd(b, h, false), a.body...)
}

// appendRefusal appends an HTTP error with one line of text.
func appendRefusal(b []byte, h heading, no *refusal) []byte {
	b = appendStatus(b, h, no.status)
	if no.status == http.StatusMethodNotAllowed {
		b = appendField(b, "Allow", http.MethodPost)
	}
	if no.ends {
		b = appendField(b, "Connection", "close")
	}
	b = appendNumber(b, "Content-Length", len(no.reason)+2)
	b = appendField(b, "Content-Type", "text/plain; charset=utf-8")
	if no.retry > 0 {
		b = appendField(b, "Retry-After", seconds(no.retry))
	}
	b = appendEnd(b, h, no.ends)
	if h.method == http.MethodHead {
		return b
	}
	return append(append(b, no.reason...), "\r\n"...)
}

// seconds are the whole seconds in which d is over.
func seconds(d time.Duration) string {
	return strconv.FormatInt(int64((d+time.Second-1)/time.Second), 10)
}

// appendStatus appends a status line in the client's own version of HTTP.
func appendStatus(b []byte, h heading, status int) []byte {
	version := "HTTP/1.1 "
	if h.old {
		version = "HTTP/1.0 "
	}
	b = strconv.AppendInt(append(b, version...), int64(status), 10)
	return append(append(append(b, ' '), http.StatusText(status)...), "\r\n"...)
}

func appendField(b []byte, name, value string) []byte {
	return append(append(append(append(b, name...), ": "...), value...), "\r\n"...)
}

func appendNumber(b []byte, name string, n int) []byte {
	return append(strconv.AppendInt(append(append(b, name...), ": "...), int64(n), 10), "\r\n"...)
}

// appendEnd ends a head; told says that it tells what becomes of the connection.
func appendEnd(b []byte, h heading, told bool) []byte {
	b = time.Now().UTC().AppendFormat(append(b, "Date: "...), http.TimeFormat)
	b = append(b, "\r\n"...)
	switch {
	case told:
	case h.ends && !h.old:
		b = appendField(b, "Connection", "close")
	case h.keeps && !h.ends:
		b = appendField(b, "Connection", "keep-alive")
	}
	return append(b, "\r\n"...)
}
