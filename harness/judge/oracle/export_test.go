package oracle

import (
	"gauntlet/harness/judge/history"
	"gauntlet/harness/judge/trace"
)

// Told is what blocked_test.go sees of a tale.
func (t *tale) Told() ([]history.Event, trace.Facts) { return t.events, t.facts }
