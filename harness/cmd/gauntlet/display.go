package main

import (
	"io"
	"os"

	"github.com/schollz/progressbar/v3"
	"golang.org/x/term"

	"gauntlet/harness/report"
	"gauntlet/harness/run/rig"
)

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
