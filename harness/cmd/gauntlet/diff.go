package main

import (
	"io"

	"github.com/spf13/cobra"

	"gauntlet/harness/report"
	"gauntlet/harness/rig"
)

func diffCommand() *cobra.Command {
	var asJSON bool
	c := &cobra.Command{
		Use:   "diff DIR DIR",
		Short: "Compare two runs: what is new, fixed, regressed, still red",
		Long:  "Compare two runs: what is new, fixed, regressed, still red, or costlier than before. Exit code 1 if anything regressed.",
		Args:  cobra.ExactArgs(2),
		RunE: func(cmd *cobra.Command, args []string) error {
			return diff(cmd.OutOrStdout(), args[0], args[1], asJSON)
		},
	}
	c.Flags().BoolVar(&asJSON, "json", false, "as a JSON array")
	return c
}

func diff(out io.Writer, before, after string, asJSON bool) error {
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
	for _, d := range list {
		if err == nil && d.Change == report.Regressed {
			return exit(report.Failed)
		}
	}
	return err
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
