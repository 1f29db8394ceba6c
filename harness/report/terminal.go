package report

import (
	"cmp"
	"fmt"
	"io"
	"slices"
	"strings"
	"text/tabwriter"

	"gauntlet/harness/oracle"
	"gauntlet/harness/requirement"
	"gauntlet/harness/rig"
)

// excerptLines is how many exchanges stand beside a failure.
const excerptLines = 6

// Terminal writes for people. Colour is for a terminal that wants it.
type Terminal struct {
	Out    io.Writer
	Colour bool
	Lines  bool // a line for each case as it ends, for logs; a progress bar takes their place
}

// Case writes the line of one outcome.
func (t Terminal) Case(o rig.Outcome) {
	if !t.Lines || o.Control {
		return
	}
	fmt.Fprintf(t.Out, "%-13s %-44s %s\n", t.paint(o.Result.Status), o.Case.ID, remark(o.Result))
}

// remark is what is worth knowing of a case on one line.
func remark(r rig.Result) string {
	if r.Status != oracle.Pass {
		return r.Reason
	}
	var fired []string
	for _, f := range r.Faults {
		fired = append(fired, fmt.Sprintf("%s (fired %s on connection %s)", f.Text, times(f.Fired), numbers(f.Connections)))
	}
	if len(fired) == 0 {
		return "undisturbed"
	}
	return strings.Join(fired, "; ")
}

func times(n int) string {
	if n == 1 {
		return "once"
	}
	return fmt.Sprintf("%d times", n)
}

func numbers(list []int) string {
	words := make([]string, len(list))
	for i, n := range list {
		words[i] = fmt.Sprint(n)
	}
	return strings.Join(words, ", ")
}

// Summary writes the table of requirements, the failures with their evidence,
// and the counts.
func (t Terminal) Summary(outcomes []rig.Outcome) {
	t.table(outcomes)
	for _, o := range outcomes {
		t.problem(o)
	}
	t.counts(outcomes)
}

func (t Terminal) table(outcomes []rig.Outcome) {
	fmt.Fprintln(t.Out)
	w := tabwriter.NewWriter(t.Out, 0, 4, 2, ' ', 0)
	fmt.Fprintln(w, "REQUIREMENT\tLEVEL\tPASS\tFAIL\tOPEN\tCHECKED\t")
	for _, q := range requirement.All() {
		var pass, fail, open, checked int
		for _, o := range outcomes {
			for _, v := range o.Result.Verdicts {
				if v.Requirement != q.ID {
					continue
				}
				checked += v.Checked
				switch {
				case v.Status == oracle.Pass:
					pass++
				case v.Status == oracle.Fail:
					fail++
				case slices.Contains(o.Case.Proves, q.ID):
					open++
				}
			}
		}
		fmt.Fprintf(w, "%s\t%s\t%d\t%d\t%d\t%d\t\n", q.ID, q.Level, pass, fail, open, checked)
	}
	_ = w.Flush() // a terminal that is gone cannot be told so
}

// problem tells of a case that did not pass: what was asked, why it was not
// so, what went over the wire, and how to see it again.
func (t Terminal) problem(o rig.Outcome) {
	r := o.Result
	if r.Status == oracle.Pass || r.Status == oracle.NotApplicable {
		return
	}
	fmt.Fprintf(t.Out, "\n%s  %s: %s\n", t.paint(r.Status), r.ID, r.Title)
	for _, f := range r.Faults {
		fmt.Fprintf(t.Out, "  fault      %s (fired %s)\n", f.Text, times(f.Fired))
	}
	failures := r.Failures()
	if len(failures) == 0 {
		fmt.Fprintf(t.Out, "  reason     %s\n", r.Reason)
	}
	for _, v := range failures {
		t.failure(o, v)
	}
	fmt.Fprintf(t.Out, "  reproduce  %s\n", r.Reproduce)
}

func (t Terminal) failure(o rig.Outcome, v oracle.Verdict) {
	q, _ := requirement.ByID(v.Requirement)
	fmt.Fprintf(t.Out, "  broken     %s (%s): %s\n  because    %s\n", v.Requirement, statements(q), q.Sentence, v.Reason)
	for _, line := range o.Excerpt(v, excerptLines) {
		fmt.Fprintf(t.Out, "    %s\n", line)
	}
}

func statements(q requirement.Requirement) string {
	words := []string{string(q.Level)}
	for _, s := range q.Statements {
		words = append(words, s.String())
	}
	return strings.Join(words, ", ")
}

func (t Terminal) counts(outcomes []rig.Outcome) {
	count := Counts(outcomes)
	names := make([]string, 0, len(count))
	for name := range count {
		names = append(names, name)
	}
	slices.SortFunc(names, func(a, b string) int { return cmp.Or(count[b]-count[a], strings.Compare(a, b)) })
	var parts []string
	for _, name := range names {
		parts = append(parts, fmt.Sprintf("%d %s", count[name], name))
	}
	fmt.Fprintf(t.Out, "\n%d cases: %s\n", len(outcomes), strings.Join(parts, ", "))
}

// Counts is the number of cases by status.
func Counts(outcomes []rig.Outcome) map[string]int {
	count := map[string]int{}
	for _, o := range outcomes {
		count[o.Result.Status.String()]++
	}
	return count
}

var colours = map[oracle.Status]string{oracle.Pass: "32", oracle.Fail: "31", oracle.Broken: "35"}

func (t Terminal) paint(s oracle.Status) string {
	if !t.Colour {
		return s.String()
	}
	code := colours[s]
	if code == "" {
		code = "33"
	}
	return "\x1b[" + code + "m" + s.String() + "\x1b[0m"
}
