package main

import (
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"gauntlet/harness/report"
	"gauntlet/harness/report/html"
	"gauntlet/harness/report/inert"
	"gauntlet/harness/run/certify"
	"gauntlet/harness/run/rig"
)

func judgeCommand() *cobra.Command {
	var asJSON bool
	c := &cobra.Command{
		Use:   "judge DIR",
		Short: "Judge the histories of a run again, with the oracles of today",
		Args:  cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return judge(cmd.OutOrStdout(), args[0], asJSON)
		},
	}
	c.Flags().BoolVar(&asJSON, "json", false, "print the results as a JSON array and nothing else")
	return c
}

// judge reads a run directory and changes nothing in it.
func judge(out io.Writer, dir string, asJSON bool) error {
	r, err := certify.Rejudge(library(), dir)
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
	report.Terminal{Out: out, Controls: r.Controls}.Summary(r.Cases)
	for _, line := range r.Stale {
		fmt.Fprintln(out, inert.Line(line))
	}
	fmt.Fprintf(out, "%d of %d verdicts differ from the stored ones\n", len(r.Changed), len(r.Cases))
	for _, c := range r.Changed {
		now := c.Now.Result
		fmt.Fprintln(out, inert.Line(fmt.Sprintf("  %s: was %s, is %s: %s", c.Now.Case.ID, c.Was(), now.Status, now.Reason)))
	}
}

func diffCommand() *cobra.Command {
	var asJSON bool
	var file string
	c := &cobra.Command{
		Use:   "diff DIR DIR",
		Short: "Compare two runs: what is new, fixed, regressed, still red",
		Long:  "Compare two runs: what is new, fixed, regressed, still red, or costlier than before. Exit code 1 if anything regressed.",
		Args:  cobra.ExactArgs(2),
		RunE: func(cmd *cobra.Command, args []string) error {
			return diff(cmd.OutOrStdout(), args[0], args[1], asJSON, file)
		},
	}
	c.Flags().BoolVar(&asJSON, "json", false, "as a JSON array")
	c.Flags().StringVar(&file, "html", "", "write a page for a browser as well, to this file")
	return c
}

func diff(out io.Writer, before, after string, asJSON bool, file string) error {
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
		report.PrintDiff(out, list)
		report.PrintEconomy(out, a, b)
	}
	if err == nil && file != "" {
		err = diffPage(out, before, after, list, asJSON, file)
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
