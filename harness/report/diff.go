package report

import (
	"fmt"
	"io"
	"slices"
	"strings"
	"unicode/utf8"

	"gauntlet/harness/judge/economy"
	"gauntlet/harness/judge/oracle"
	"gauntlet/harness/report/inert"
	"gauntlet/harness/run/rig"
)

// Change is what became of a case between two runs.
type Change string

// The changes that are worth a word.
const (
	New       Change = "new"       // only in the second run
	Gone      Change = "gone"      // only in the first
	Fixed     Change = "fixed"     // it passes now
	Regressed Change = "regressed" // it passed before
	StillRed  Change = "still red"
	Costlier  Change = "costlier" // green in both, and the second took much more
	Other     Change = "other"    // neither run judged it red or green
)

// Difference is one case that two runs differ in, or that is red in both.
type Difference struct {
	ID     string        `json:"id"`
	Change Change        `json:"change"`
	Before oracle.Status `json:"before"`
	After  oracle.Status `json:"after"`
	Reason string        `json:"reason,omitempty"` // of the run that is red
}

// Diff compares two runs case by case, in the order of the ids.
func Diff(before, after []rig.Result) []Difference {
	old, now := byID(before), byID(after)
	var list []Difference
	for id, b := range old {
		if a, ok := now[id]; ok {
			list = append(list, compare(b, a)...)
		} else {
			list = append(list, Difference{ID: id, Change: Gone, Before: b.Status, Reason: b.Reason})
		}
	}
	for id, a := range now {
		if _, ok := old[id]; !ok {
			list = append(list, Difference{ID: id, Change: New, After: a.Status, Reason: a.Reason})
		}
	}
	slices.SortFunc(list, func(a, b Difference) int { return strings.Compare(a.ID, b.ID) })
	return list
}

func byID(results []rig.Result) map[string]rig.Result {
	m := make(map[string]rig.Result, len(results))
	for _, r := range results {
		m[r.ID] = r
	}
	return m
}

func compare(before, after rig.Result) []Difference {
	d := Difference{ID: after.ID, Before: before.Status, After: after.Status, Reason: after.Reason, Change: Other}
	switch {
	case before.Status == oracle.Pass && after.Status == oracle.Fail:
		d.Change = Regressed
	case before.Status == oracle.Fail && after.Status == oracle.Pass:
		d.Change, d.Reason = Fixed, before.Reason
	case before.Status == oracle.Fail && after.Status == oracle.Fail:
		d.Change = StillRed
	case before.Status == after.Status:
		d.Change, d.Reason = Costlier, dearer(before.Economy, after.Economy)
		if before.Status != oracle.Pass || d.Reason == "" {
			return nil
		}
	}
	return []Difference{d}
}

// PrintDiff writes the differences for people, in lines of so many letters at most.
func PrintDiff(out io.Writer, width int, list []Difference) {
	for _, change := range []Change{Regressed, StillRed, Costlier, Fixed, New, Gone, Other} {
		for _, d := range list {
			if d.Change == change {
				head := inert.Line(fmt.Sprintf("%-10s %-44s %s → %s", d.Change, d.ID, side(d.Before, d.Change == New), side(d.After, d.Change == Gone)))
				lines := []string{head + "  " + inert.Line(d.Reason)}
				if width > 0 && utf8.RuneCountInString(lines[0]) > width { // the reason stands below
					indent := len("regressed  ")
					lines = append([]string{head}, Fold(strings.Repeat(" ", indent)+inert.Line(d.Reason), width, indent)...)
				}
				fmt.Fprintln(out, strings.Join(lines, "\n"))
			}
		}
	}
	if len(list) == 0 {
		fmt.Fprintln(out, "no difference")
	}
}

func side(s oracle.Status, absent bool) string {
	if absent {
		return "–"
	}
	return s.String()
}

// dearerBy is from what factor on a case is told to cost more than before, and
// slack how many of a thing may be added whatever the factor: what is paid once
// more is no trend.
const (
	dearerBy = 1.25
	slack    = 3
)

// slowerBy is from what on, in milliseconds, a recovery is told to be slower.
const slowerBy = 2000

// dearer says what a case costs more than before, by a good deal; empty if
// nothing.
func dearer(before, after economy.Figures) string {
	var list []string
	for _, c := range []struct {
		what        string
		before, now int
		slack       int
	}{
		{"requests", before.Requests, after.Requests, slack},
		{"connections", before.Connections, after.Connections, slack},
		{"bytes sent", before.Sent, after.Sent, slack << 10},
		{"bytes received", before.Received, after.Received, slack << 10},
	} {
		if c.now > c.before+c.slack && float64(c.now) > dearerBy*float64(c.before) {
			list = append(list, fmt.Sprintf("%d %s, before %d", c.now, c.what, c.before))
		}
	}
	if before.Recovered >= 0 && after.Recovered > before.Recovered+slowerBy {
		list = append(list, fmt.Sprintf("back after %d ms, before %d", after.Recovered, before.Recovered))
	}
	return strings.Join(list, "; ")
}

// PrintEconomy writes what a message cost in either run, over the cases that
// passed in both, if it differs.
func PrintEconomy(out io.Writer, before, after []rig.Result) {
	var a, b []economy.Figures
	now := byID(after)
	for _, old := range before {
		if r, both := now[old.ID]; both && old.Status == oracle.Pass && r.Status == oracle.Pass {
			a, b = append(a, old.Economy), append(b, r.Economy)
		}
	}
	if was, is := perMessage(economy.Total(a)), perMessage(economy.Total(b)); was != is && was != "" && is != "" {
		fmt.Fprintf(out, "\na message cost  %s\nand now         %s\n", was, is)
	}
}
