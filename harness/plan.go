package harness

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strings"
	"testing"
	"time"

	"gauntlet/harness/judge/history"
	"gauntlet/harness/judge/oracle"
	"gauntlet/harness/msn/servers"
	"gauntlet/harness/report"
	"gauntlet/harness/report/redact"
	"gauntlet/harness/run/catalogue"
	"gauntlet/harness/run/profile"
	"gauntlet/harness/run/rig"
)

// Where a catalogue has what.
const (
	casesIn = "cases"
	boxesIn = "boxes"
)

// longestReal is the longest script that is run in real time unless it is
// asked for by name.
const longestReal = time.Minute

// Plan is a certification that is ready to run, case by case, in any order and
// by any test framework.
type Plan struct {
	// Cases are those that were chosen, in the order of the catalogue.
	Cases []catalogue.Case

	options Options
	runs    *shared
}

// NewPlan reads and chooses the cases. Its error says what is wrong with the
// options, or where in the catalogue.
func NewPlan(o Options) (*Plan, error) {
	switch {
	case o.Client == nil:
		return nil, errors.New("harness: Options.Client makes the client under test and must be set")
	case o.Catalogue == nil:
		return nil, errors.New("harness: Options.Catalogue holds the cases and must be set; say fixtures.Files()")
	case !slices.Contains([]rig.Mode{"", rig.Virtual, rig.Loopback}, o.Mode):
		return nil, fmt.Errorf("harness: no mode %q in Go tests; say rig.Virtual or rig.Loopback", o.Mode)
	}
	cases, err := load(o.Catalogue)
	if err != nil {
		return nil, fmt.Errorf("harness: %w", err)
	}
	p := &Plan{options: o, runs: newShared()}
	if p.Cases, err = p.choose(cases); err != nil {
		return nil, fmt.Errorf("harness: %w", err)
	}
	return p, p.check()
}

func load(files fs.FS) ([]catalogue.Case, error) {
	profiles, err := profile.Load(files, boxesIn)
	if err != nil {
		return nil, err
	}
	return catalogue.Load(files, casesIn, servers.Vocabulary(profile.Table(profiles)))
}

// choose takes the cases that were asked for. What was not asked for by name
// and cannot be run is left out: nobody would miss it.
func (p *Plan) choose(all []catalogue.Case) ([]catalogue.Case, error) {
	chosen, err := catalogue.Select(all, p.options.Cases...)
	if err != nil || len(p.options.Cases) > 0 {
		return chosen, err
	}
	chosen = slices.DeleteFunc(slices.Clone(chosen), func(c catalogue.Case) bool { return !p.possible(c) })
	if p.options.rig().Mode != rig.Virtual {
		chosen = catalogue.Classes(chosen, longestReal)
	}
	return chosen, nil
}

// check refuses a known failure that no chosen case can be.
func (p *Plan) check() error {
	ids := make([]rig.Result, len(p.Cases))
	for i, c := range p.Cases {
		ids[i].ID = c.ID
	}
	var errs []error
	for _, line := range p.options.Known.Stale(ids) {
		errs = append(errs, errors.New("harness: "+line))
	}
	return errors.Join(errs...)
}

func (p *Plan) possible(c catalogue.Case) bool {
	return rig.Inexpressible(c, p.options.rig()) == ""
}

// Concurrent tells whether cases may be judged at the same time, from several
// goroutines: on real sockets they mostly wait. In virtual time they may not.
func (p *Plan) Concurrent() bool { return p.options.rig().Mode != rig.Virtual }

// Judge runs a case, with the controls that it leans on unless another case
// has run them already. The T is lent to bubbles of virtual time and is not
// failed; it is that of the test in whose goroutine Judge is called. Reproduce
// is left to the caller, who knows how the case is run alone.
func (p *Plan) Judge(t *testing.T, c catalogue.Case) rig.Outcome {
	var judged rig.Outcome
	suite := rig.Suite{Run: p.runner(t), Runs: p.possible, Done: func(o rig.Outcome) {
		if !o.Control {
			judged = o
		}
	}}
	if err := suite.Certify(t.Context(), []catalogue.Case{c}); err != nil {
		judged = rig.Outcome{Case: c, Result: rig.Result{ID: c.ID, Title: c.Title, Reason: err.Error()}}
	}
	p.options.Known.Mark(&judged.Result)
	return judged
}

// test is the subtest of one case. Cases that may run together begin before
// t.Parallel lets the next one begin, and so do not depend on the number of
// processors.
func (p *Plan) test(t *testing.T, c catalogue.Case) {
	var judged rig.Outcome
	if p.Concurrent() {
		done := make(chan rig.Outcome, 1)
		go func() { done <- p.Judge(t, c) }()
		t.Parallel()
		judged = <-done
	} else {
		judged = p.Judge(t, c)
	}
	judged.Result.Reproduce = alone(t.Name())
	tell(t, p.Explain(judged))
}

// Explain tells what an outcome means, and why. A known failure is none, and a
// case that is listed as one and passes is.
func (p *Plan) Explain(o rig.Outcome) Finding {
	r := o.Result
	if line := p.options.Known.Outlived(r); line != "" {
		return Finding{Failed: true, Text: line}
	}
	switch {
	case r.Known != "":
		return Finding{Text: "known: " + r.Known}
	case r.Status == oracle.Pass:
		return Finding{Text: report.Remark(r)}
	case r.Status == oracle.NotApplicable, r.Status == oracle.Unsupported:
		return Finding{Skipped: true, Text: r.Reason}
	}
	var text strings.Builder
	report.Terminal{Out: &text}.Problems([]rig.Outcome{masked(o)})
	return Finding{Failed: true, Text: strings.Trim(text.String(), "\n") + p.hint(o)}
}

// Entry is what a report of tests says of an outcome, in any framework; for
// Ginkgo, AddReportEntry takes it.
func (p *Plan) Entry(o rig.Outcome) report.Entry { return report.NewEntry(masked(o)) }

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

// runner performs cases in the goroutine that asks for them.
func (p *Plan) runner(t *testing.T) rig.Runner {
	o := p.options.rig()
	return func(ctx context.Context, cases []catalogue.Case, done func(rig.Outcome)) error {
		for _, c := range cases {
			done(p.runs.outcome(c, func() rig.Outcome {
				if p.Concurrent() {
					return rig.One(ctx, c, o)
				}
				return rig.InBubble(t, c, o)
			}))
			if ctx.Err() != nil {
				return ctx.Err()
			}
		}
		return nil
	}
}

// Finding is what an outcome means to a test.
type Finding struct {
	Failed  bool   // the test has to fail
	Skipped bool   // it says nothing about the client
	Text    string // for people
}

// masked is the outcome without its secrets; of one that cannot be read nothing
// is told but that.
func masked(o rig.Outcome) rig.Outcome {
	shown, err := redact.Outcome(o, redact.Options{})
	if err != nil {
		shown.Case, shown.Result = o.Case, rig.Result{ID: o.Result.ID, Title: o.Result.Title, Status: oracle.Broken, Reason: err.Error()}
	}
	return shown
}
