package main

import (
	"errors"

	"github.com/spf13/cobra"

	"gauntlet/harness/report"
)

func reportCommand() *cobra.Command {
	var e exports
	var page pageFlags
	c := &cobra.Command{
		Use:   "report DIR...",
		Short: "Write reports of runs that are stored",
		Long: `Write reports of runs that are stored, as they were judged then. It changes
nothing in the run directories. Several of them stand side by side in one page,
--html; the other reports are of one run.`,
		Args: cobra.MinimumNArgs(1),
		RunE: func(cmd *cobra.Command, dirs []string) error {
			return errors.Join(writeReports(&e, page, dirs), page.write(cmd.OutOrStdout(), dirs, e.redact))
		},
	}
	e.register(c)
	page.register(c)
	return c
}

// writeReports writes what was asked for beside the page.
func writeReports(e *exports, page pageFlags, dirs []string) error {
	switch {
	case !e.asked() && page.file != "":
		return nil
	case !e.asked():
		return errors.New("say which report: --html FILE, --junit FILE, --summary FILE, --har DIR or --pcapng DIR")
	case len(dirs) > 1:
		return errors.New("only --html shows several runs; ask for the other reports of one run at a time")
	}
	run, cases, err := storedRun(dirs[0])
	if err != nil {
		return err
	}
	if err := e.prepare(); err != nil {
		return err
	}
	words, err := vocabulary()
	if err != nil {
		return err
	}
	for _, s := range cases {
		o, err := s.Outcome(words)
		if err == nil {
			_, err = e.add(o)
		}
		if err != nil {
			return err
		}
	}
	return e.finish(run)
}

// storedRun is a whole run directory: what run.json says, and its cases.
func storedRun(dir string) (run report.Summary, cases []report.Stored, err error) {
	if cases, err = report.OpenRunDir(dir, "cases"); err != nil {
		return run, nil, err
	}
	run, err = report.ReadSummary(dir)
	return run, cases, err
}
