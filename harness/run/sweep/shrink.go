package sweep

import (
	"context"
	"slices"
	"time"

	"gauntlet/harness/judge/requirement"
	"gauntlet/harness/run/catalogue"
	"gauntlet/harness/run/rig"
	"gauntlet/harness/run/workload"
	"gauntlet/proxies"
	"gauntlet/proxies/fault"
)

// Shrinker makes a failing point as small as it can be while it fails for the same
// requirement. Judge must be set.
type Shrinker struct {
	Judge    rig.Runner
	Possible func(catalogue.Case) bool
	// Of, in real time, is how often each candidate is run, and AtLeast how often it
	// has to fail then; 0 is once.
	Of, AtLeast int
	Most        int // candidates in all; 400 if 0
}

// usualMost bounds the candidates of one point.
const usualMost = 400

// Shrunk is a point that cannot be made smaller, and how it failed last.
type Shrunk struct {
	Point   Point
	Cause   Cause
	Outcome rig.Outcome
	Tried   int // candidates that were run
}

// Shrink tries simpler points as long as one of them fails alike. The outcome is
// of the last that did; if none did, of the point itself.
func (s Shrinker) Shrink(ctx context.Context, p Point, c Cause, o rig.Outcome) (Shrunk, error) {
	best := Shrunk{Point: p, Cause: c, Outcome: o}
	known := map[string]bool{p.Name(): true}
	for _, simpler := range []func(Point) []Point{fewerFaults, fewerBoxes, plainerWorld, shorterScript, simplerFaults, fewerBoxes, shorterScript, simplerFaults} {
		for progress := true; progress; {
			list := s.fresh(simpler(best.Point), best, known)
			found, err := s.firstAlike(ctx, list, c.Requirement)
			best.Tried += len(list)
			if err != nil || found == nil {
				if err != nil {
					return best, err
				}
				break
			}
			found.Tried = best.Tried
			best = *found
			progress = best.Tried < s.most()
		}
	}
	return best, ctx.Err()
}

func (s Shrinker) most() int {
	if s.Most > 0 {
		return s.Most
	}
	return usualMost
}

// fresh are the candidates that are smaller than the best, can be run, and were
// not.
func (s Shrinker) fresh(list []Point, best Shrunk, known map[string]bool) []Point {
	list = slices.DeleteFunc(list, func(p Point) bool {
		name := p.Name()
		seen := known[name]
		known[name] = true
		return seen || p.compare(best.Point) >= 0 || s.Possible != nil && !s.Possible(p.Case())
	})
	slices.SortFunc(list, Point.compare)
	return list[:min(len(list), max(0, s.most()-best.Tried))]
}

// firstAlike is the smallest of the candidates that fails by that requirement.
func (s Shrinker) firstAlike(ctx context.Context, list []Point, by requirement.ID) (*Shrunk, error) {
	failed := make([]int, len(list))
	last := make([]Shrunk, len(list))
	for range max(1, s.Of) {
		err := judgeAll(ctx, s.Judge, list, func(i int, o rig.Outcome) {
			if c, is := causeOf(list[i], &o.Result); is && c.Requirement == by && c.Since == "" {
				failed[i]++
				last[i] = Shrunk{Point: list[i], Cause: c, Outcome: o}
			}
		})
		if err != nil {
			return nil, err
		}
	}
	for i := range list {
		if failed[i] >= max(1, s.AtLeast) {
			return &last[i], nil
		}
	}
	return nil, nil
}

// judgeAll has points judged, and tells of each by its place.
func judgeAll(ctx context.Context, judge rig.Runner, list []Point, done func(int, rig.Outcome)) error {
	if len(list) == 0 {
		return ctx.Err()
	}
	place := map[string]int{}
	var cases []catalogue.Case
	for i, p := range list {
		c := p.Case()
		if _, twice := place[c.ID]; !twice {
			place[c.ID] = i
			cases = append(cases, c)
		}
	}
	return judge(ctx, cases, func(o rig.Outcome) {
		if i, asked := place[o.Case.ID]; asked && !o.Control {
			done(i, o)
		}
	})
}

// without is a list that lacks its ith.
func without[T any](list []T, i int) []T {
	return append(slices.Clone(list[:i]), list[i+1:]...)
}

