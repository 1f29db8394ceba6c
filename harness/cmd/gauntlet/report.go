package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"

	"gauntlet/harness/report"
)

func reportCommand() *cobra.Command {
	var e exports
	c := &cobra.Command{
		Use:   "report DIR",
		Short: "Write reports of a run that is stored",
		Long:  "Write reports of a run that is stored, as it was judged then. It changes nothing in the run directory.",
		Args:  cobra.ExactArgs(1),
		RunE:  func(_ *cobra.Command, args []string) error { return writeReports(&e, args[0]) },
	}
	e.register(c)
	return c
}

// writeReports writes what was asked for.
func writeReports(e *exports, dir string) error {
	if !e.asked() {
		return errors.New("say which report: --junit FILE, --summary FILE, --har DIR or --pcapng DIR")
	}
	run, cases, err := storedRun(dir)
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
	text, err := os.ReadFile(filepath.Join(dir, "run.json"))
	if err == nil {
		err = json.Unmarshal(text, &run)
	}
	if err != nil {
		return run, nil, fmt.Errorf("%s holds no finished run: %w", dir, err)
	}
	return run, cases, nil
}
