package main

import (
	"context"
	"errors"
	"fmt"
	"sync"

	"gauntlet/harness/run/catalogue"
	"gauntlet/harness/run/repro"
	"gauntlet/harness/run/rig"
	"gauntlet/harness/run/virtual"
)

// performAll performs the variants' cases with their clients, all at once: in
// real time they mostly wait.
func (f *reproFlags) performAll(ctx context.Context, variants []repro.Variant) ([]rig.Outcome, error) {
	cases, err := allCases()
	if err != nil {
		return nil, err
	}
	outcomes, errs := make([]rig.Outcome, len(variants)), make([]error, len(variants))
	var wg sync.WaitGroup
	for i, v := range variants {
		wg.Go(func() { outcomes[i], errs[i] = f.performOne(ctx, cases, v) })
	}
	wg.Wait()
	return outcomes, errors.Join(errs...)
}

func (f *reproFlags) performOne(ctx context.Context, all []catalogue.Case, v repro.Variant) (outcome rig.Outcome, err error) {
	factory, err := findClient(v.Client)
	if err != nil {
		return outcome, err
	}
	cases, err := catalogue.Select(all, v.Case)
	if err != nil {
		return outcome, err
	}
	run, err := f.runner(rig.Options{Mode: rig.Mode(f.mode), Client: factory, ClientName: v.Client, Seed: f.seed})
	if err != nil {
		return outcome, err
	}
	err = run(ctx, cases[:1], func(o rig.Outcome) { outcome = o })
	return outcome, err
}

// runner finds the way to perform a case.
func (f *reproFlags) runner(o rig.Options) (rig.Runner, error) {
	switch o.Mode {
	case rig.Virtual:
		return rig.InWorkers(virtual.Pool{Args: []string{"worker"}, Workers: 1}, o), nil
	case rig.Netns:
		return rig.InProcess(o, 1), nil
	}
	return nil, fmt.Errorf("no mode %q; say %s or %s", f.mode, rig.Virtual, rig.Netns)
}
