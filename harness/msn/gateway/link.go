package gateway

import (
	"context"
	"net"
	"net/http"
	"time"
)

// link is a session's connection to the messenger, and the two goroutines that
// live as long as the session: one reads, one writes and watches the clock.
type link struct {
	g    *Gateway
	s    *session
	conn net.Conn
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
		first = !g.instant(t, p)
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

// attach starts a link; the caller holds the lock.
func (g *Gateway) attach(l *link) {
	g.links[l] = struct{}{}
	g.workers.Go(l.listen)
	g.workers.Go(l.keep)
}

// hangUp closes all links at once.
func (g *Gateway) hangUp() {
	g.mu.Lock()
	defer g.mu.Unlock()
	for l := range g.links {
		_ = l.conn.Close() // keep reports what there is to report
	}
}

// listen carries the messenger's bytes into the session until its end.
func (l *link) listen() {
	room := make([]byte, 4096)
	for {
		n, err := l.conn.Read(room)
		if n > 0 && !l.take(room[:n]) {
			return
		}
		if err != nil {
			l.g.do(func(t *table) { t.lost(l.s) })
			return
		}
	}
}

// take delivers bytes and waits while the session can take no more; false
// means that it has ended.
func (l *link) take(p []byte) bool {
	var more bool
	l.g.do(func(t *table) { more = t.deliver(l.s, p) })
	for !more {
		select {
		case <-l.s.room:
			l.g.do(func(t *table) { more = !t.full(l.s) })
		case <-l.s.finished:
			return false
		}
	}
	return true
}

// keep writes what the client has sent, ends the session when it has been idle
// too long, and closes the connection in the end.
func (l *link) keep() {
	timer := time.NewTimer(l.g.table.dialect.Idle) // which never changes
	defer timer.Stop()
	defer l.hangUp()
	for {
		select {
		case <-l.s.kick:
			l.write()
		case <-timer.C:
			var again time.Duration
			l.g.do(func(t *table) { again = t.expire(time.Now(), l.s) })
			timer.Reset(again)
		case <-l.s.finished:
			l.write() // OUT may still be due
			return
		}
	}
}

// write hands over all that is due to the messenger.
func (l *link) write() {
	for {
		var due net.Buffers
		l.g.do(func(t *table) { due = t.unsent(l.s) })
		if len(due) == 0 {
			return
		}
		_ = l.conn.SetWriteDeadline(time.Now().Add(l.g.limits.Write)) // a connection without deadlines is closed in the end
		if _, err := due.WriteTo(l.conn); err != nil {
			l.g.log.Debug("the messenger takes nothing", "session", l.s.info.Session, "error", err)
			l.g.do(func(t *table) { t.lost(l.s) })
			return
		}
	}
}

func (l *link) hangUp() {
	if err := l.conn.Close(); err != nil {
		l.g.log.Debug("closing a messenger connection", "session", l.s.info.Session, "error", err)
	}
	l.g.mu.Lock()
	delete(l.g.links, l)
	l.g.mu.Unlock()
}

// interface check: a Gateway can stand behind any HTTP server.
var _ http.Handler = (*Gateway)(nil)
