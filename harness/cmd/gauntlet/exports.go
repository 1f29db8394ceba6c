package main

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"gauntlet/harness/judge/history"
	"gauntlet/harness/judge/oracle"
	"gauntlet/harness/report"
	"gauntlet/harness/report/har"
	"gauntlet/harness/report/junit"
	"gauntlet/harness/report/pcapng"
	"gauntlet/harness/report/redact"
	"gauntlet/harness/report/stepsummary"
	"gauntlet/harness/run/rig"
)

// exports are the reports that are written beside the run directory, what is
// masked in them, and what they will say.
type exports struct {
	junit   string
	summary string
	har     string
	pcapng  string
	redact  redact.Options

	entries []report.Entry // of the cases so far
	judged  []rig.Outcome  // what tells of failures in simpler worlds: cases, and controls
}

func (e *exports) register(c *cobra.Command) {
	c.Flags().StringVar(&e.junit, "junit", "", "write JUnit XML to this file")
	c.Flags().StringVar(&e.summary, "summary", "", "append a summary in Markdown to this file; $GITHUB_STEP_SUMMARY if that is set")
	c.Flags().StringVar(&e.har, "har", "", "write a HAR 1.2 log for each case and hop below this directory")
	c.Flags().StringVar(&e.pcapng, "pcapng", "", "write a packet capture for each case, with an interface for each hop, below this directory")
	c.Flags().BoolVar(&e.redact.Text, "redact-text", false, "mask the text of messages too, as secrets always are; stored histories stay whole")
}

// asked tells whether any report was.
func (e *exports) asked() bool {
	return e.junit != "" || e.summary != "" || e.har != "" || e.pcapng != ""
}

// prepare makes the places, so that a mistake is found before anything runs. A
// run directory to come has to be empty still: what lies in it is made later.
func (e *exports) prepare(run string) error {
	e.summary = cmp.Or(e.summary, os.Getenv("GITHUB_STEP_SUMMARY"))
	var errs []error
	for flag, dir := range map[string]string{"--junit": parent(e.junit), "--summary": parent(e.summary), "--har": e.har, "--pcapng": e.pcapng} {
		if dir == "" || within(run, dir) {
			continue
		}
		if err := os.MkdirAll(dir, 0o755); err != nil {
			errs = append(errs, fmt.Errorf("%s: %w", flag, err))
		}
	}
	return errors.Join(errs...)
}

func parent(file string) string {
	if file == "" {
		return ""
	}
	return filepath.Dir(file)
}

// within tells whether path is the directory dir or lies in it; nothing lies in
// one without a name.
func within(dir, path string) bool {
	if dir == "" {
		return false
	}
	absolute, err := filepath.Abs(dir)
	if err != nil {
		return false
	}
	if path, err = filepath.Abs(path); err != nil {
		return false
	}
	inside, err := filepath.Rel(absolute, path)
	return err == nil && filepath.IsLocal(inside)
}

// apart gives one of several clients reports of its own; to the summary each
// adds its part.
func (e *exports) apart(client string) {
	e.junit = withName(e.junit, client)
	for _, dir := range []*string{&e.har, &e.pcapng} {
		if *dir != "" {
			*dir = filepath.Join(*dir, client)
		}
	}
}

// withName is a file's name with another before its ending: junit-NAME.xml.
func withName(file, name string) string {
	if file == "" {
		return ""
	}
	ending := filepath.Ext(file)
	return strings.TrimSuffix(file, ending) + "-" + name + ending
}

// add writes what is written of each case by itself, as soon as it has ended,
// and returns the outcome as it may be shown.
func (e *exports) add(o rig.Outcome) (rig.Outcome, error) {
	shown, err := e.masked(o)
	if err != nil { // nobody knows what it would show
		return rig.Outcome{Case: o.Case, Control: o.Control, Result: rig.Result{ID: o.Result.ID, Title: o.Result.Title, Status: oracle.Broken, Reason: err.Error()}}, err
	}
	if tells(shown.Result) {
		e.judged = append(e.judged, shown)
	}
	if o.Control {
		return shown, nil
	}
	e.entries = append(e.entries, report.NewEntry(shown))
	err = e.traffic(shown)
	if shown.Result.Status == oracle.Pass {
		shown.Events, shown.Stored = o.Events, o.Stored // nobody looks at them again; they are many
	}
	return shown, err
}

// masked is an outcome without its secrets. To read a history costs more than
// to judge it, so the many that have nothing to hide are left alone.
func (e *exports) masked(o rig.Outcome) (rig.Outcome, error) {
	if o.Result.Status == oracle.Pass && (o.Control || e.har == "" && e.pcapng == "") && !tells(o.Result) {
		return o, nil
	}
	return redact.Outcome(o, e.redact)
}

// tells whether a result says anything that came from the run.
func tells(r rig.Result) bool {
	return slices.ContainsFunc(r.Verdicts, func(v oracle.Verdict) bool { return v.Status == oracle.Fail })
}

// finish writes what is written of the run as a whole.
func (e *exports) finish(run report.Summary) error {
	e.entries = append(report.SinceEntries(e.judged), e.entries...)
	return errors.Join(
		report.WriteFile(e.junit, func(out io.Writer) error { return junit.Write(out, run, e.entries) }),
		appendTo(e.summary, func(out io.Writer) error { return stepsummary.Write(out, run, e.entries) }),
	)
}

// traffic writes what went over the wire in one case.
func (e *exports) traffic(o rig.Outcome) error {
	if e.pcapng != "" {
		name := filepath.Join(e.pcapng, report.FileName(o.Result.ID)+".pcapng")
		if err := report.WriteFile(name, func(out io.Writer) error { return pcapng.Write(out, o) }); err != nil {
			return err
		}
	}
	if e.har == "" {
		return nil
	}
	for hop := range history.Hops(o.Events) {
		name := filepath.Join(e.har, report.FileName(o.Result.ID), fmt.Sprintf("hop-%d.har", hop))
		if err := report.WriteFile(name, func(out io.Writer) error { return har.Write(out, o, hop) }); err != nil {
			return err
		}
	}
	return nil
}

// appendTo adds to a file, which others write to as well; to none if it has no
// name.
func appendTo(name string, write func(io.Writer) error) error {
	if name == "" {
		return nil
	}
	if err := os.MkdirAll(parent(name), 0o755); err != nil {
		return err
	}
	file, err := os.OpenFile(name, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o644)
	if err != nil {
		return err
	}
	return errors.Join(write(file), file.Close())
}
