package wire

import (
	"slices"
	"time"

	"gauntlet/proxies/fault"
)

// turnstile is a place that one direction of a connection has to pass: the
// stages that faults have put up, one behind the other.
type turnstile struct {
	stages []stage
	held   time.Time // until then nothing passes
}

// stage is what one fault does to a direction.
type stage struct {
	of       string      // the fault's line
	pacer    fault.Pacer // nil lets all pass
	ends     time.Time   // the stage's time is over; zero: never
	swallows bool        // what comes here goes no further
	limit    string      // how the connection ends when no more bytes are left; "" for no limit
	left     int
	late     time.Duration // by which the end comes later
	passed   int           // bytes that are beyond the stage and not yet through all
}

// put puts a stage up behind the others, in place of an earlier one of the same
// fault.
func (t *turnstile) put(s stage) {
	t.lift(s.of)
	t.stages = append(t.stages, s)
}

// lift takes a fault's stages away, and reports whether one of them has been
// swallowing.
func (t *turnstile) lift(of string) (swallowed bool) {
	t.stages = slices.DeleteFunc(t.stages, func(s stage) bool {
		swallowed = swallowed || s.of == of && s.swallows
		return s.of == of
	})
	return swallowed
}

// armed reports whether the turnstile may make anybody wait.
func (t *turnstile) armed() bool { return len(t.stages) > 0 || !t.held.IsZero() }

// lateness is by how much the end of the direction comes later.
func (t *turnstile) lateness() (d time.Duration) {
	for _, s := range t.stages {
		d += s.late
	}
	return d
}

// spent says how the connection is to end because no more bytes may pass; "" if
// they may.
func (t *turnstile) spent() (how string) {
	for _, s := range t.stages {
		if s.limit != "" && s.left+s.passed == 0 {
			return s.limit
		}
	}
	return ""
}

// back notes that n bytes that were let through have not gone yet: they need not
// wait again.
func (t *turnstile) back(n int) { t.gone(len(t.stages), -n) }

// ruling is what a turnstile says of waiting bytes: so many of them pass, or are
// lost; if none, again is when to ask next.
type ruling struct {
	n     int
	lost  bool
	again time.Time
}

// waits reports whether there is nothing to be done yet.
func (r ruling) waits() bool { return r.n == 0 && !r.again.IsZero() }

// admit decides about n waiting bytes.
func (t *turnstile) admit(n int) ruling {
	now := time.Now()
	switch {
	case now.Before(t.held):
		return ruling{again: t.held}
	case len(t.stages) == 0:
		return ruling{n: n}
	}
	return t.through(now, n)
}

// through has the bytes go as far as each stage lets them. Those that stage i has
// let pass are the first of those that wait before the next.
func (t *turnstile) through(now time.Time, waiting int) ruling {
	var r ruling
	for i := range t.stages {
		s := &t.stages[i]
		s.passed = min(s.passed, waiting)
		n, again := s.admit(now, waiting-s.passed)
		if s.swallows && n > 0 {
			t.gone(i, n)
			return ruling{n: n, lost: true}
		}
		r.again = earlier(r.again, again)
		s.passed += n
		waiting = s.passed
	}
	if r.n = waiting; r.n > 0 {
		t.gone(len(t.stages), r.n)
		r.again = time.Time{}
	}
	return r
}

// gone notes that n bytes, the first that wait, are beyond the first stages.
func (t *turnstile) gone(stages, n int) {
	for i := range t.stages[:stages] {
		t.stages[i].passed -= n
	}
}

// admit says how many of the waiting bytes may pass the stage now, else when to
// ask again.
func (s *stage) admit(now time.Time, waiting int) (n int, again time.Time) {
	switch {
	case waiting == 0:
		return 0, time.Time{}
	case s.limit != "":
		n = min(waiting, s.left)
		s.left -= n
		return n, time.Time{}
	case s.pacer == nil, !s.ends.IsZero() && !now.Before(s.ends):
		return waiting, time.Time{}
	}
	n, again = s.pacer.Admit(now, waiting)
	return min(max(n, 0), waiting), earlier(again, s.ends)
}
