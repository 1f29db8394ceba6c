package simnet

import "time"

// In this package the zero time is the instant that never comes.

// reached tells whether the instant has come.
func reached(at, now time.Time) bool { return !at.IsZero() && !at.After(now) }

// earlier is the first of two instants.
func earlier(a, b time.Time) time.Time {
	if a.IsZero() || (!b.IsZero() && b.Before(a)) {
		return b
	}
	return a
}
