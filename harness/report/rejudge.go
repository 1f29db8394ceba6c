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

// RejudgeRun judges all cases of a run directory again, with the controls that
// they lean on.
func RejudgeRun(dir string, v catalogue.Vocabulary) ([]Rejudged, error) {
	controls, err := RejudgeControls(dir, v)
	if err != nil {
		return nil, err
	}
	cases, err := OpenRunDir(dir, "cases")
	if err != nil {
		return nil, err
	}
	if cases, err = withLost(dir, cases); err != nil {
		return nil, err
	}
	plan, err := planIn(dir)
	if err != nil {
		return nil, err
	}
	leanOn := map[string]*rig.Result{}
	for i := range controls {
		leanOn[controls[i].Case.ID] = &controls[i].Result
	}
	list := make([]Rejudged, len(cases))
	for i, s := range cases {
		o, unread := s.Rejudge(v)
		o.Result.Compare(o.Case, rig.Baselines(o.Case, func(id string) *rig.Result { return leanOn[id] }))
		plan.uphold(&o, s.Result)
		if plan.Strict {
			o.Result.CountShoulds()
		}
		plan.mark(&o.Result, s.Result)
		list[i] = Rejudged{s, o, unread}
	}
	return list, nil
}

// RejudgeControls judges the controls of a run directory again.
func RejudgeControls(dir string, v catalogue.Vocabulary) ([]rig.Outcome, error) {
	plan, err := planIn(dir)
	if err != nil {
		return nil, err
	}
	stored, err := OpenRunDir(dir, "controls")
	list := make([]rig.Outcome, len(stored))
	for i, s := range stored {
		var unread error
		if list[i], unread = s.Rejudge(v); unread != nil {
			return nil, unread // cases lean on it
		}
		plan.uphold(&list[i], s.Result)
		plan.mark(&list[i].Result, s.Result)
		list[i].Control = true
	}
	return list, err
}

// uphold keeps what the reference client had shown, in a run that had one do the
// same: in virtual time the catalogue needs none.
func (p Plan) uphold(now *rig.Outcome, then rig.Result) {
	if p.Mode != "" && (p.Mode != rig.Virtual || p.File != "") {
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
