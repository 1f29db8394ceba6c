package main

import (
	"context"
	"fmt"
	"io"
	"time"

	"gauntlet/harness/adapter"
	"gauntlet/harness/rig"
)

// knownCase is one that each client should take.
const knownCase = "control-forward-8080"

// check lets a program sign in once before it is scored: what is wrong with the
// set-up is no failure of the client's. It measures the client's pace, unless
// its file says it.
func (f *certifyFlags) check(ctx context.Context, out io.Writer) error {
	if f.subject.kind == adapter.InProcess {
		return nil
	}
	o := f.options()
	o.Product = nil
	pace, err := rig.SelfCheck(ctx, o, knownCase)
	switch {
	case ctx.Err() != nil:
		return ctx.Err()
	case err != nil:
		return fmt.Errorf("self-check of %s: %w", f.subject.name, err)
	}
	f.pace = pace
	if f.subject.file.Pace > 0 {
		f.pace = f.subject.file.Pace
	}
	if !f.json && f.pace > 0 {
		fmt.Fprintf(out, "self-check: %s is reached, and polls every %s\n", f.subject.name, f.pace.Round(100*time.Millisecond))
	}
	return nil
}
