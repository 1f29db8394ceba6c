// Package virtual runs code in virtual time: the whole real stack in a
// synctest bubble, where a minute of protocol takes a millisecond. Bubble
// serves specs, inside a test binary; Serve and Pool serve the command, which
// has no tests: it executes itself again as workers. The package knows nothing
// of cases or clients; jobs and replies are JSON to it.
package virtual

import (
	"fmt"
	"testing"
	"testing/synctest"
)

// Bubble runs f in a bubble of its own and returns when f has and all that it
// started has ended. A panic of f's comes up here; so do leaked goroutines and
// deadlocks, as panics of the bubble's. The T is only lent: f must not fail it.
func Bubble(t *testing.T, f func()) {
	var failure any
	synctest.Test(t, func(*testing.T) {
		defer func() { failure = recover() }() // it must leave the bubble's goroutine by hand
		f()
	})
	if failure != nil {
		panic(failure)
	}
}

// Try is Bubble for code that may panic or leave something behind: what came up
// then, with the stacks of all goroutines, which tell by whom; else empty.
func Try(t *testing.T, f func()) (left string) {
	defer func() {
		if p := recover(); p != nil {
			left = fmt.Sprintf("%v\n%s", p, stacks())
		}
	}()
	Bubble(t, f)
	return ""
}
