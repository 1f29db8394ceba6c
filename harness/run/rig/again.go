package rig

import (
	"fmt"

	"gauntlet/harness/judge/history"
	"gauntlet/harness/run/catalogue"
)

// Again judges a stored history anew, with the oracles of today. What the run
// was is read from the history itself. The controls are applied by Lean.
func Again(meta history.Meta, events []history.Event, v catalogue.Vocabulary) (Outcome, error) {
	c, err := catalogue.Decode(meta.Definition, v)
	if err != nil {
		return Outcome{}, fmt.Errorf("the history does not say what was run: %w", err)
	}
	run := Run{
		Case: c, Events: events, Faults: faultReports(c.Faults, events),
		Options: Options{Mode: Mode(meta.Mode), ClientName: meta.Client, Seed: meta.Seed},
	}
	if n := len(events); n > 0 {
		run.Protocol = events[n-1].At
	}
	return Outcome{Case: c, Events: events, Result: Judge(run, 0)}, nil
}
