package rig

import (
	"cmp"
	"slices"

	"gauntlet/harness/judge/oracle"
	"gauntlet/harness/judge/requirement"
)

// Finding is one defect of a client: the requirement that it broke first, and
// those that it broke by the same exchanges, which mostly follow from that.
type Finding struct {
	oracle.Verdict
	Follows []oracle.Verdict
}

// why is the finding in a line.
func (f Finding) why() string { return string(f.Requirement) + ": " + f.Reason }

// losses are what a user loses by a broken requirement, the heaviest first. What
// is not listed costs the user nothing by itself.
var losses = []requirement.ID{
	"command.not-lost", "answer.delivered", "command.not-doubled", "command.in-order", "command.carried-out",
	"connection.session-survives", "close.reopens-once", "poll.keeps-going", "connection.recovers", "close.says-out",
}

// Findings are what the client broke, the heaviest loss first: musts, or in a case
// that failed by shoulds alone, these.
func (r *Result) Findings() []Finding {
	failures := r.broken(requirement.Must)
	if len(failures) == 0 && r.Status == oracle.Fail {
		failures = r.broken(requirement.Should)
	}
	var list []Finding
	for _, group := range grouped(failures) {
		slices.SortStableFunc(group, func(a, b oracle.Verdict) int { return cmp.Compare(earliest(a), earliest(b)) })
		list = append(list, Finding{group[0], group[1:]})
	}
	slices.SortStableFunc(list, func(a, b Finding) int { return cmp.Compare(a.weight(), b.weight()) })
	return follow(list)
}

// follow lists a generic failure that speaks of no exchange under the heaviest
// finding that names a cause.
func follow(list []Finding) []Finding {
	vague := func(f Finding) bool {
		return slices.Contains(generic, f.Requirement) && len(f.Exchanges)+len(f.Follows) == 0
	}
	cause := slices.IndexFunc(list, func(f Finding) bool { return !vague(f) })
	if cause < 0 {
		return list
	}
	var named []Finding
	for _, f := range list {
		if vague(f) {
			list[cause].Follows = append(list[cause].Follows, f.Verdict)
		}
	}
	for _, f := range list {
		if !vague(f) {
			named = append(named, f)
		}
	}
	return named
}

// Failures are the requirements of the findings, in their order.
func (r *Result) Failures() []oracle.Verdict {
	var list []oracle.Verdict
	for _, f := range r.Findings() {
		list = append(append(list, f.Verdict), f.Follows...)
	}
	return list
}

// broken are the verdicts of that level that failed here, and not in a simpler
// world already.
func (r *Result) broken(level requirement.Level) []oracle.Verdict {
	return slices.DeleteFunc(slices.Clone(r.Verdicts), func(v oracle.Verdict) bool {
		return v.Status != oracle.Fail || v.Level != level || v.Since != ""
	})
}

// grouped puts failures together that speak of the same exchanges, directly or by
// way of others.
func grouped(failures []oracle.Verdict) (groups [][]oracle.Verdict) {
	for _, v := range failures {
		group := []oracle.Verdict{v}
		var apart [][]oracle.Verdict
		for _, g := range groups {
			if slices.ContainsFunc(g, func(o oracle.Verdict) bool { return share(o.Exchanges, v.Exchanges) }) {
				group = append(slices.Clone(g), group...)
			} else {
				apart = append(apart, g)
			}
		}
		groups = append(apart, group)
	}
	return groups
}

// share reports whether an exchange is in both lists.
func share(a, b []int) bool {
	return slices.ContainsFunc(a, func(n int) bool { return slices.Contains(b, n) })
}

// earliest is the first exchange of which a verdict speaks.
func earliest(v oracle.Verdict) int {
	if len(v.Exchanges) == 0 {
		return 0
	}
	return slices.Min(v.Exchanges)
}

// weight is the place among the losses of the heaviest that belongs to f.
func (f Finding) weight() int {
	least := len(losses)
	for _, v := range append([]oracle.Verdict{f.Verdict}, f.Follows...) {
		if i := slices.Index(losses, v.Requirement); i >= 0 {
			least = min(least, i)
		}
	}
	return least
}
