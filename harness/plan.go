package harness

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"gauntlet/harness/judge/history"
	"gauntlet/harness/judge/oracle"
	"gauntlet/harness/report"
	"gauntlet/harness/run/catalogue"
	"gauntlet/harness/run/certify"
	"gauntlet/harness/run/rig"
)

// Plan is a certification that is ready to run, case by case, in any order and
// by any test framework.
type Plan struct {
	// Cases are those that were chosen, in the order of the catalogue.
	Cases []catalogue.Case

	door *certify.Door
}

// NewPlan reads and chooses the cases. Its error says what is wrong with the
// options, or where in the catalogue.
func NewPlan(o Options) (*Plan, error) {
	switch {
	case o.Client == nil:
		return nil, errors.New("harness: Options.Client makes the client under test and must be set")
	case o.Catalogue == nil:
		return nil, errors.New("harness: Options.Catalogue holds the cases and must be set; say fixtures.Files()")
	case o.Out == "" && o.HTML:
		return nil, errors.New("harness: the page lies in the run's directory: Options.Out names one")
	case !slices.Contains([]rig.Mode{"", rig.Virtual, rig.Loopback}, o.Mode):
		return nil, fmt.Errorf("harness: no mode %q in Go tests; say rig.Virtual or rig.Loopback", o.Mode)
	}
	job, err := certify.Prepare(o.certify())
	if err != nil {
		return nil, fmt.Errorf("harness: %w", err)
	}
	door, err := certify.NewDoor(job)
	if err != nil {
		return nil, fmt.Errorf("harness: %w", err)
	}
	return &Plan{Cases: job.Cases(), door: door}, nil
}

// Concurrent reports whether cases may be judged at the same time, from several
// goroutines: on real sockets they mostly wait. In virtual time they may not.
func (p *Plan) Concurrent() bool { return p.door.Concurrent() }

// Judge runs a case, with the controls that it leans on unless another case
// has run them already, and with the reference client where a must is broken.
// The T is lent to bubbles of virtual time and is not failed; it is that of the
// test in whose goroutine Judge is called. Reproduce is the command that runs the
// case alone, which the caller knows.
func (p *Plan) Judge(t *testing.T, c catalogue.Case, reproduce string) certify.Judged {
	return p.door.Judge(t, c, reproduce)
}

// test is the subtest of one case. Cases that may run together begin before
// t.Parallel lets the next one begin, and so do not depend on the number of
// processors.
func (p *Plan) test(t *testing.T, c catalogue.Case) {
	var judged certify.Judged
	if p.Concurrent() {
		done := make(chan certify.Judged, 1)
		go func() { done <- p.Judge(t, c, alone(t.Name())) }()
		t.Parallel()
		judged = <-done
	} else {
		judged = p.Judge(t, c, alone(t.Name()))
	}
	tell(t, p.Explain(judged))
}

// Explain tells what an outcome means, and why. A known failure is none, and a
// case that is listed as one and passes is. A must that the client breaks in a
// simpler world fails the case that shows it first.
func (p *Plan) Explain(j certify.Judged) Finding {
	r := j.Result
	if j.Outlived != "" {
		return Finding{Failed: true, Text: j.Outlived}
	}
	var text strings.Builder
	t := report.Terminal{Out: &text}
	switch {
	case len(j.Since) > 0: // whatever became of the case
	case r.Known != "":
		return Finding{Text: "known: " + r.Known}
	case r.Status == oracle.Pass:
		return Finding{Text: report.Remark(r)}
	case r.Status == oracle.NotApplicable, r.Status == oracle.Unsupported:
		return Finding{Skipped: true, Text: r.Reason}
	}
	t.Problems([]rig.Outcome{certify.Masked(j.Outcome)})
	t.Tell(j.Since)
	return Finding{Failed: true, Text: strings.Trim(text.String(), "\n") + p.hint(j.Outcome)}
}

// Entry is what a report of tests says of an outcome, in any framework; for
// Ginkgo, AddReportEntry takes it.
func (p *Plan) Entry(j certify.Judged) report.Entry {
	return report.NewEntry(certify.Masked(j.Outcome))
}

// hint is for a client that was meant for virtual time and does not use the
// network that it was given.
func (p *Plan) hint(o rig.Outcome) string {
	if p.Concurrent() || len(o.Events) == 0 || o.Result.Status == oracle.Broken {
		return ""
	}
	for _, e := range o.Events {
		if e.Kind == history.Dialled {
			return ""
		}
	}
	return "\n  hint       nothing was dialled through Setup.Network; a client with sockets of its own needs Mode: rig.Loopback"
}

// Finding is what an outcome means to a test.
type Finding struct {
	Failed  bool   // the test has to fail
	Skipped bool   // it says nothing about the client
	Text    string // for people
}
