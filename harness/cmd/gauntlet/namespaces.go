package main

import (
	"context"
	"fmt"
	"io"
	"slices"

	"gauntlet/harness/report"
	"gauntlet/harness/run/adapter"
	"gauntlet/harness/run/rig"
	"gauntlet/proxies/netns"
)

// usualMode is where clients are run if nothing else is asked for; programs
// where the machine allows.
var usualMode = map[adapter.Kind]string{adapter.InProcess: string(rig.Virtual)}

// settle decides where programs are run that are to be run nowhere in
// particular: in namespaces, if this machine has them and nobody forbids it.
func (f *certifyFlags) settle(ctx context.Context, subjects []subject, warn io.Writer) {
	programs := slices.ContainsFunc(subjects, func(s subject) bool { return s.kind != adapter.InProcess })
	f.programs = rig.Loopback
	if !programs || f.mode != "" || f.plain || f.box != "" {
		return
	}
	if netns.Inside() {
		f.programs = rig.Netns
		return
	}
	if err := rig.CheckMode(ctx, rig.Netns); err != nil {
		fmt.Fprintf(warn, "on plain loopback, where dials are not seen: %v\n", err)
		return
	}
	f.programs = rig.Netns
}

// inNamespaces does the whole call once more where networks can be made, if
// this machine allows it.
func inNamespaces(ctx context.Context) error {
	if err := rig.CheckMode(ctx, rig.Netns); err != nil {
		return err
	}
	code, err := netns.Reexec(ctx)
	if err == nil && code != report.Sound {
		return exit(code)
	}
	return err
}
