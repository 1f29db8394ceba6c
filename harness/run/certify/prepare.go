package certify

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"time"

	"gauntlet/harness/judge/requirement"
	"gauntlet/harness/report"
	"gauntlet/harness/run/catalogue"
	"gauntlet/harness/run/edition"
	"gauntlet/harness/run/near"
	"gauntlet/harness/run/rig"
)

// longestReal is the longest script that is run in real time unless it is
// asked for; longestThrough is that for a real proxy, of which there are many.
const (
	longestReal    = time.Minute
	longestThrough = 30 * time.Second
)

// Job is a certification of one client that is prepared: everything was read and
// chosen, and nothing was run or written.
type Job struct {
	o       Options // with one client and its mode
	box     box
	edition edition.Edition // only of one that is stored
	cases   []catalogue.Case
	known   report.KnownFailures
}

// Cases are those that were chosen, in the order of the catalogue.
func (j *Job) Cases() []catalogue.Case { return j.cases }

// Prepare reads and chooses what the certification of the first client takes. All that is wrong with the options is
// said before anything runs.
func Prepare(o Options) (*Job, error) {
	j := &Job{o: o.turn(o.client())}
	err := errors.Join(j.place(), j.choose(), j.knownFailures())
	if err == nil {
		err = j.pause()
	}
	return j, err
}

// place looks whether the client can be run so.
func (j *Job) place() (err error) {
	o := j.o
	if err := o.client().runsIn(o.Mode); err != nil {
		return err
	}
	if j.box, err = o.Library.box(o.Box); err != nil {
		return err
	}
	switch {
	case !slices.Contains([]rig.Mode{rig.Virtual, rig.Loopback, rig.Netns}, o.Mode):
		say := fmt.Sprintf("say %s, %s or %s", rig.Virtual, rig.Loopback, rig.Netns)
		return fmt.Errorf("no mode %q; %s", o.Mode, near.Hint(string(o.Mode), []rig.Mode{rig.Virtual, rig.Loopback, rig.Netns}, say))
	case o.Box != "" && o.Mode != rig.Loopback:
		return fmt.Errorf("--box %s is a real program and needs --mode %s", o.Box, rig.Loopback)
	}
	return nil
}

// choose takes the cases that were asked for: of the catalogue, in real time,
// one for each class, unless some are named. A file that is named runs whole.
func (j *Job) choose() error {
	o := &j.o
	ids, levels := o.Library.CasesOfLevels(o.Levels, o.client().kind)
	o.Cases, o.Levels = slices.Concat(o.Cases, ids), nil
	var cases error
	j.cases, cases = o.Library.Choose(o.File, o.Cases)
	if err := errors.Join(levels, cases, j.addOwn(), j.skip()); err != nil {
		return err
	}
	j.cases = o.client().drivenBy(j.cases, o.Library.speaks)
	if o.Mode != rig.Virtual && o.File == "" && len(o.Cases) == 0 && !o.All {
		j.cases = j.affordable()
	}
	return nil
}

// pause looks whether somebody can wait before the case that is named.
func (j *Job) pause() error {
	o := &j.o
	var chosen []string
	for _, c := range j.cases {
		chosen = append(chosen, c.ID)
	}
	switch {
	case o.PauseBefore == "":
		return nil
	case !slices.Contains(chosen, o.PauseBefore):
		return fmt.Errorf("--pause-before %s: no such case is to be run; %s", o.PauseBefore, near.Hint(o.PauseBefore, chosen, "--case chooses them"))
	case o.Mode == rig.Netns:
		return fmt.Errorf("--pause-before %s: no debugger gets into the namespaces: say --mode %s", o.PauseBefore, rig.Loopback)
	case o.Queue.URL != "":
		return fmt.Errorf("--pause-before %s: the case may run on another machine: leave --nats away", o.PauseBefore)
	case o.Parallel > 1:
		return fmt.Errorf("--pause-before %s: cases run one at a time: leave --parallel away", o.PauseBefore)
	}
	o.Parallel = 1
	return nil
}

