package main

import (
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
