package gateway

import (
	"net"
	"time"
)

// link is a session's connection to the messenger, and the two goroutines that
// live as long as the session: one reads, one writes and watches the clock.
type link struct {
	g    *Gateway
	s    *session
	conn net.Conn
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
	room := make([]byte, 1<<10)
	for {
		n, err := l.conn.Read(room)
		if n > 0 && !l.take(room[:n]) {
			return
		}
		if err != nil {
			l.g.do(func(*table) { l.s.hungUp() })
			return
		}
	}
}

// take delivers bytes and waits while the session can take no more; false
// means that it has ended.
func (l *link) take(p []byte) bool {
	var more bool
	l.g.do(func(*table) { more = l.s.deliver(p) })
	for !more {
		select {
		case <-l.s.room:
			l.g.do(func(*table) { more = !l.s.full() })
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
		l.g.do(func(*table) { due = l.s.unsent() })
		if len(due) == 0 {
			return
		}
		_ = l.conn.SetWriteDeadline(time.Now().Add(l.g.limits.Write)) // a connection without deadlines is closed in the end
		if _, err := due.WriteTo(l.conn); err != nil {
			l.g.log.Debug("the messenger takes nothing", "session", l.s.info.Session, "error", err)
			l.g.do(func(*table) { l.s.hungUp() })
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
