package main

import (
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"gauntlet/harness/judge/oracle"
	"gauntlet/harness/report"
	"gauntlet/harness/report/html"
	"gauntlet/harness/report/inert"
	"gauntlet/harness/run/certify"
	"gauntlet/harness/run/rig"
)

func judgeCommand() *cobra.Command {
	var asJSON bool
	var longest string
	c := &cobra.Command{
		Use:   "judge DIR|FILE",
		Short: "Judge the histories of a run again, or traffic that others recorded",
		Long: "Judge the histories of a run directory again, with the oracles of today, or a HAR log, packet capture (pcapng, pcap) or debug log of libpurple in which another tool has recorded the traffic of a client: " +
			"such a file is judged by what can be seen there; the rest is Inconclusive.",
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			if info, err := os.Stat(args[0]); err == nil && !info.IsDir() {
				return judgeRecording(cmd.OutOrStdout(), args[0], asJSON)
			}
			most, err := parseSize("--max-history", longest)
			if err != nil {
				return err
			}
			return judge(cmd.OutOrStdout(), args[0], most, asJSON)
		},
	}
	c.Flags().BoolVar(&asJSON, "json", false, "print the results as a JSON array and nothing else")
	c.Flags().StringVar(&longest, "max-history", fmt.Sprintf("%dMiB", report.LongestHistory>>20), "largest history that is read; judging it takes about six times as much memory")
	return c
}

// judge reads a run directory and changes nothing in it.
func judge(out io.Writer, dir string, longest int64, asJSON bool) error {
	r, err := certify.Rejudge(library(), dir, longest)
	if err != nil {
		return err
	}
	if asJSON {
		err = report.JSON(out, resultsOf(r.Cases))
	} else {
		showJudged(out, r)
	}
	if err == nil && r.Exit != report.Sound {
		return exit(r.Exit)
	}
	return err
}

func showJudged(out io.Writer, r certify.Rejudgement) {
	report.Terminal{Out: out, Width: widthOf(out), Controls: r.Controls}.Summary(r.Cases)
	for _, line := range r.Stale {
		fmt.Fprintln(out, inert.Line(line))
	}
	fmt.Fprintf(out, "%d of %d verdicts differ from the stored ones\n", len(r.Changed), len(r.Cases))
	for _, c := range r.Changed {
		now := c.Now.Result
		fmt.Fprintln(out, inert.Line(fmt.Sprintf("  %s: was %s, is %s: %s", c.Now.Case.ID, c.Was(), now.Status, now.Reason)))
	}
}

// judgeRecording judges a file that another tool has written.
func judgeRecording(out io.Writer, file string, asJSON bool) error {
	r, err := certify.JudgeRecording(library(), file)
	if err != nil {
		return err
	}
	if asJSON {
		err = report.JSON(out, resultsOf([]rig.Outcome{r.Outcome}))
	} else {
		showRecorded(out, r)
	}
	if err == nil && r.Code != report.Sound {
		return exit(r.Code)
	}
	return err
}

// showRecorded writes a line for each requirement, then what failed, and what the
// recording cannot show.
func showRecorded(out io.Writer, r certify.Recorded) {
	by := ""
	if r.By != "" {
		by = ", written by " + r.By
	}
	what := "requests"
	if !r.Sight.Requests {
		what = "commands"
	}
	fmt.Fprintln(out, inert.Line(fmt.Sprintf("%s: %s%s: %d %s", r.Outcome.Case.ID, r.Format, by, r.Requests(), what)))
	for _, note := range r.Notes {
		fmt.Fprintln(out, inert.Line("note: "+note))
	}
	fmt.Fprintln(out)
	open := 0
	for _, v := range r.Outcome.Result.Verdicts {
		line := fmt.Sprintf("%-13s %-13s %-27s %5d checked  %s", v.Status, v.Level, v.Requirement, v.Checked, v.Reason)
		fmt.Fprintln(out, strings.TrimRight(inert.Line(line), " "))
		if v.Status != oracle.Pass && v.Status != oracle.Fail {
			open++
		}
	}
	report.Terminal{Out: out, Width: widthOf(out)}.Problems([]rig.Outcome{r.Outcome})
	fmt.Fprintf(out, "\n%s; %d of %d requirements cannot be judged by this recording\n", r.Outcome.Result.Status, open, len(r.Outcome.Result.Verdicts))
}

func diffCommand() *cobra.Command {
	var asJSON bool
	var f certify.Reports
	c := &cobra.Command{
		Use:   "diff DIR DIR",
		Short: "Compare two runs: what is new, fixed, regressed, still red",
		Long:  "Compare two runs: what is new, fixed, regressed, still red, or costlier than before. Exit code 1 if anything regressed.",
		Args:  cobra.ExactArgs(2),
		RunE: func(cmd *cobra.Command, args []string) error {
			return diff(cmd.OutOrStdout(), args[0], args[1], asJSON, f)
		},
	}
	c.Flags().BoolVar(&asJSON, "json", false, "as a JSON array")
	registerPage(c, &f, changesName+" in the second directory")
	return c
}

func diff(out io.Writer, before, after string, asJSON bool, f certify.Reports) error {
	a, err := resultsIn(before)
	if err != nil {
		return err
	}
	b, err := resultsIn(after)
	if err != nil {
		return err
	}
	list := report.Diff(a, b)
	if asJSON {
		err = report.JSON(out, append([]report.Difference{}, list...))
	} else {
		report.PrintDiff(out, widthOf(out), list)
		report.PrintEconomy(out, a, b)
	}
	if err == nil && f.HTML {
		err = diffPage(out, before, after, list, asJSON, f.PageIn(after, changesName))
	}
	for _, d := range list {
		if err == nil && d.Change == report.Regressed {
			return exit(report.Failed)
		}
	}
	return err
}

// diffPage puts the two runs side by side, with what changed between them.
func diffPage(out io.Writer, before, after string, list []report.Difference, quiet bool, file string) error {
	page := html.Page{Title: before + " → " + after, Changes: append([]report.Difference{}, list...)}
	for _, dir := range []string{before, after} {
		run, err := (&pageFlags{}).run(dir)
		if err != nil {
			return err
		}
		page.Runs = append(page.Runs, run)
	}
	if quiet {
		out = io.Discard
	}
	return writePage(out, file, page)
}

func resultsIn(dir string) ([]rig.Result, error) {
	stored, err := report.OpenRunDir(dir, "cases")
	if err != nil {
		return nil, err
	}
	results := make([]rig.Result, len(stored))
	for i, s := range stored {
		results[i] = s.Result
	}
	return results, nil
}
