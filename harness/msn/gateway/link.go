package gateway

import (
	"net"
	"time"
)

// link is a session's connection to the messenger. A goroutine reads as long as
// the session lives; another comes when there is something to write. Both the
// stacks and the timer of a session that only polls are what ten thousand of them
// cost.
type link struct {
	g       *Gateway
	s       *session
	conn    net.Conn
	idle    *time.Timer // is the session idle for too long?
	writing bool        // somebody writes, or has closed the connection; guarded by the gateway's lock
}

// attach starts a link; the caller holds the lock.
func (g *Gateway) attach(l *link) {
	g.links[l] = struct{}{}
	l.s.call = l.call
	l.idle = time.AfterFunc(g.table.dialect.Idle, l.expire)
	g.workers.Go(l.listen)
	l.call() // the open may have brought something
}

// hangUp closes all links at once.
func (g *Gateway) hangUp() {
	g.mu.Lock()
	defer g.mu.Unlock()
	for l := range g.links {
		_ = l.conn.Close() // whoever writes reports what there is to report
	}
}

// listen carries the messenger's bytes into the session until its end.
func (l *link) listen() {
	room := make([]byte, 512)
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

// call has somebody write; the caller holds the lock.
func (l *link) call() {
	if !l.writing {
		l.writing = true
		l.g.workers.Go(l.write)
	}
}

// expire ends the session if it has been idle for too long.
func (l *link) expire() {
	l.g.do(func(t *table) {
		if again := t.expire(time.Now(), l.s); l.s.phase != closed {
			l.idle.Reset(again)
		}
	})
}

// write hands over all that is due to the messenger, and closes the connection when
// the session has ended.
func (l *link) write() {
	for {
		var due net.Buffers
		var over bool
		l.g.do(func(*table) {
			due, over = l.s.unsent(), l.s.phase == closed // OUT may still be due
			l.writing = len(due) > 0 || over
		})
		switch {
		case len(due) > 0:
			l.send(due)
		case over:
			l.hangUp()
			return
		default:
			return
		}
	}
}

// send writes to the messenger. One that takes nothing has hung up.
func (l *link) send(due net.Buffers) {
	_ = l.conn.SetWriteDeadline(time.Now().Add(l.g.limits.Write)) // a connection without deadlines is closed in the end
	if _, err := due.WriteTo(l.conn); err != nil {
		l.g.log.Debug("the messenger takes nothing", "session", l.s.info.Session, "error", err)
		l.g.do(func(*table) { l.s.hungUp() })
	}
}

func (l *link) hangUp() {
	l.idle.Stop()
	if err := l.conn.Close(); err != nil {
		l.g.log.Debug("closing a messenger connection", "session", l.s.info.Session, "error", err)
	}
	l.g.mu.Lock()
	delete(l.g.links, l)
	l.g.mu.Unlock()
}
