package report

import (
	"fmt"
	"slices"
	"strings"

	"gauntlet/harness/judge/oracle"
	"gauntlet/harness/judge/requirement"
	"gauntlet/harness/report/inert"
	"gauntlet/harness/run/rig"
)

// excerptLines is how many exchanges stand beside a failure.
const excerptLines = 6

// Problems tells of the cases that did not pass. Failures stand alone; where
// many cases were not judged for the same reason, it is told once.
func (t Terminal) Problems(outcomes []rig.Outcome) {
	var told []string
	for _, o := range outcomes {
		r := o.Result
		if r.Known != "" {
			continue
		}
		switch r.Status {
		case oracle.Pass, oracle.NotApplicable:
		case oracle.Fail:
			t.problem(o)
		default:
			if why := r.Status.String() + r.Reason; !slices.Contains(told, why) {
				told = append(told, why)
				t.unjudged(r, alike(outcomes, r))
			}
		}
	}
}

// alike are the ids of the cases with the status and the reason of r.
func alike(outcomes []rig.Outcome, r rig.Result) []string {
	var ids []string
	for _, o := range outcomes {
		if o.Result.Status == r.Status && o.Result.Reason == r.Reason {
			ids = append(ids, o.Result.ID)
		}
	}
	return ids
}

func (t Terminal) unjudged(first rig.Result, ids []string) {
	if len(ids) == 1 {
		fmt.Fprintf(t.Out, "\n%s  %s: %s\n", t.paint(first.Status), first.ID, first.Title)
	} else {
		fmt.Fprintf(t.Out, "\n%s  %d cases, the first is %s: %s\n", t.paint(first.Status), len(ids), first.ID, first.Title)
	}
	fmt.Fprintf(t.Out, "  reason     %s\n  reproduce  %s\n", inert.Line(first.Reason), first.Reproduce)
}

// problem tells of a case that failed: what was asked, why it was not so, what
// went over the wire, and how to see it again.
func (t Terminal) problem(o rig.Outcome) {
	r := o.Result
	fmt.Fprintf(t.Out, "\n%s  %s: %s\n", t.paint(r.Status), r.ID, r.Title)
	for _, f := range r.Faults {
		fmt.Fprintf(t.Out, "  fault      %s (fired %s)\n", f.Text, times(f.Fired))
	}
	for _, f := range r.Fates[:min(len(r.Fates), excerptLines)] {
		fmt.Fprintf(t.Out, "  fate       %s\n", f)
	}
	var shown []string
	for _, v := range r.Failures() {
		shown = t.failure(o, v, shown)
	}
	fmt.Fprintf(t.Out, "  reproduce  %s\n", r.Reproduce)
}

// failure tells of one requirement that was broken, with the exchanges that
// show it, unless those were shown just before.
func (t Terminal) failure(o rig.Outcome, v oracle.Verdict, shown []string) []string {
	q, _ := requirement.ByID(v.Requirement)
	fmt.Fprintf(t.Out, "  broken     %s (%s): %s\n  because    %s\n", v.Requirement, statements(q), q.Sentence, inert.Line(v.Reason))
	excerpt := o.Excerpt(v, excerptLines)
	if slices.Equal(excerpt, shown) {
		return shown
	}
	for _, line := range excerpt {
		fmt.Fprintf(t.Out, "    %s\n", inert.Line(line))
	}
	return excerpt
}

func statements(q requirement.Requirement) string {
	words := []string{string(q.Level)}
	for _, s := range q.Statements {
		words = append(words, s.String())
	}
	return strings.Join(words, ", ")
}
