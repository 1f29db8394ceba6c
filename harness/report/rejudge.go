package report

import (
	"errors"
	"io/fs"
	"path/filepath"
	"slices"

	"gauntlet/harness/judge/oracle"
	"gauntlet/harness/run/catalogue"
	"gauntlet/harness/run/rig"
)

// Rejudged is a case as it was judged then, and as it is judged now.
type Rejudged struct {
	Stored
	Now    rig.Outcome
	Unread error // the machine would not let its history be read, which says nothing against that
}

// Changed reports whether it came out otherwise.
func (r Rejudged) Changed() bool {
	return r.Now.Result.Status != r.Result.Status || !slices.EqualFunc(r.Result.Verdicts, r.Now.Result.Verdicts, same)
}

// same compares what two verdicts say; the reasons' words may get better.
func same(a, b oracle.Verdict) bool {
	return a.Requirement == b.Requirement && a.Level == b.Level && a.Status == b.Status
}

// Was is how the case ended then.
func (r Rejudged) Was() string {
	if r.Lost {
		return "planned"
	}
	return r.Result.Status.String()
}

// RejudgedRun is a run directory as it is judged now.
type RejudgedRun struct {
	Cases    []Rejudged
	Controls []rig.Outcome // that they lean on
	plan     Plan
}

// RejudgeRun judges all of a run directory again. What frozen knows is what the reference
// client passes in virtual time: who says there that it could not is not believed.
// Histories of more bytes than longest are not read; 0 is LongestHistory.
func RejudgeRun(dir string, v catalogue.Vocabulary, longest int64, frozen func(catalogue.Case) bool) (run RejudgedRun, err error) {
	if run.plan, err = planIn(dir); err != nil {
		return run, err
	}
	cases, err := OpenRunDir(dir, "cases")
	if err != nil {
		return run, err
	}
	if cases, err = withLost(dir, cases); err != nil {
		return run, err
	}
	for _, s := range cases {
		s.Longest = longest
		o, unread := s.Rejudge(v)
		run.Cases = append(run.Cases, Rejudged{s, o, unread})
	}
	known := func(r Rejudged) bool { return frozen(r.Now.Case) }
	if err := run.controls(dir, v, longest, slices.ContainsFunc(run.Cases, known)); err != nil {
		return run, err
	}
	for i := range run.Cases {
		run.compare(&run.Cases[i], known(run.Cases[i]))
	}
	return run, nil
}

// controls judges those again, of cases that are known or of others.
func (run *RejudgedRun) controls(dir string, v catalogue.Vocabulary, longest int64, known bool) error {
	stored, err := OpenRunDir(dir, "controls")
	for _, s := range stored {
		s.Longest = longest
		o, unread := s.Rejudge(v)
		if unread != nil {
			return unread // cases lean on it
		}
		run.plan.uphold(&o, s.Result, known)
		run.plan.mark(&o.Result, s.Result)
		o.Control = true
		run.Controls = append(run.Controls, o)
	}
	return err
}

// compare holds a case to the simpler worlds of the run.
func (run *RejudgedRun) compare(r *Rejudged, known bool) {
	o := &r.Now
	o.Result.Compare(o.Case, rig.Baselines(o.Case, func(id string) *rig.Result {
		if i := slices.IndexFunc(run.Controls, func(c rig.Outcome) bool { return c.Case.ID == id }); i >= 0 {
			return &run.Controls[i].Result
		}
		return nil
	}))
	run.plan.uphold(o, r.Result, known)
	if run.plan.Strict {
		o.Result.CountShoulds()
	}
	run.plan.mark(&o.Result, r.Result)
}

// uphold keeps what the reference client had shown, in a run that had one do the
// same. What mode that was the history says: the plan is anybody's.
func (p Plan) uphold(now *rig.Outcome, then rig.Result, known bool) {
	if p.Mode != "" && (then.Mode != rig.Virtual || p.File != "" && !known) {
		now.Result.Uphold(now.Case, then)
	}
}

// mark notes in a result what was known of its failure when the run began. In a
// run that does not say it, what ends as it did is as known as it was.
func (p Plan) mark(now *rig.Result, then rig.Result) {
	expects, stored := p.expects()
	if now.Known = ""; stored {
		expects.Mark(now)
	} else if now.Status == then.Status {
		now.Known = then.Known
	}
}

// StaleOf lists the known failures of a run directory that do not hold for these
// results.
func StaleOf(dir string, results []rig.Result) ([]string, error) {
	plan, err := planIn(dir)
	return plan.Expects.Failures.Stale(results), err
}

// withLost adds the cases that the run was to have, by its plan or its summary,
// and that are not there. A run that was ended in the middle has no summary; one
// without a plan cannot show that it is whole. Who attends a client plans nothing.
func withLost(dir string, cases []Stored) ([]Stored, error) {
	run, err := ReadSummary(dir)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	plan, err := ReadPlan(dir)
	if err != nil && (run.Mode != rig.Attached || !errors.Is(err, errNoPlan)) {
		return nil, err
	}
	there := map[string]bool{}
	for _, s := range cases {
		there[s.Result.ID] = true
	}
	for _, id := range slices.Concat(plan.Cases, run.Cases) {
		if !there[id] {
			there[id] = true
			cases = append(cases, Stored{Dir: filepath.Join(dir, "cases", FileName(id)), Result: rig.Result{ID: id}, Lost: true})
		}
	}
	return cases, nil
}
