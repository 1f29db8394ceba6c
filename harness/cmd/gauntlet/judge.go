package main

import (
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"gauntlet/harness/catalogue"
	"gauntlet/harness/report"
	"gauntlet/harness/rig"
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
	outcomes, changed, err := rejudged(dir)
	if err != nil {
		return err
	}
	results := make([]rig.Result, len(outcomes))
	for i, o := range outcomes {
		results[i] = o.Result
	}
	if asJSON {
		err = report.JSON(out, results)
	} else {
		report.Terminal{Out: out}.Summary(outcomes)
		fmt.Fprintf(out, "%d of %d verdicts differ from the stored ones\n", len(changed), len(outcomes))
		for _, line := range changed {
			fmt.Fprintln(out, " ", line)
		}
	}
	if code := report.ExitCode(results, false); err == nil && code != report.Sound {
		return exit(code)
	}
	return err
}

// rejudged judges all cases of a run again and tells which came out otherwise.
func rejudged(dir string) (outcomes []rig.Outcome, changed []string, err error) {
	controls, err := report.OpenRunDir(dir, "controls")
	if err != nil {
		return nil, nil, err
	}
	cases, err := report.OpenRunDir(dir, "cases")
	if err != nil {
		return nil, nil, err
	}
	words, err := vocabulary()
	if err != nil {
		return nil, nil, err
	}
	leanOn := map[string]*rig.Result{}
	for _, s := range controls {
		o := s.Rejudge(words)
		leanOn[o.Case.ID] = &o.Result
	}
	for _, s := range cases {
		o := s.Rejudge(words)
		o.Result.Lean(control(leanOn, o.Case, rig.DirectControl), control(leanOn, o.Case, rig.BoxControl))
		if o.Result.Status != s.Result.Status {
			changed = append(changed, fmt.Sprintf("%s: was %s, is %s: %s", o.Case.ID, s.Result.Status, o.Result.Status, o.Result.Reason))
		}
		outcomes = append(outcomes, o)
	}
	return outcomes, changed, nil
}

func control(known map[string]*rig.Result, c catalogue.Case, kind func(catalogue.Case) (catalogue.Case, bool)) *rig.Result {
	wanted, needed := kind(c)
	if !needed {
		return nil
	}
	return known[wanted.ID]
}
