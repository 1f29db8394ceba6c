package wire

import (
	"slices"
	"time"

	"gauntlet/proxies/fault"
)

// moments holds the timers of a Tap's "at D" faults.
type moments struct {
	tap    *Tap
	timers []*time.Timer
}

// start waits for the moments of the hop's faults in place of those before. What
// is past does not come back. The Tap's lock is held.
func (m *moments) start(hop *fault.Hop) {
	m.stop()
	for _, watch := range hop.Moments() {
		if left := watch.After - m.tap.since(); left > 0 {
			m.timers = append(m.timers, time.AfterFunc(left, func() { m.strike(hop, watch) }))
		}
	}
}

func (m *moments) stop() {
	for _, t := range m.timers {
		t.Stop()
	}
	m.timers = nil
}

// strike fires on every connection that is open, in the order of their numbers.
func (m *moments) strike(hop *fault.Hop, watch fault.Watch) {
	hit, ok := hop.Met(watch, m.tap.since())
	if !ok {
		return
	}
	for _, c := range m.tap.open() {
		c.mu.Lock()
		fireBetween(c, hit, c.open.real())
		c.mu.Unlock()
	}
}

// fireBetween fires where no byte decides: both directions wait.
func fireBetween(c *conn, hit fault.Hit, ex *exchange) {
	between(c, func() { inject(c, []fault.Hit{hit}, ex) })
}

func between(c *conn, fire func()) {
	c.in.firing++
	c.out.firing++
	fire()
	c.in.firing--
	c.out.firing--
	c.wake()
}

// alarms are what faults want done on a connection after a while.
type alarms struct{ set []alarm }

type alarm struct {
	of    string // the fault's line
	timer *time.Timer
}

// add has ring called after d, between bytes, unless the alarm is stopped.
func (a *alarms) add(c *conn, hit fault.Hit, d time.Duration, ring func()) {
	var timer *time.Timer
	timer = time.AfterFunc(d, func() {
		c.mu.Lock()
		defer c.mu.Unlock()
		if slices.ContainsFunc(a.set, func(one alarm) bool { return one.timer == timer }) {
			between(c, func() {
				c.mu.Unlock()
				defer c.mu.Lock()
				ring()
			})
		}
	})
	a.set = append(a.set, alarm{hit.Text, timer})
}

// stop stops a fault's alarms; "" means all.
func (a *alarms) stop(of string) {
	a.set = slices.DeleteFunc(a.set, func(one alarm) bool {
		if of != "" && of != one.of {
			return false
		}
		one.timer.Stop() // one that rings already finds itself gone
		return true
	})
}

// volume counts what a connection has given the peer, for the "after N bytes"
// faults.
type volume struct{ given int }

// until is how many of n bytes may pass before the next of those faults.
func (v *volume) until(hop *fault.Hop, n int) int {
	for _, w := range hop.Volumes() {
		if w.Bytes > v.given {
			n = min(n, w.Bytes-v.given)
		}
	}
	return n
}

// due counts n bytes that are about to be given and gives what fires behind them.
func (v *volume) due(hop *fault.Hop, since time.Duration, n int) (hits []fault.Hit) {
	before := v.given
	v.given += n
	for _, w := range hop.Volumes() {
		if before >= w.Bytes || v.given < w.Bytes {
			continue
		}
		if hit, ok := hop.Met(w, since); ok {
			hits = append(hits, hit)
		}
	}
	return hits
}
