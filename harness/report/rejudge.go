package report

import (
	"gauntlet/harness/catalogue"
	"gauntlet/harness/rig"
)

// Rejudged is a case as it was judged then, and as it is judged now.
type Rejudged struct {
	Stored
	Now rig.Outcome
}

// Changed tells whether it came out otherwise.
func (r Rejudged) Changed() bool { return r.Now.Result.Status != r.Result.Status }

// RejudgeRun judges all cases of a run directory again, with the controls that
// they lean on.
func RejudgeRun(dir string, v catalogue.Vocabulary) ([]Rejudged, error) {
	controls, err := OpenRunDir(dir, "controls")
	if err != nil {
		return nil, err
	}
	cases, err := OpenRunDir(dir, "cases")
	if err != nil {
		return nil, err
	}
	leanOn := map[string]*rig.Result{}
	for _, s := range controls {
		o := s.Rejudge(v)
		leanOn[o.Case.ID] = &o.Result
	}
	list := make([]Rejudged, len(cases))
	for i, s := range cases {
		o := s.Rejudge(v)
		o.Result.Lean(control(leanOn, o.Case, rig.DirectControl), control(leanOn, o.Case, rig.BoxControl))
		list[i] = Rejudged{s, o}
	}
	return list, nil
}

func control(known map[string]*rig.Result, c catalogue.Case, kind func(catalogue.Case) (catalogue.Case, bool)) *rig.Result {
	wanted, needed := kind(c)
	if !needed {
		return nil
	}
	return known[wanted.ID]
}
