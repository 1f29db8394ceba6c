package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/schollz/progressbar/v3"
	"golang.org/x/term"

	"gauntlet/harness/judge/oracle"
	"gauntlet/harness/report"
	"gauntlet/harness/report/html"
	"gauntlet/harness/run/catalogue"
	"gauntlet/harness/run/edition"
	"gauntlet/harness/run/rig"
)

// certification gathers the outcomes of one call.
type certification struct {
	flags    *certifyFlags
	cases    []catalogue.Case
	edition  edition.Edition
	dir      report.RunDir
	show     display
	known    report.KnownFailures
	leaning  map[string]string // controls, and a case that leans on each
	outcomes []rig.Outcome
	failed   []rig.Outcome // controls in which the client broke a must
	unstored error         // the first: what fails once fails for each case
}

func (c *certification) done(o rig.Outcome) {
	o.Result.Reproduce = c.flags.reproduce(c.standingFor(o))
	if c.flags.strict && !o.Control {
		o.Result.CountShoulds()
	}
	c.known.Mark(&o.Result)
	c.flags.real.known.MarkThrough(&o.Result)
	c.keep(c.dir.Add(o))
	shown, err := c.flags.add(o)
	c.keep(err)
	c.show.outcome(shown)
	if !o.Control {
		c.outcomes = append(c.outcomes, shown)
	} else if shown.Result.Accuses() {
		c.failed = append(c.failed, shown)
	}
}

// keep keeps the first error of what is written.
func (c *certification) keep(err error) {
	if c.unstored == nil {
		c.unstored = err
	}
}

// standingFor is the case by which the outcome can be had again: a control has
// no name of its own and is run along with those that lean on it.
func (c *certification) standingFor(o rig.Outcome) string {
	if !o.Control {
		return o.Case.ID
	}
	if c.leaning == nil {
		c.leaning = map[string]string{}
		for _, wanted := range c.cases {
			for _, control := range rig.ControlsOf(wanted) {
				c.leaning[control.Case.ID] = wanted.ID
			}
		}
	}
	return c.leaning[o.Case.ID]
}

// finish writes the summary and turns it into an exit code.
func (c *certification) finish(out io.Writer, err error) error {
	results, controls := resultsOf(c.outcomes), resultsOf(c.failed)
	code := report.ExitCode(results, controls...)
	stale := c.known.Stale(append(controls, results...))
	if code == report.Sound && len(stale) > 0 {
		code = report.Failed
	}
	if err != nil || c.unstored != nil {
		code = report.Unusable
	}
	run := c.summary(code)
	c.keep(c.dir.Finish(run))
	c.keep(c.flags.finish(run))
	if err == nil && c.unstored == nil {
		c.keep(c.certificate(run))
	}
	if c.flags.json {
		if err := report.JSON(out, results); err != nil {
			return err
		}
	} else {
		report.Terminal{Out: out, Colour: c.show.colour, Controls: c.failed}.Summary(c.outcomes)
		for _, line := range stale {
			fmt.Fprintln(out, line)
		}
		fmt.Fprint(out, levelLines(c.edition, run.Levels, c.flags.subject.kind))
		fmt.Fprintf(out, "results and histories are in %s\n", c.dir.Path)
	}
	if c.flags.html {
		c.keep(c.page(out, run))
	}
	return c.verdict(code, err)
}

func resultsOf(outcomes []rig.Outcome) []rig.Result {
	list := make([]rig.Result, len(outcomes))
	for i, o := range outcomes {
		list[i] = o.Result
	}
	return list
}

// page shows what was judged to people. Where the output is for a machine it
// has no word about it.
func (c *certification) page(out io.Writer, run report.Summary) error {
	if c.flags.json {
		out = io.Discard
	}
	runs := []html.Run{html.Of(run, c.dir.Path, c.outcomes)}
	return writePage(out, filepath.Join(c.dir.Path, pageName), html.Page{Runs: runs, Secrets: c.flags.redact})
}

func (c *certification) summary(code int) report.Summary {
	standings, err := c.edition.Standings(c.ended())
	c.keep(err)
	return report.Summary{
		Edition: c.edition.Name, Levels: standings,
		Client: c.flags.subject.name, Mode: rig.Mode(c.flags.mode), Seed: c.flags.seed, Product: c.flags.box,
		Exit: code, Counts: report.Counts(c.outcomes), Cases: ids(c.outcomes),
	}
}

// ended says of each case how it ended. Levels ask for musts alone.
func (c *certification) ended() []edition.Ended {
	list := make([]edition.Ended, len(c.outcomes))
	for i, o := range c.outcomes {
		list[i] = edition.Ended{Case: o.Case, Status: o.Result.Status}
		if c.flags.strict && o.Result.Status == oracle.Fail && !o.Result.BrokeMust() {
			list[i].Status = oracle.Pass
		}
	}
	return list
}

// verdict turns the end of a run into an error for main, or an exit code.
func (c *certification) verdict(code int, err error) error {
	switch {
	case errors.Is(err, context.Canceled):
		return fmt.Errorf("interrupted after %d of %d cases; what was finished is in %s", len(c.outcomes), len(c.cases), c.dir.Path)
	case err != nil:
		return err
	case c.unstored != nil:
		return c.unstored
	case code != report.Sound:
		return exit(code)
	}
	return nil
}

func ids(outcomes []rig.Outcome) []string {
	list := make([]string, len(outcomes))
	for i, o := range outcomes {
		list[i] = o.Case.ID
	}
	return list
}

// display shows how a run gets on: a progress bar on a terminal, else a line a
// case; nothing when the output is for a machine.
type display struct {
	bar    *progressbar.ProgressBar
	lines  report.Terminal
	colour bool
}

func newDisplay(out io.Writer, f *certifyFlags, cases int) display {
	file, isFile := out.(*os.File)
	person := isFile && term.IsTerminal(int(file.Fd()))
	d := display{colour: person && os.Getenv("NO_COLOR") == ""}
	if f.json {
		return d
	}
	d.lines = report.Terminal{Out: out, Colour: d.colour, Lines: !person || f.lines}
	if person && !f.lines {
		d.bar = progressbar.NewOptions(cases,
			progressbar.OptionSetWriter(os.Stderr), progressbar.OptionSetDescription("cases"),
			progressbar.OptionShowCount(), progressbar.OptionClearOnFinish(), progressbar.OptionEnableColorCodes(d.colour))
	}
	return d
}

func (d display) outcome(o rig.Outcome) {
	if d.lines.Lines {
		d.lines.Case(o)
	}
	if d.bar != nil && !o.Control {
		_ = d.bar.Add(1) // a bar that cannot be drawn is no reason to stop
	}
}

func (d display) end() {
	if d.bar != nil {
		_ = d.bar.Finish()
	}
}
