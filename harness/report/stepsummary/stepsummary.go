// Package stepsummary writes a run as Markdown of the kind that GitHub shows
// beside a step of a workflow: the counts, the levels, and each problem with
// its evidence folded away. Whatever is quoted is quoted as code or escaped, so
// that nothing in it becomes a link, a mention or HTML.
package stepsummary

import (
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"

	"gauntlet/harness/judge/oracle"
	"gauntlet/harness/report"
	"gauntlet/harness/report/inert"
)

// mostProblems is how many problems are told: GitHub cuts a summary of 1 MiB
// off altogether.
const mostProblems = 50

// Write writes the summary of one run.
func Write(out io.Writer, run report.Summary, entries []report.Entry) error {
	var md strings.Builder
	fmt.Fprintf(&md, "## Gauntlet: %s, %s\n\n", escaped(run.Client), verdicts[run.Exit])
	fmt.Fprintf(&md, "| mode | seed | cases | %s |\n|-|-|-|%s\n", escapedAll(statuses(run)), strings.Repeat("-|", len(run.Counts)))
	fmt.Fprintf(&md, "| %s | %d | %d | %s |\n", escaped(string(run.Mode)), run.Seed, len(run.Cases), strings.Join(counts(run), " | "))
	levels(&md, run)
	problems(&md, entries)
	if _, err := io.WriteString(out, md.String()+"\n"); err != nil {
		return fmt.Errorf("step summary: %w", err)
	}
	return nil
}

var verdicts = map[int]string{
	report.Sound:    "sound",
	report.Failed:   "a must is broken",
	report.Unusable: "something of Gauntlet's is broken",
	report.Unproved: "not proved",
}

func statuses(run report.Summary) []string { return slices.Sorted(maps.Keys(run.Counts)) }

func counts(run report.Summary) []string {
	var list []string
	for _, status := range statuses(run) {
		list = append(list, fmt.Sprint(run.Counts[status]))
	}
	return list
}

// levels names those that are met.
func levels(md *strings.Builder, run report.Summary) {
	met := []string{"no level"}
	for _, s := range run.Levels {
		if s.Met {
			met = append(met, "**"+escaped(s.Level)+"**")
		}
	}
	if len(met) > 1 {
		met = met[1:]
	}
	if run.Edition != "" {
		fmt.Fprintf(md, "\nEdition %s: %s met.\n", escaped(run.Edition), strings.Join(met, ", "))
	}
}

func problems(md *strings.Builder, entries []report.Entry) {
	told, left := 0, 0
	for _, e := range entries {
		switch {
		case e.Is(oracle.Pass), e.Is(oracle.NotApplicable), e.Known != "":
		case told == mostProblems:
			left++
		default:
			told++
			problem(md, e)
		}
	}
	if left > 0 {
		fmt.Fprintf(md, "\n… and %d more.\n", left)
	}
}

func problem(md *strings.Builder, e report.Entry) {
	fmt.Fprintf(md, "\n<details><summary><b>%s</b> %s: %s</summary>\n\n%s\n</details>\n", e.Status, escaped(e.Case), escaped(e.Title), fenced(e.Text))
}

// escaped is a text on one line in which nothing acts, nothing means anything to
// Markdown or HTML, and no one is mentioned.
func escaped(text string) string {
	var out strings.Builder
	for _, r := range inert.Line(text) {
		if strings.ContainsRune("\\`*_{}[]()<>#+!|~&@:\"'$", r) {
			fmt.Fprintf(&out, "&#%d;", r)
		} else {
			out.WriteRune(r)
		}
	}
	return out.String()
}

// escapedAll are texts as the cells of a row.
func escapedAll(texts []string) string {
	cells := make([]string, len(texts))
	for i, text := range texts {
		cells[i] = escaped(text)
	}
	return strings.Join(cells, " | ")
}

// fenced is a text as a block of code, whose fence is longer than any row of
// backticks in it.
func fenced(text string) string {
	fence := "```"
	for strings.Contains(text, fence) {
		fence += "`"
	}
	return fence + "text\n" + strings.TrimRight(text, "\n") + "\n" + fence + "\n"
}
