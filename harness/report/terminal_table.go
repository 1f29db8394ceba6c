package report

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"
	"text/tabwriter"

	"gauntlet/harness/oracle"
	"gauntlet/harness/requirement"
	"gauntlet/harness/rig"
)

// table writes a line for each requirement on which something was found.
func (t Terminal) table(outcomes []rig.Outcome) {
	fmt.Fprintln(t.Out)
	w := tabwriter.NewWriter(t.Out, 0, 4, 2, ' ', 0)
	fmt.Fprintln(w, "REQUIREMENT\tLEVEL\tPASS\tFAIL\tOPEN\tCHECKED\t")
	for _, q := range requirement.All() {
		pass, fail, open, checked := tally(outcomes, q.ID)
		if pass+fail+open > 0 {
			fmt.Fprintf(w, "%s\t%s\t%d\t%d\t%d\t%d\t\n", q.ID, q.Level, pass, fail, open, checked)
		}
	}
	_ = w.Flush() // a terminal that is gone cannot be told so
}

// tally counts the verdicts on one requirement. Open are those that a case was
// to prove and could not.
func tally(outcomes []rig.Outcome, id requirement.ID) (pass, fail, open, checked int) {
	for _, o := range outcomes {
		for _, v := range o.Result.Verdicts {
			switch {
			case v.Requirement != id:
				continue
			case v.Status == oracle.Pass:
				pass++
			case v.Status == oracle.Fail:
				fail++
			case slices.Contains(o.Case.Proves, id):
				open++
			}
			checked += v.Checked
		}
	}
	return pass, fail, open, checked
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
