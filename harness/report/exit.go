// Package report turns outcomes into what people and machines read: one writer
// a format. It judges nothing and runs nothing.
package report

import (
	"slices"

	"gauntlet/harness/judge/oracle"
	"gauntlet/harness/judge/requirement"
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
// no surprise, also where other cases stand on it.
func ExitCode(results []rig.Result) int {
	count, known := map[oracle.Status]int{}, 0
	expected := map[requirement.ID]bool{}
	for _, r := range results {
		if r.Known == "" {
			count[r.Status]++
			continue
		}
		known++
		for _, v := range r.Verdicts {
			expected[v.Requirement] = expected[v.Requirement] || v.Status == oracle.Fail
		}
	}
	surprising := func(v oracle.Verdict) bool { return !expected[v.Requirement] }
	switch {
	case count[oracle.Broken] > 0:
		return Unusable
	case count[oracle.Fail] > 0, slices.ContainsFunc(results, func(r rig.Result) bool { return slices.ContainsFunc(r.Earlier(), surprising) }):
		return Failed
	case count[oracle.Pass]+known == 0 || count[oracle.Inconclusive]+count[oracle.Blocked] > 0:
		return Unproved
	}
	return Sound
}
