// Package report turns outcomes into what people and machines read: one writer
// a format. It judges nothing and runs nothing.
package report

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"gauntlet/harness/judge/oracle"
	"gauntlet/harness/judge/requirement"
	"gauntlet/harness/report/inert"
	"gauntlet/harness/run/rig"
)

// The exit codes of a run.
const (
	Sound    = 0 // every must that was judged passed
	Failed   = 1 // a must failed
	Unusable = 2 // something of ours is broken, or the call was wrong
	Unproved = 3 // no must was judged, or one could not be concluded
)

// Conclusion is what a run comes to.
type Conclusion struct {
	Code int    // an exit code
	Why  string // its reason; empty for Sound
}

// Conclude sums up a run's results, with those of the controls that the cases
// were compared with. A known failure is a judgement and no surprise, also where
// other cases stand on it.
func Conclude(results []rig.Result, controls ...rig.Result) Conclusion {
	count, known := map[oracle.Status]int{}, 0
	for _, r := range results {
		if r.Known != "" {
			known++
		} else {
			count[r.Status]++
		}
	}
	expected := expectedOf(slices.Concat(results, controls))
	simpler := expected.broken(results, controls)
	unusable := slices.IndexFunc(controls, func(r rig.Result) bool { return r.Status == oracle.Broken })
	open := count[oracle.Inconclusive] + count[oracle.Blocked]
	switch {
	case count[oracle.Broken] > 0:
		return Conclusion{Unusable, "something of ours is broken in " + cases(count[oracle.Broken])}
	case unusable >= 0: // it may have hidden a failure
		return Conclusion{Unusable, "something of ours is broken in the control " + inert.Line(controls[unusable].ID+": "+controls[unusable].Reason)}
	case count[oracle.Fail] > 0:
		return Conclusion{Failed, strings.Join(append([]string{cases(count[oracle.Fail]) + " failed"}, simpler...), "; ")}
	case len(simpler) > 0:
		return Conclusion{Failed, strings.Join(simpler, "; ")}
	case open > 0:
		return Conclusion{Unproved, cases(open) + " could not be concluded"}
	case count[oracle.Pass]+known == 0:
		return Conclusion{Unproved, "no must was judged"}
	}
	return Conclusion{}
}

// With allows for known failures that do not hold: they turn a sound run red.
func (c Conclusion) With(stale []string) Conclusion {
	if c.Code == Sound && len(stale) > 0 {
		return Conclusion{Failed, stale[0]}
	}
	return c
}

func cases(n int) string {
	if n == 1 {
		return "1 case"
	}
	return fmt.Sprintf("%d cases", n)
}

// began is a failure and the simpler world in which it was seen first.
type began struct {
	requirement requirement.ID
	since       string
}

// expectations are the failures in simpler worlds that are known, and why.
type expectations map[began]string

// expectedOf gathers them: what a known failure shows that has no fault itself,
// or that stands on such a world. One that only a fault brings about excuses
// nothing that fails without.
func expectedOf(results []rig.Result) expectations {
	e := expectations{}
	for _, r := range results {
		if r.Known == "" {
			continue
		}
		for _, v := range append(own(r), r.Earlier()...) {
			e[begun(v)] = r.Known
		}
	}
	return e
}

// broken names the musts that were broken in simpler worlds than those of the cases: a line
// for each world, each must once. Those that were expected are left out.
func (e expectations) broken(results, controls []rig.Result) []string {
	var list []oracle.Verdict
	for _, r := range results {
		list = append(list, r.Earlier()...)
	}
	for _, r := range controls {
		if r.Accuses() {
			list = append(list, own(r)...)
		}
	}
	worlds := map[string][]string{}
	for _, v := range list {
		if e[begun(v)] == "" {
			worlds[v.Since] = append(worlds[v.Since], string(v.Requirement))
		}
	}
	var lines []string
	for _, world := range slices.Sorted(maps.Keys(worlds)) {
		slices.Sort(worlds[world])
		lines = append(lines, fmt.Sprintf("broken since %s: %s", world, strings.Join(slices.Compact(worlds[world]), ", ")))
	}
	return lines
}

func begun(v oracle.Verdict) began { return began{v.Requirement, v.Since} }

// own are the musts that failed in a case without a fault, with its world; none
// of another case.
func own(r rig.Result) []oracle.Verdict {
	if len(r.Faults) > 0 {
		return nil
	}
	world := rig.Undisturbed
	switch {
	case len(r.Chain) > 0:
		world = rig.WithBox
	case r.Controls.Plain != nil: // it was compared with the documented gateway, so its own is another
		world = rig.WithGateway
	}
	var list []oracle.Verdict
	for _, v := range r.Verdicts {
		if v.Status == oracle.Fail && v.Since == "" && v.Level == requirement.Must {
			v.Since = string(world)
			list = append(list, v)
		}
	}
	return list
}
