package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"slices"

	"gauntlet/harness/report"
)

// gravity orders the exit codes of several clients: what is broken hides
// everything, and what was not concluded only a pass.
var gravity = []int{report.Sound, report.Unproved, report.Failed, report.Unusable}

// certifyEach judges several clients, each with a directory of its own below
// the run's.
func (f *certifyFlags) certifyEach(ctx context.Context, out io.Writer, subjects []subject) error {
	if f.json {
		return errors.New("--json prints one array for one client: name one, or read the run directories")
	}
	if f.out == "" {
		f.out = newOut()
	}
	code := report.Sound
	for _, s := range subjects {
		turn := f.turnTo(s)
		turn.out = filepath.Join(f.out, report.FileName(s.name))
		turn.apart(report.FileName(s.name))
		turn.certificate = withName(turn.certificate, report.FileName(s.name))
		fmt.Fprintf(out, "client %s\n", s.name)
		err := turn.certifyOne(ctx, out)
		var c exit
		if err != nil && !errors.As(err, &c) {
			return err
		}
		if slices.Index(gravity, int(c)) > slices.Index(gravity, code) {
			code = int(c)
		}
	}
	if code != report.Sound {
		return exit(code)
	}
	return nil
}
