package report

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"gauntlet/harness/judge/oracle"
	"gauntlet/harness/judge/requirement"
	"gauntlet/harness/run/rig"
)

// alike are cases that ended so for the same reason: they are told of once.
type alike struct {
	why     why
	example rig.Outcome // of failures the one in which there is the least to understand
	cases   []string
}

// why is what cases have in common that are alike: failures the requirement that
// was broken first, and what was not judged the reason, to the letter.
type why struct {
	status oracle.Status
	broken requirement.ID
	level  requirement.Level
	reason string
}

func whyOf(r rig.Result) why {
	if findings := r.Findings(); r.Status == oracle.Fail && len(findings) > 0 {
		return why{status: r.Status, broken: findings[0].Requirement, level: findings[0].Level}
	}
	return why{status: r.Status, reason: r.Reason}
}

// String is what is said of more than one of them.
func (w why) String() string {
	if w.broken != "" {
		return "break " + string(w.broken)
	}
	return "for one reason"
}

// problems gathers the cases that did not pass: failures first, by musts before
// those by shoulds, and what happened most before the rest. What is known, or
// could not be put so, is no problem.
func problems(outcomes []rig.Outcome) []alike {
	var list []alike
	for _, o := range outcomes {
		r := o.Result
		if r.Known != "" || r.Status == oracle.Pass || r.Status == oracle.NotApplicable {
			continue
		}
		w := whyOf(r)
		i := slices.IndexFunc(list, func(a alike) bool { return a.why == w })
		if i < 0 {
			i, list = len(list), append(list, alike{why: w, example: o})
		}
		list[i].cases = append(list[i].cases, r.ID)
		if r.Status == oracle.Fail && simpler(o, list[i].example) {
			list[i].example = o
		}
	}
	slices.SortStableFunc(list, func(a, b alike) int {
		return cmp.Or(cmp.Compare(a.why.gravity(), b.why.gravity()), cmp.Compare(len(b.cases), len(a.cases)))
	})
	return list
}

// gravity orders what there is to tell.
func (w why) gravity() int {
	switch w.status {
	case oracle.Broken:
		return 0
	case oracle.Fail:
		return 1 + b2i(w.level != requirement.Must)
	}
	return 3
}

// simpler reports whether there is less to understand about a.
func simpler(a, b rig.Outcome) bool {
	size := func(o rig.Outcome) []int {
		return []int{len(o.Result.Faults), len(o.Result.Chain), len(o.Result.Findings()), o.Result.Economy.Requests}
	}
	return slices.Compare(size(a), size(b)) < 0
}

// most is how many of the other cases are named.
const most = 8

// others names the cases beside the example, empty if there are none.
func (a alike) others() string {
	rest := slices.DeleteFunc(slices.Clone(a.cases), func(id string) bool { return id == a.example.Result.ID })
	if len(rest) <= most+1 {
		return strings.Join(rest, ", ")
	}
	return fmt.Sprintf("%s and %d more", strings.Join(rest[:most], ", "), len(rest)-most)
}
