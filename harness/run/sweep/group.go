package sweep

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"gauntlet/harness/judge/oracle"
	"gauntlet/harness/judge/requirement"
	"gauntlet/harness/run/catalogue"
	"gauntlet/harness/run/rig"
	"gauntlet/proxies/fault"
)

// Cause is why a point failed, as closely as failures are told apart.
type Cause struct {
	Requirement requirement.ID `json:"requirement"`     // that the client broke first
	Since       string         `json:"since,omitempty"` // the simpler world in which it fails already
	Fate        string         `json:"fate"`            // how far the first disturbed exchange came
	Place       string         `json:"place"`           // which kind of exchange that was
}

// String is the cause on one line.
func (c Cause) String() string {
	text := fmt.Sprintf("%s, at %s that %s", c.Requirement, c.Place, c.Fate)
	if c.Since != "" {
		text = "since " + c.Since + ": " + string(c.Requirement)
	}
	return text
}

// causeOf is why an outcome is a failure; false if it is none.
func causeOf(p Point, r *rig.Result) (c Cause, failed bool) {
	c = Cause{Fate: "was not seen", Place: stateOf(p.Faults)}
	switch findings := r.Findings(); {
	case r.Status == oracle.Broken:
		c.Requirement = "harness.broken" // of which somebody has to hear
	case len(findings) > 0 && (findings[0].Level == requirement.Must || r.Status == oracle.Fail): // a should, where these count
		c.Requirement = findings[0].Requirement
	default:
		earlier := slices.DeleteFunc(r.Earlier(), func(v oracle.Verdict) bool { return v.Level != requirement.Must })
		if len(earlier) == 0 {
			return c, r.Status == oracle.Fail
		}
		return Cause{Requirement: earlier[0].Requirement, Since: earlier[0].Since}, true
	}
	if len(r.Fates) > 0 {
		c.Fate = string(r.Fates[0].Stage)
		if r.Fates[0].Request != "" {
			c.Place = "a request, " + r.Fates[0].Request + ","
		}
	}
	return c, true
}

// Group are the points that failed for one cause.
type Group struct {
	Cause   Cause
	Count   int
	Example Point       // the smallest of them
	Outcome rig.Outcome // of the example
}

// groups gathers failures. It keeps one history for each cause.
type groups map[Cause]*Group

func (g groups) add(c Cause, p Point, o rig.Outcome) {
	known := g[c]
	if known == nil {
		g[c] = &Group{c, 1, p, o}
		return
	}
	known.Count++
	if p.compare(known.Example) < 0 {
		known.Example, known.Outcome = p, o
	}
}

// sorted are the groups, those with the most points first.
func (g groups) sorted() []Group {
	var list []Group
	for _, one := range g {
		list = append(list, *one)
	}
	slices.SortFunc(list, func(a, b Group) int {
		return cmp.Or(cmp.Compare(b.Count, a.Count), cmp.Compare(a.Cause.String(), b.Cause.String()))
	})
	return list
}

// compare orders points by how much there is to understand about them: negative if
// p is the smaller.
func (p Point) compare(q Point) int {
	return cmp.Or(slices.Compare(p.size(), q.size()), strings.Compare(p.Name(), q.Name()))
}

// size is what there is to understand, the heaviest part first.
func (p Point) size() []int {
	effects, places, late, steps := 0, 0, 0, 0
	for _, f := range p.Faults {
		effects += weightOf(f)
		places += landmarkWeight(f.Landmark)
		late += f.Trigger.Ordinal
	}
	for _, s := range p.Workload {
		steps += 1 + s.Count + int(s.For/time.Second)
	}
	odd := 0
	if p.Dialect != catalogue.DefaultDialect {
		odd = 1
	}
	odd += len(p.Knobs)
	hops := 0
	for _, f := range p.Faults {
		hops += f.Hop
	}
	return []int{len(p.Faults), len(p.Chain), odd, hops, len(p.Workload), steps, effects, places, late}
}

// weightOf is how much an effect asks of whoever reads of it.
func weightOf(f fault.Fault) int {
	n := 3
	if i := slices.Index([]string{"close", "reset"}, f.Effect.Name); i >= 0 {
		n = i
	}
	if f.Often != (fault.Often{}) {
		n++
	}
	return n + len(f.Effect.Args)
}

// landmarkWeight orders the places: forward and answer are those that anybody
// understands.
func landmarkWeight(l fault.Landmark) int {
	switch l.At {
	case fault.AtAccept, fault.AtForward, fault.AtAnswer:
		return 0
	case fault.AtHead, fault.AtEnd, fault.AtStatusLine:
		return 1
	case fault.AtField, fault.AtIdle:
		return 2
	}
	return 3
}
