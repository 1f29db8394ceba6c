package main

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"

	"github.com/spf13/cobra"

	"gauntlet/harness/report"
	"gauntlet/harness/report/html"
	"gauntlet/harness/report/redact"
	"gauntlet/harness/run/catalogue"
	"gauntlet/harness/run/certify"
)

func reportCommand() *cobra.Command {
	var f certify.Reports
	var page pageFlags
	c := &cobra.Command{
		Use:   "report DIR...",
		Short: "Write reports of runs that are stored",
		Long: `Write reports of runs that are stored, as they were judged then. It changes
nothing in the run directories. Several of them stand side by side in one page,
--html; the other reports are of one run.`,
		Args: cobra.MinimumNArgs(1),
		RunE: func(cmd *cobra.Command, dirs []string) error {
			return errors.Join(writeReports(f, page, dirs), page.write(cmd.OutOrStdout(), dirs, f.Redact))
		},
	}
	registerReports(c, &f)
	page.register(c)
	return c
}

// registerReports adds the flags for the reports beside the page.
func registerReports(c *cobra.Command, f *certify.Reports) {
	c.Flags().StringVar(&f.JUnit, "junit", "", "write JUnit XML to this file")
	c.Flags().StringVar(&f.Summary, "summary", "", "append a summary in Markdown to this file; $GITHUB_STEP_SUMMARY if that is set")
	c.Flags().StringVar(&f.HAR, "har", "", "write a HAR 1.2 log for each case and hop below this directory")
	c.Flags().StringVar(&f.PCAPNG, "pcapng", "", "write a packet capture for each case, with an interface for each hop, below this directory")
	c.Flags().BoolVar(&f.Redact.Text, "redact-text", false, "mask the text of messages too, as secrets always are; stored histories stay whole")
}

// writeReports writes what was asked for beside the page.
func writeReports(f certify.Reports, page pageFlags, dirs []string) error {
	switch {
	case !f.Asked() && page.file != "":
		return nil
	case !f.Asked():
		return errors.New("say which report: --html FILE, --junit FILE, --summary FILE, --har DIR or --pcapng DIR")
	case len(dirs) > 1:
		return errors.New("only --html shows several runs; ask for the other reports of one run at a time")
	}
	run, cases, err := storedRun(dirs[0])
	if err != nil {
		return err
	}
	f.Summary = cmp.Or(f.Summary, os.Getenv("GITHUB_STEP_SUMMARY"))
	return f.Write(library(), run, cases)
}

// storedRun is a whole run directory: what run.json says, and its cases.
func storedRun(dir string) (run report.Summary, cases []report.Stored, err error) {
	if cases, err = report.OpenRunDir(dir, "cases"); err != nil {
		return run, nil, err
	}
	run, err = report.ReadSummary(dir)
	return run, cases, err
}

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
	path, err := certify.WritePage(file, page)
	if err == nil {
		tellPage(out, path)
	}
	return err
}

func tellPage(out io.Writer, path string) { fmt.Fprintf(out, "the report is in %s\n", path) }
