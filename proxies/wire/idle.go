package wire

import (
	"time"

	"gauntlet/proxies/fault"
	"gauntlet/proxies/http1"
)

// startIdle starts the timers of the idle landmarks, if an answer was just
// completed and nothing has come in since.
func (c *conn) startIdle() {
	ex := c.out.finished
	c.out.finished = nil
	if ex == nil || c.real() != nil || c.in.begun || c.link.taken() || c.peerGone || c.out.State() == http1.Lost {
		return
	}
	for _, hit := range ex.hits {
		if l := hit.Fault.Landmark; l.At == fault.AtIdle {
			c.afterIdle(l.After, func() (fault.Hit, bool) { return hit, hit.Idle() }, ex)
		}
	}
	hop := c.tap.hop()
	for _, watch := range hop.Idles() {
		c.afterIdle(watch.After, func() (fault.Hit, bool) { return hop.Idled(watch) }, nil)
	}
}

// afterIdle strikes once the connection has been idle for d. Holding the lock
// until the timer is listed keeps a quick timer from overtaking that.
func (c *conn) afterIdle(d time.Duration, decide func() (fault.Hit, bool), ex *exchange) {
	var timer *time.Timer
	timer = time.AfterFunc(d, func() {
		c.mu.Lock()
		defer c.mu.Unlock()
		if !c.stillIdle(timer) {
			return
		}
		if hit, ok := decide(); ok {
			c.strikeIdle(hit, ex)
		}
	})
	c.idle = append(c.idle, timer)
}

// strikeIdle strikes between exchanges: both directions wait.
func (c *conn) strikeIdle(hit fault.Hit, ex *exchange) {
	c.in.striking++
	c.out.striking++
	c.inject([]fault.Hit{hit}, ex)
	c.in.striking--
	c.out.striking--
	c.wake()
}

// stillIdle reports whether the timer has not been stopped meanwhile.
func (c *conn) stillIdle(timer *time.Timer) bool {
	for _, t := range c.idle {
		if t == timer {
			return true
		}
	}
	return false
}

// stopIdle ends all idle timers: bytes have come, or the connection ends.
func (c *conn) stopIdle() {
	for _, t := range c.idle {
		t.Stop()
	}
	c.idle = nil
}
