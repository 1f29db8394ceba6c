package certify

import (
	"context"
	"fmt"
	"os"
	"strings"

	"gauntlet/harness/report"
	"gauntlet/harness/run/catalogue"
	"gauntlet/harness/run/rig"
	"gauntlet/harness/run/virtual"
)

// Bench judges cases that nobody has written down, one batch after the other, with
// the same workers, and with each simpler world run once. It stores nothing, and of
// what passed it keeps no history. Its methods may not be called at the same time.
type Bench struct {
	run     *run
	session *rig.Session
	scratch string
}

// NewBench is a bench for the first client. A program signs in once before it is
// there. The context ends its workers; Close does, too.
func NewBench(ctx context.Context, o Options) (*Bench, error) {
	j := &Job{o: o.turn(o.client())}
	if err := j.place(); err != nil {
		return nil, err
	}
	j.o.Crews = virtual.KeepCrews(ctx)
	b := &Bench{run: &run{Job: j}}
	confirmations := 0
	if b.Mode() != rig.Virtual {
		confirmations = atOnce / 2 // they mostly wait, and the last of them keep everybody waiting
	}
	b.session = rig.NewSession(confirmations)
	b.run.with = j.o.rig(j.box)
	if !j.o.client().Program() {
		return b, nil
	}
	var err error
	if b.scratch, err = os.MkdirTemp("", "gauntlet-bench-"); err != nil {
		return nil, err
	}
	b.run.dir = report.RunDir{Path: b.scratch}
	if err = b.run.trust(); err == nil {
		err = b.run.check(ctx)
	}
	if err != nil {
		b.Close()
		return nil, err
	}
	return b, nil
}

// Close ends the workers.
func (b *Bench) Close() {
	b.run.o.Crews.Close()
	if b.scratch != "" {
		_ = os.RemoveAll(b.scratch) // it holds a certificate for everybody to read
	}
}

// Mode is what the cases stand on.
func (b *Bench) Mode() rig.Mode { return b.run.o.Mode }

// Of says in words whose runs these are: the client with a digest of its file, the
// mode and the seed. Runs of another bench that says the same can stand beside them.
func (b *Bench) Of() string {
	p := b.run.plan()
	mode := string(p.Mode)
	if p.Strict {
		mode += ", strict"
	}
	return strings.TrimSpace(fmt.Sprintf("%s, %s, seed %d %s", p.Client, mode, p.Seed, p.Digest))
}

// Lack says what keeps a case from being run with the client, so and here; empty if
// nothing does.
func (b *Bench) Lack(c catalogue.Case) string { return rig.Inexpressible(c, b.run.with) }

// Possible reports whether a case can be run with the client, so and here.
func (b *Bench) Possible(c catalogue.Case) bool { return b.Lack(c) == "" }

// Run performs cases under a seed as the client can run them, each judged by itself, and
// keeps all histories.
func (b *Bench) Run(seed uint64) rig.Runner {
	with := b.run.with
	with.Seed = seed
	perform := b.run.o.performer(with)
	return func(ctx context.Context, cases []catalogue.Case, done func(rig.Outcome)) error {
		return perform(ctx, b.suited(cases), done)
	}
}

func (b *Bench) suited(cases []catalogue.Case) []catalogue.Case {
	return b.run.o.client().drivenBy(cases, b.run.o.Library.speaks)
}

// Judge runs cases and the simpler worlds that nobody has asked for before, and
// compares and confirms as Run does.
func (b *Bench) Judge(ctx context.Context, cases []catalogue.Case, done func(rig.Outcome)) error {
	lean, strict := b.run.with, b.run.o.Strict
	lean.Lean = !strict
	count := func(o rig.Outcome) {
		if strict && !o.Control {
			o.Result.CountShoulds()
		}
		done(o)
	}
	suite := rig.Suite{Run: b.run.o.performer(lean), Runs: b.run.possible, Done: count} // what was no evidence is not run again: there are many others
	if theirs, asked := b.run.o.reference(b.run.with); asked {
		suite.Reference = b.run.o.performer(theirs)
	}
	return b.session.Certify(ctx, suite, b.suited(cases))
}
