package main

import (
	"errors"
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"gauntlet/harness/report"
	"gauntlet/harness/report/html"
	"gauntlet/harness/report/inert"
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
	outcomes, controls, changed, err := rejudged(dir)
	if err != nil {
		return err
	}
	results := resultsOf(outcomes)
	if asJSON {
		err = report.JSON(out, results)
	} else {
		report.Terminal{Out: out, Controls: controls}.Summary(outcomes)
		fmt.Fprintf(out, "%d of %d verdicts differ from the stored ones\n", len(changed), len(outcomes))
		for _, line := range changed {
			fmt.Fprintln(out, " ", line)
		}
	}
	if code := report.ExitCode(results, resultsOf(controls)...); err == nil && code != report.Sound {
		return exit(code)
	}
	return err
}

// rejudged judges all cases of a run again and tells which came out otherwise.
// Nothing secret is in what it returns.
func rejudged(dir string) (outcomes, controls []rig.Outcome, changed []string, err error) {
	words, err := vocabulary()
	if err != nil {
		return nil, nil, nil, err
	}
	list, err := report.RejudgeRun(dir, words)
	if err != nil {
		return nil, nil, nil, err
	}
	for _, r := range list {
		o, err := (&exports{}).masked(r.Now)
		if err != nil {
			return nil, nil, nil, err
		}
		if r.Changed() {
			changed = append(changed, fmt.Sprintf("%s: was %s, is %s: %s", o.Case.ID, r.Was(), o.Result.Status, inert.Line(o.Result.Reason)))
		}
		outcomes = append(outcomes, o)
	}
	stored, err := report.RejudgeControls(dir, words)
	for _, o := range stored {
		if o.Result.Accuses() {
			shown, failed := (&exports{}).masked(o)
			controls, err = append(controls, shown), errors.Join(err, failed)
		}
	}
	return outcomes, controls, changed, err
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