// with is a list whose ith is another.
func with[T any](list []T, i int, other T) []T {
	list = slices.Clone(list)
	list[i] = other
	return list
}

// fewerFaults are the points that lack one.
func fewerFaults(p Point) (list []Point) {
	for i := range p.Faults {
		if len(p.Faults) > 1 {
			q := p
			q.Faults = without(p.Faults, i)
			list = append(list, q)
		}
	}
	return list
}

// fewerBoxes are the points that lack a box: what struck behind it strikes before
// it then.
func fewerBoxes(p Point) (list []Point) {
	for i := range p.Chain {
		q := p
		q.Chain = without(p.Chain, i)
		if len(q.Chain) == 0 {
			q.Chain = proxies.Chain(nil)
		}
		q.Faults = slices.Clone(p.Faults)
		for n := range q.Faults {
			if q.Faults[n].Hop > i {
				q.Faults[n].Hop--
			}
		}
		list = append(list, q)
	}
	for i := range p.Faults {
		if p.Faults[i].Hop > 0 {
			q := p
			f := p.Faults[i]
			f.Hop--
			q.Faults = with(p.Faults, i, f)
			list = append(list, q)
		}
	}
	return list
}

// plainerWorld are the point at the documented gateway, and with fewer knobs turned.
func plainerWorld(p Point) []Point {
	documented := p
	documented.Dialect = catalogue.DefaultDialect
	list := []Point{documented}
	for i := range p.Knobs {
		q := p
		q.Knobs = without(p.Knobs, i)
		list = append(list, q)
	}
	return list
}

// shorterScript are the points whose user does less.
func shorterScript(p Point) (list []Point) {
	add := func(s workload.Script) {
		if sound, err := workload.Parse(s.Lines()); err == nil && len(sound) > 0 {
			q := p
			q.Workload = sound
			list = append(list, q)
		}
	}
	for i, step := range p.Workload {
		add(without(p.Workload, i))
		for j := i + 1; j < len(p.Workload); j++ { // a chat and its end go together
			add(without(without(p.Workload, j), i))
		}
		for _, n := range []int{1, step.Count / 2} {
			if n > 0 && n < step.Count {
				less := step
				less.Count = n
				add(with(p.Workload, i, less))
			}
		}
		for _, d := range []time.Duration{time.Second, step.For / 2} {
			if d = d.Truncate(time.Second); d > 0 && d < step.For {
				less := step
				less.For = d
				add(with(p.Workload, i, less))
			}
		}
	}
	return list
}

// simplerFaults are the points with one fault made simpler.
func simplerFaults(p Point) (list []Point) {
	for i, f := range p.Faults {
		for _, g := range simpler(f) {
			q := p
			q.Faults = with(p.Faults, i, g)
			list = append(list, q)
		}
	}
	return list
}

// simpler are faults that are easier to understand: once, by FIN, at a place that
// anybody understands, at an earlier exchange, for less time.
func simpler(f fault.Fault) (list []fault.Fault) {
	add := func(change func(*fault.Fault)) {
		g := f
		change(&g)
		list = append(list, g)
	}
	add(func(g *fault.Fault) { g.Often = fault.Often{} })
	for _, plain := range []fault.Effect{{Name: "close"}, {Name: "reset"}} {
		if kind, _ := plain.Kind(); kind.MeansSomethingAt(f.Landmark.At) {
			add(func(g *fault.Fault) { g.Effect = plain })
		}
	}
	for _, place := range []fault.Place{fault.AtForward, fault.AtAnswer, fault.AtHead, fault.AtEnd} {
		if kind, _ := f.Effect.Kind(); f.Trigger.On == fault.Exchange && kind.MeansSomethingAt(place) {
			add(func(g *fault.Fault) { g.Landmark = fault.Landmark{At: place} })
		}
	}
	for n := 1; n < min(f.Trigger.Ordinal, 4); n++ {
		add(func(g *fault.Fault) { g.Trigger.Ordinal = n })
	}
	for i, word := range f.Effect.Args {
		if d, err := time.ParseDuration(word); err == nil && d > time.Second {
			add(func(g *fault.Fault) { g.Effect.Args = with(f.Effect.Args, i, time.Second.String()) })
		}
	}
	return list
}
