// Package report turns outcomes into what people and machines read: one writer
// a format. It judges nothing and runs nothing.
package report

import (
	"gauntlet/harness/judge/oracle"
	"gauntlet/harness/run/rig"
)

// The exit codes of a run.
const (
	Sound    = 0 // every must that was judged passed
	Failed   = 1 // a must failed
	Unusable = 2 // something of ours is broken, or the call was wrong
	Unproved = 3 // no must was judged, or one could not be concluded
)

// ExitCode is what a run's results come to. A known failure is a judgement and
// no surprise.
func ExitCode(results []rig.Result) int {
	count, known := map[oracle.Status]int{}, 0
	for _, r := range results {
		if r.Known == "" {
			count[r.Status]++
		} else {
			known++
		}
	}
	switch {
	case count[oracle.Broken] > 0:
		return Unusable
	case count[oracle.Fail] > 0:
		return Failed
	case count[oracle.Pass]+known == 0 || count[oracle.Inconclusive]+count[oracle.Blocked] > 0:
		return Unproved
	}
	return Sound
}
