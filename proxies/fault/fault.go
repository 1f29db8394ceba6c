// Package fault is the vocabulary of disturbance: what shall go wrong, where,
// when and how often, in one line of text that parses and prints back. The
// same line stands in a case file, on the command line and in a failure message.
//
// It disturbs nothing itself: proxies/wire asks a Schedule whether a fault
// strikes and runs the effect. It knows neither HTTP nor MSN; the words for
// exchanges and their qualifiers come in a Vocabulary. It starts no goroutine.
//
// The line, by example:
//
//	hop 0: on poll 3, answer: reset
//	hop 1: on request 5, response byte 120: close
//	hop 0: on alice NS poll 4, answer: close, 2 times
//	hop 0: on connection 2: refuse, 3 times
//	hop 0: after idle 30s: close
//	hop 0: on poll 3, idle 500ms: reset (poll 3 or, if another request follows it sooner, the first later one that has such a pause)
//	hop 0: on poll 3, idle 500ms: reset, with p=0.1
//	hop 0: on poll 1, forward: close, every 5th, until 30s
//	hop 0: on connection 1: delay 300ms jitter 100ms, until 1h
//	hop 0: on poll 1, forward: status 502, from 20s until 2m20s
//	hop 0: on poll 2, field X-MSN-Messenger: close
//	hop 0: on request saying "MSG 5" 1, forward: corrupt body
//	hop 0: at 30s: blackhole
//	hop 0: on lookup 2: no such name
//	hop 0: after 5000 bytes: reset
//	hop 0: on connection 1: drop, from 30s until 2m30s
//	hop 0: on poll 3, answer: status 429 with "Retry-After: 17"
//	hop 0: on poll 2, answer: fold header Content-Type
package fault

import (
	"strconv"
	"strings"
)

// Fault is one disturbance. It is a plain value: parse it with Parse, print it
// with String.
type Fault struct {
	Hop      int      // counted from the client, 0 first
	Trigger  Trigger  // which exchange or connection
	Landmark Landmark // which point of it
	Effect   Effect   // what happens there
	Often    Often    // to how many of them
}

// Effect is an effect's name and its arguments in canonical text.
type Effect struct {
	Name string
	Args []string // nil when there are none
}

// String is the effect as it stands in a fault: "delay 200ms".
func (e Effect) String() string {
	return strings.Join(append([]string{e.Name}, e.Args...), " ")
}

// String is the canonical line; Parse gives the same Fault back, provided that
// the vocabulary knows its words.
func (f Fault) String() string {
	var b strings.Builder
	b.WriteString("hop " + strconv.Itoa(f.Hop) + ": " + f.Trigger.String())
	if f.Trigger.On == Exchange {
		b.WriteString(", " + f.Landmark.String())
	}
	b.WriteString(": " + f.Effect.String() + f.Often.suffix())
	return b.String()
}

// OnLookup reports whether the fault waits for a name that is looked up.
func (f Fault) OnLookup() bool { return f.Trigger.On == Lookup }

// awaitsIdle reports whether the fault strikes the first idle moments behind the
// exchanges that it names, whichever of them have one.
func (f *Fault) awaitsIdle() bool {
	return f.Trigger.On == Exchange && f.Landmark.At == AtIdle && (f.Often.Rule == Once || f.Often.Rule == Times)
}
