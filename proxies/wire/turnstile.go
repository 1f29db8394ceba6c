package wire

import (
	"time"

	"gauntlet/proxies/fault"
)

// turnstile is a place where a Pacer may stand.
type turnstile struct {
	pacer fault.Pacer
	ends  time.Time // the pacer's time is over; zero: never
	held  time.Time // until then nothing passes
}

// armed reports whether the turnstile may make anybody wait.
func (t *turnstile) armed() bool { return t.pacer != nil || !t.held.IsZero() }

// delayed reports whether something was held, so that a peer which has left is
// gone.
func (c *conn) delayed() bool { return !c.in.pace.held.IsZero() || !c.out.pace.held.IsZero() }

// admit says how many of n bytes may pass now, else when to ask again.
func (t *turnstile) admit(n int) (int, time.Time) {
	if !t.armed() {
		return n, time.Time{}
	}
	now := time.Now()
	switch {
	case now.Before(t.held):
		return 0, t.held
	case t.pacer == nil, !t.ends.IsZero() && !now.Before(t.ends):
		return n, time.Time{}
	}
	m, again := t.pacer.Admit(now, n)
	return min(max(m, 0), n), earlier(again, t.ends)
}

// earlier is the earlier of two moments, of which zero is none.
func earlier(a, b time.Time) time.Time {
	if a.IsZero() || !b.IsZero() && b.Before(a) {
		return b
	}
	return a
}
