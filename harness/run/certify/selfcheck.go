package certify

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

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
func (r *run) introduce(ctx context.Context) error {
	if !r.o.client().Program() {
		return nil
	}
	err := r.trust()
	var failed *checkError
	if err == nil {
		err = r.check(ctx)
	}
	if err != nil && r.o.Resume == "" {
		err = errors.Join(err, r.dir.Abandon(caName))
		if errors.As(err, &failed) {
			failed.where, err = r.dir.LeaveLog(failed.log)
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
func (r *run) trust() (err error) {
	if r.with.Authority, err = authority.New(); err != nil {
		return err
	}
	if r.with.CA, err = filepath.Abs(filepath.Join(r.dir.Path, caName)); err != nil {
		return err
	}
	return os.WriteFile(r.with.CA, r.with.Authority.PEM(), 0o644)
}

// check lets a program sign in once before it is scored: what is wrong with the
// set-up is no failure of the client's. It measures the client's pace, unless
// its file says it.
func (r *run) check(ctx context.Context) error {
	with, c := r.with, r.o.client()
	with.Product = nil
	if with.Mode == rig.Netns && !netns.Inside() {
		with.Mode = rig.Loopback // the workers are inside, and we are not
	}
	if r.o.Watch.Checking != nil {
		r.o.Watch.Checking(c.Name)
	}
	check, err := rig.SelfCheck(ctx, with, knownCase)
	switch {
	case ctx.Err() != nil:
		return fmt.Errorf("self-check of %s: %w; no case was run", c.Name, context.Cause(ctx))
	case err != nil:
		return &checkError{of: c.Name, why: err, log: check.Log}
	}
	if c.file.Pace > 0 {
		check.Pace = c.file.Pace
	}
	r.with.Pace = check.Pace
	if r.o.Watch.Checked != nil {
		check.Pace = check.Pace.Round(100 * time.Millisecond)
		r.o.Watch.Checked(c.Name, check)
	}
	return nil
}
