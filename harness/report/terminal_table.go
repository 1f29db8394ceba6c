package report

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"
	"text/tabwriter"

	"gauntlet/harness/judge/oracle"
	"gauntlet/harness/judge/requirement"
	"gauntlet/harness/run/rig"
)

// table writes a line for each requirement on which something was found.
// FORGIVEN are failures in cases that ask it at a lower level than its own:
// there even the best client may fail.
func (t Terminal) table(outcomes []rig.Outcome) {
	fmt.Fprintln(t.Out)
	w := tabwriter.NewWriter(t.Out, 0, 4, 2, ' ', 0)
	fmt.Fprintln(w, "REQUIREMENT\tLEVEL\tPASS\tFAIL\tFORGIVEN\tOPEN\tCHECKED\t")
	for _, q := range requirement.All() {
		if n := tallyOf(outcomes, q); n.pass+n.fail+n.forgiven+n.open > 0 {
			fmt.Fprintf(w, "%s\t%s\t%d\t%d\t%d\t%d\t%d\t\n", q.ID, q.Level, n.pass, n.fail, n.forgiven, n.open, n.checked)
		}
	}
	_ = w.Flush() // a terminal that is gone cannot be told so
}

// tally is the number of verdicts on one requirement. Open are those that a
// case was to prove and could not.
type tally struct{ pass, fail, forgiven, open, checked int }

func tallyOf(outcomes []rig.Outcome, q requirement.Requirement) (n tally) {
	for _, o := range outcomes {
		for _, v := range o.Result.Verdicts {
			switch {
			case v.Requirement != q.ID:
				continue
			case v.Status == oracle.Pass:
				n.pass++
			case v.Status == oracle.Fail && v.Level != q.Level:
				n.forgiven++
			case v.Status == oracle.Fail:
				n.fail++
			case slices.Contains(o.Case.Proves, q.ID):
				n.open++
			}
			n.checked += v.Checked
		}
	}
	return n
}

func (t Terminal) counts(outcomes []rig.Outcome) {
	count := Counts(outcomes)
	var parts []string
	for _, name := range ByNumber(count) {
		parts = append(parts, fmt.Sprintf("%d %s", count[name], name))
	}
	noun := "cases"
	if len(outcomes) == 1 {
		noun = "case"
	}
	fmt.Fprintf(t.Out, "\n%d %s: %s\n", len(outcomes), noun, strings.Join(parts, ", "))
}

// Counts is the number of cases by status.
func Counts(outcomes []rig.Outcome) map[string]int {
	count := map[string]int{}
	for _, o := range outcomes {
		count[o.Result.Status.String()]++
	}
	return count
}

// ByNumber are the names of what was counted, the most frequent first.
func ByNumber(count map[string]int) []string {
	names := slices.Collect(maps.Keys(count))
	slices.SortFunc(names, func(a, b string) int { return cmp.Or(count[b]-count[a], strings.Compare(a, b)) })
	return names
}
