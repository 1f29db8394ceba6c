package wire

import (
	"cmp"
	"maps"
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
	m.tap.mu.Lock()
	open := slices.SortedFunc(maps.Keys(m.tap.conns), func(a, b *conn) int { return cmp.Compare(a.id, b.id) })
	m.tap.mu.Unlock()
	for _, c := range open {
		c.mu.Lock()
		fireBetween(c, hit, c.open.real())
		c.mu.Unlock()
	}
}

// fireBetween fires where no byte decides: both directions wait.
func fireBetween(c *conn, hit fault.Hit, ex *exchange) {
	c.in.firing++
	c.out.firing++
	inject(c, []fault.Hit{hit}, ex)
	c.in.firing--
	c.out.firing--
	c.wake()
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
