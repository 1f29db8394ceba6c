package oracle

import "gauntlet/harness/judge/history"

// Told is what blocked_test.go sees of a tale.
func (t *tale) Told() ([]history.Event, Facts) { return t.events, t.facts }
