package wire

import (
	"time"

	"gauntlet/proxies/fault"
	"gauntlet/proxies/http1"
)

// idler holds the timers of a connection's idle landmarks.
type idler struct {
	conn   *conn
	timers []*time.Timer
}

// start starts the timers of the idle landmarks, if an answer was just
// completed and nothing has come in since.
func (id *idler) start() {
	ex := id.conn.out.finished
	id.conn.out.finished = nil
	if ex == nil || id.conn.open.real() != nil || id.conn.in.begun || id.conn.link.taken() || id.conn.peerGone || id.conn.out.State() == http1.Lost {
		return
	}
	for _, hit := range ex.hits {
		if l := hit.Fault.Landmark; l.At == fault.AtIdle {
			id.after(l.After, func() (fault.Hit, bool) { return hit, hit.Idle() }, ex)
		}
	}
	hop := id.conn.tap.hop()
	for _, watch := range hop.Idles() {
		id.after(watch.After, func() (fault.Hit, bool) { return hop.Met(watch, id.conn.tap.since()) }, nil)
	}
}

// after fires once the connection has been idle for d. Holding the lock
// until the timer is listed keeps a quick timer from overtaking that.
func (id *idler) after(d time.Duration, decide func() (fault.Hit, bool), ex *exchange) {
	var timer *time.Timer
	timer = time.AfterFunc(d, func() {
		id.conn.mu.Lock()
		defer id.conn.mu.Unlock()
		if !id.still(timer) {
			return
		}
		if hit, ok := decide(); ok {
			fireBetween(id.conn, hit, ex)
		}
	})
	id.timers = append(id.timers, timer)
}

// still reports whether the timer has not been stopped meanwhile.
func (id *idler) still(timer *time.Timer) bool {
	for _, t := range id.timers {
		if t == timer {
			return true
		}
	}
	return false
}

// stop ends all idle timers: bytes have come, or the connection ends.
func (id *idler) stop() {
	for _, t := range id.timers {
		t.Stop()
	}
	id.timers = nil
}