// addOwn adds the cases of the files that were named beside the catalogue.
func (j *Job) addOwn() error {
	for _, file := range j.o.Beside {
		own, err := j.o.Library.Choose(file, nil)
		if err != nil {
			return err
		}
		for _, c := range own {
			if slices.ContainsFunc(j.cases, func(other catalogue.Case) bool { return other.ID == c.ID }) {
				return fmt.Errorf("%s: the case %s is in the catalogue as well; give it another id", file, c.ID)
			}
		}
		j.cases = append(slices.Clone(j.cases), own...)
	}
	return nil
}

// skip takes out of the cases those that were not wanted.
func (j *Job) skip() error {
	if len(j.o.Skip) == 0 {
		return nil
	}
	unwanted, err := j.o.Library.Choose(j.o.File, j.o.Skip)
	if err != nil {
		return err
	}
	chosen := len(j.cases)
	j.cases = slices.DeleteFunc(slices.Clone(j.cases), func(c catalogue.Case) bool {
		return slices.ContainsFunc(unwanted, func(u catalogue.Case) bool { return u.ID == c.ID })
	})
	if chosen > 0 && len(j.cases) == 0 {
		return errors.New("each of the cases is skipped: nothing is left to run")
	}
	return nil
}

// affordable are the cases for real time, one for each class.
func (j *Job) affordable() []catalogue.Case {
	if j.box.product == nil {
		return catalogue.Affordable(j.cases, j.possible, longestReal)
	}
	cases := slices.DeleteFunc(slices.Clone(j.cases), func(c catalogue.Case) bool { return j.possible(c) && beside(c) })
	return catalogue.Affordable(cases, j.possible, longestThrough)
}

// beside reports whether a case says nothing of a real proxy: it goes past it, or
// asks less than a must of the client.
func beside(c catalogue.Case) bool {
	return len(c.Chain) == 0 || c.Level != "" && c.Level != requirement.Must
}

// possible reports whether the mode, the product and the client can express a case.
func (j *Job) possible(c catalogue.Case) bool {
	return rig.Inexpressible(c, j.o.rig(j.box)) == ""
}

// knownFailures are those of the client: of the list, of the options, and of the
// client's file, and, among the cases at hand, those of the real proxy and of the
// file: a file is not written for one selection.
func (j *Job) knownFailures() (err error) {
	if j.o.KnownFile != "" {
		if j.known, err = report.ReadKnown(j.o.KnownFile); err != nil {
			return err
		}
	}
	j.known = slices.Concat(j.known, j.o.Known, j.o.client().known().Fitting(j.cases), j.box.known.Fitting(j.cases))
	return nil
}

// mark notes in a result what is known of its failure.
func (j *Job) mark(r *rig.Result) { j.plan().Expects.Mark(r) }

// unfitting says which known failures fit none of the cases that were chosen.
func (j *Job) unfitting() error {
	ids := make([]rig.Result, len(j.cases))
	for i, c := range j.cases {
		ids[i].ID = c.ID
	}
	var errs []error
	for _, line := range j.known.Stale(ids) {
		errs = append(errs, errors.New(line))
	}
	return errors.Join(errs...)
}

// plan is what this run is going to do.
func (j *Job) plan() report.Plan {
	o := j.o
	p := report.Plan{
		Client: o.client().Value, Mode: o.Mode, Seed: o.Seed, Product: o.Box, File: o.File,
		Select: o.Cases, Skip: o.Skip, All: o.All, Known: o.KnownFile, Strict: o.Strict,
		Expects: report.Expects{Failures: append(report.KnownFailures{}, j.known...), Through: j.box.known},
	}
	if file := o.client().file; file != nil {
		sum := sha256.Sum256(file.Source)
		p.Digest = hex.EncodeToString(sum[:])
	}
	for _, c := range j.cases {
		p.Cases = append(p.Cases, c.ID)
	}
	return p
}
