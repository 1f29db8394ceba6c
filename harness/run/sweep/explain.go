package sweep

import (
	"context"
	"slices"

	"gauntlet/harness/run/rig"
	"gauntlet/proxies/fault"
)

// mixed is a failure of several faults.
type mixed struct {
	Point
	rig.Outcome
	Entry
}

// single is what became of a fault alone, and the requests that it struck.
type single struct {
	Entry
	struck []string
}

// excuses reports whether a reason for which a fault alone is excused stands for a
// failure of several, too: it was excused by it then, or it strikes a request only now,
// since another fault had delayed or repeated that.
func (s single) excuses(m mixed, one Point, why string) bool {
	switch {
	case why == "" || s.As == Failed:
		return false
	case s.As == Excused:
		return s.Why == why
	}
	return slices.ContainsFunc(struckBy(one.Faults[0], &m.Result), func(request string) bool { return !slices.Contains(s.struck, request) })
}

// struckBy are the requests that a fault struck in a run.
func struckBy(f fault.Fault, r *rig.Result) (list []string) {
	for _, fate := range r.Fates {
		if slices.Contains(fate.Faults, f.String()) {
			list = append(list, fate.Request)
		}
	}
	return list
}

// explain takes the failures of several faults, each compared with what its faults do
// alone: one that alone does it, and its excuse, stand for all.
func (r *running) explain(ctx context.Context) error {
	var singles []Point
	asked := map[string]bool{}
	for _, m := range r.mixed {
		for _, one := range m.singles() {
			if _, known := r.alone[one.Name()]; !known && !asked[one.Name()] {
				asked[one.Name()] = true
				singles = append(singles, one)
			}
		}
	}
	err := judgeAll(ctx, r.Judge, singles, func(i int, o rig.Outcome) {
		r.alone[singles[i].Name()] = single{r.became(singles[i], &o.Result), struckBy(singles[i].Faults[0], &o.Result)}
	})
	for _, m := range r.mixed {
		for _, one := range m.singles() {
			switch a := r.alone[one.Name()]; {
			case r.Excuse != nil && a.excuses(m, one, r.Excuse(one, *m.Cause, &m.Result)):
				m.As, m.Why = Excused, r.Excuse(one, *m.Cause, &m.Result)
			case a.As == Failed && a.Cause.Requirement == m.Cause.Requirement:
				m.Cause = a.Cause
			}
		}
		r.settle(m.Point, m.Outcome, m.Entry)
	}
	r.mixed = r.mixed[:0]
	return err
}

// singles are the points at which one of the faults strikes alone.
func (p Point) singles() (list []Point) {
	for i := range p.Faults {
		one := p
		one.Faults = p.Faults[i : i+1]
		list = append(list, one)
	}
	return list
}
