package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"slices"
	"time"

	"gauntlet/harness/report"
	"gauntlet/harness/run/adapter"
	"gauntlet/harness/run/rig"
	"gauntlet/proxies/authority"
	"gauntlet/proxies/netns"
)

// knownCase is one that each client should take.
const knownCase = "control-forward-8080"

// caName is the file in the run directory with the certificate that a client
// has to trust.
const caName = "ca.pem"

// introduce shows a program what to trust, and lets it sign in once. A run that
// comes to nothing by that leaves what the client printed, and nothing else.
func (f *certifyFlags) introduce(ctx context.Context, out io.Writer, dir report.RunDir) error {
	if f.subject.kind == adapter.InProcess {
		return nil
	}
	err := f.trust(dir)
	var failed *checkError
	if err == nil {
		err = f.check(ctx, out)
	}
	if err != nil && f.resume == "" {
		err = errors.Join(err, dir.Abandon(caName))
		if errors.As(err, &failed) {
			failed.where, err = dir.LeaveLog(failed.log)
			err = errors.Join(failed, err)
		}
	}
	return err
}

// checkError is a self-check that failed.
type checkError struct {
	of    string
	why   error
	log   []byte
	where string // the file with the log; empty if there is none
}

// Error says where to read on, too.
func (e *checkError) Error() string {
	text := fmt.Sprintf("self-check of %s: %v", e.of, e.why)
	if e.where != "" {
		text += "; what it printed is in " + e.where
	}
	return text
}

func (e *checkError) Unwrap() error { return e.why }

// trust makes the authority of the login services and of boxes that open TLS.
func (f *certifyFlags) trust(dir report.RunDir) (err error) {
	if f.authority, err = authority.New(); err != nil {
		return err
	}
	if f.ca, err = filepath.Abs(filepath.Join(dir.Path, caName)); err != nil {
		return err
	}
	return writeCA(f.ca, f.authority)
}

// check lets a program sign in once before it is scored: what is wrong with the
// set-up is no failure of the client's. It measures the client's pace, unless
// its file says it.
func (f *certifyFlags) check(ctx context.Context, out io.Writer) error {
	o := f.options()
	o.Product = nil
	check, err := rig.SelfCheck(ctx, o, knownCase)
	switch {
	case ctx.Err() != nil:
		return ctx.Err()
	case err != nil:
		return &checkError{of: f.subject.name, why: err, log: check.Log}
	}
	f.pace = check.Pace
	if f.subject.file.Pace > 0 {
		f.pace = f.subject.file.Pace
	}
	if !f.json && f.pace > 0 {
		fmt.Fprintf(out, "self-check: %s is reached, and polls every %s\n", f.subject.name, f.pace.Round(100*time.Millisecond))
	}
	return nil
}

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
