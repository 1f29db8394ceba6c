package main

import (
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"slices"

	"github.com/spf13/cobra"

	"gauntlet/harness/report"
	"gauntlet/harness/report/html"
	"gauntlet/harness/report/redact"
	"gauntlet/harness/run/catalogue"
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
	if err := e.prepare(""); err != nil {
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

// pageName is the page's name in a run directory.
const pageName = "report.html"

// pageFlags say which page is made of stored runs.
type pageFlags struct {
	file  string
	cases []string
}

func (f *pageFlags) register(c *cobra.Command) {
	c.Flags().StringVar(&f.file, "html", "", "write a page for a browser to this file")
	c.Flags().StringSliceVar(&f.cases, "case", nil, "for --html: ids of the cases to show, * stands for anything; of a few cases everything is shown")
}

// write makes the page, if one was asked for.
func (f *pageFlags) write(out io.Writer, dirs []string, secrets redact.Options) error {
	if f.file == "" {
		return nil
	}
	page := html.Page{Secrets: secrets}
	for _, dir := range dirs {
		run, err := f.run(dir)
		if err != nil {
			return err
		}
		page.Runs = append(page.Runs, run)
	}
	return writePage(out, f.file, page)
}

// run is what a run directory holds of the cases that are wanted.
func (f *pageFlags) run(dir string) (html.Run, error) {
	summary, stored, err := storedRun(dir)
	if err != nil {
		return html.Run{}, err
	}
	all := make([]catalogue.Case, len(stored))
	for i, s := range stored {
		all[i].ID = s.Result.ID
	}
	wanted, err := catalogue.Select(all, f.cases...)
	if err != nil {
		return html.Run{}, fmt.Errorf("%s: %w", dir, err)
	}
	stored = slices.DeleteFunc(stored, func(s report.Stored) bool {
		return !slices.ContainsFunc(wanted, func(c catalogue.Case) bool { return c.ID == s.Result.ID })
	})
	return html.OfStored(summary, dir, stored), nil
}

// writePage writes a page and says where it is.
func writePage(out io.Writer, file string, page html.Page) error {
	if err := report.WriteFile(file, func(w io.Writer) error { return html.Write(w, page) }); err != nil {
		return err
	}
	path, err := filepath.Abs(file)
	fmt.Fprintf(out, "the report is in %s\n", path)
	return err
}
