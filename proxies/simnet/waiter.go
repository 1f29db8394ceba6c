package simnet

import (
	"sync"
	"time"
)

// waiter is where one end of a connection waits to read, or to write. One
// operation holds it at a time, others queue for their turn; so whatever may
// wake the operation finds exactly one sleeper. The turn and the event are
// channels and not locks because only those count as waiting in a bubble.
type waiter struct {
	turn  chan struct{} // full while an operation has the turn
	event chan struct{} // full once something happened

	// The connection's mutex guards the rest.
	deadline time.Time
	asleep   bool
	until    time.Time   // when the sleeper wakes by itself
	timer    *time.Timer // made at the first sleep, then reused
}

func newWaiter() waiter {
	return waiter{turn: make(chan struct{}, 1), event: make(chan struct{}, 1)}
}

func (w *waiter) acquire() { w.turn <- struct{}{} }
func (w *waiter) release() { <-w.turn }

// sleep lets go of mu until the instant comes or somebody wakes the sleeper.
// It may return early; the caller looks again at what it waits for.
func (w *waiter) sleep(mu sync.Locker, until time.Time) {
	w.asleep = true
	w.arm(until)
	mu.Unlock()
	select {
	case <-w.timer.C:
	case <-w.event:
	}
	mu.Lock()
	w.asleep = false
	w.timer.Stop() // else an idle connection would keep a bubble's clock moving
}

// arm sets the timer.
func (w *waiter) arm(until time.Time) {
	w.until = until
	if w.timer == nil {
		w.timer = time.NewTimer(time.Hour) // how long does not matter
	}
	if until.IsZero() {
		w.timer.Stop()
		return
	}
	w.timer.Reset(time.Until(until))
}

// wake wakes the sleeper at once. The timer could not do that: a bubble runs
// timers only when everybody waits, later than synctest.Wait returns.
func (w *waiter) wake() {
	if !w.asleep {
		return
	}
	w.asleep = false
	select {
	case w.event <- struct{}{}:
	default: // a timer was faster and left an event over, which does as well
	}
}

// wakeAt makes the sleeper wake at the instant, if not before.
func (w *waiter) wakeAt(at time.Time) {
	if w.asleep && (w.until.IsZero() || at.Before(w.until)) {
		w.arm(at)
	}
}

// In this package the zero time is the instant that never comes.

// reached reports whether the instant has come.
func reached(at, now time.Time) bool { return !at.IsZero() && !at.After(now) }

// earlier is the first of two instants.
func earlier(a, b time.Time) time.Time {
	if a.IsZero() || (!b.IsZero() && b.Before(a)) {
		return b
	}
	return a
}
