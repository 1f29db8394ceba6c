package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"

	"github.com/spf13/cobra"

	"gauntlet/harness/report"
	"gauntlet/harness/report/html"
	"gauntlet/harness/report/site"
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
			err := writeReports(f, page, dirs)
			if page.asked(f) {
				err = errors.Join(err, page.write(cmd.Context(), cmd.OutOrStdout(), dirs, f))
			}
			return err
		},
	}
	registerReports(c, &f)
	registerPage(c, &f, certify.PageName+" in the run directory; of several runs, or with --case, "+chosenName+" in the last")
	page.register(c)
	return c
}

// Beside the page of a whole run there is one of what was chosen from several, or
// of a few cases, and one of what changed.
const (
	chosenName  = "chosen.html"
	changesName = "diff.html"
)

// pageInPlace stands for the page's usual place. The help shows it as what may
// be put there.
const pageInPlace = "FILE"

// pageFlag is --html, which means the same wherever it is: alone, a page in its
// usual place; with a value, a page in that file.
type pageFlag struct{ *certify.Reports }

// registerPage adds the flag.
func registerPage(c *cobra.Command, f *certify.Reports, usually string) {
	c.Flags().Var(pageFlag{f}, "html", "write a page for a browser: "+usually+", or --html=FILE``")
	c.Flags().Lookup("html").NoOptDefVal = pageInPlace
}

// Set takes the flag's value, or what stands for none.
func (f pageFlag) Set(file string) error {
	switch file {
	case "", "true", "false": // as if it were a switch
		return errors.New("no file")
	case pageInPlace:
		file = ""
	}
	f.HTML, f.Page = true, file
	return nil
}

func (f pageFlag) String() string { return "" }

// Type names it among the flags.
func (f pageFlag) Type() string { return "page" }

// strayPage refuses a page's file that is written as a word of its own.
func strayPage(c *cobra.Command, args []string) error {
	flag := c.Flags().Lookup("html")
	if flag == nil || !flag.Changed {
		return nil
	}
	if page, is := flag.Value.(pageFlag); !is || page.Page != "" {
		return nil
	}
	for _, word := range args {
		if info, err := os.Stat(word); err != nil || !info.IsDir() {
			return fmt.Errorf("%s is no run directory; if it is the page's file, say --html=%s", word, quoted(word))
		}
	}
	return nil
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
	case !f.Asked() && page.asked(f):
		return nil
	case !f.Asked():
		return errors.New("say which report: --open, --html, --site DIR, --junit FILE, --summary FILE, --har DIR or --pcapng DIR")
	case len(dirs) > 1:
		return errors.New("only --html, --open and --site show several runs; ask for the other reports of one run at a time")
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
	cases []string
	site  string
	open  bool
}

func (f *pageFlags) register(c *cobra.Command) {
	c.Flags().StringSliceVar(&f.cases, "case", nil, "for a page: ids of the cases to show, * stands for anything; of a few cases everything is shown")
	c.Flags().StringVar(&f.site, "site", "", "add the runs to a static site in this directory: clients by editions, from run to run, with a badge for each")
	c.Flags().BoolVar(&f.open, "open", false, "show the page in a browser, until Ctrl-C; nobody but this user finds it")
}

// asked reports whether there is anything to be shown in a browser.
func (f *pageFlags) asked(beside certify.Reports) bool {
	return beside.HTML || f.site != "" || f.open
}

// write makes what was asked for of the runs side by side.
func (f *pageFlags) write(ctx context.Context, out io.Writer, dirs []string, beside certify.Reports) error {
	page := html.Page{Secrets: beside.Redact}
	for _, dir := range dirs {
		run, err := f.run(dir)
		if err != nil {
			return err
		}
		run.Beside = beside.Traffic()
		page.Runs = append(page.Runs, run)
	}
	var errs []error
	if beside.HTML {
		name := certify.PageName
		if len(dirs) > 1 || f.cases != nil {
			name = chosenName // the run's own page stays
		}
		errs = append(errs, writePage(out, beside.PageIn(dirs[len(dirs)-1], name), page))
	}
	if f.site != "" {
		errs = append(errs, addToSite(out, f.site, page))
	}
	if f.open {
		errs = append(errs, showPage(ctx, out, page))
	}
	return errors.Join(errs...)
}

// addToSite adds each run, with a page of its own.
func addToSite(out io.Writer, dir string, page html.Page) error {
	var runs []site.Run
	for _, run := range page.Runs {
		info, err := os.Stat(filepath.Join(run.Dir, "run.json"))
		if err != nil {
			return err
		}
		alone := html.Page{Runs: []html.Run{run}, Secrets: page.Secrets}
		certify.Link(alone, func(string) (string, bool) { return "", false }) // they stay where they are
		runs = append(runs, site.Run{Summary: run.Summary, Ended: info.ModTime(), Page: func(to io.Writer) error { return html.Write(to, alone) }})
	}
	err := site.Add(dir, runs)
	if err == nil {
		fmt.Fprintf(out, "the site is in %s\n", filepath.Join(dir, "index.html"))
	}
	return err
}

// run is what a run directory holds of the cases that are wanted.
func (f *pageFlags) run(dir string) (html.Run, error) {
	swept, err := sweptIn(dir)
	if err != nil {
		return html.Run{}, err
	}
	summary, stored, err := storedRun(dir)
	if swept != nil && errors.Is(err, report.ErrNoCases) { // it found nothing
		summary, err = report.ReadSummary(dir)
	}
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
	run := html.OfStored(summary, dir, stored)
	run.Swept = swept
	return run, nil
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
