package matrix

import (
	"cmp"
	"fmt"
	"slices"

	"gauntlet/harness/judge/oracle"
	"gauntlet/harness/judge/requirement"
	"gauntlet/harness/mutants"
	"gauntlet/harness/run/rig"
)

// Mark is what a client's failure of a requirement means.
type Mark string

// The marks.
const (
	Caught     Mark = "caught"     // by what it violates
	Collateral Mark = "collateral" // a must that falls with it, for a written reason
	Surprise   Mark = "surprise"   // a must, without a reason
	Lesser     Mark = "lesser"     // a should, or what is only told
)

// Row is what became of one client.
type Row struct {
	Name     string         `json:"id"`
	Defect   string         `json:"defect"`
	Correct  bool           `json:"correct,omitempty"`
	Violates requirement.ID `json:"violates,omitempty"`
	Seen     string         `json:"seen,omitempty"`
	Needs    mutants.Need   `json:"needs,omitempty"`
	Cases    int            `json:"cases"`  // that it was put through
	Caught   bool           `json:"caught"` // by what it violates
	Failures []Failure      `json:"failures"`
	Broken   []string       `json:"broken,omitempty"` // cases that we could not perform, and why
}

// Failure is a requirement that the client failed.
type Failure struct {
	Requirement requirement.ID    `json:"requirement"`
	Level       requirement.Level `json:"level"`
	Mark        Mark              `json:"mark"`
	Cases       []string          `json:"cases"`
	Reason      string            `json:"reason"` // in the first of them
}

// read makes a row of a client's outcomes. Only cases that stand count: one
// that is inconclusive catches nobody, and one that is blocked only by what the
// client broke in a simpler world.
func read(m mutants.Mutant, outcomes []rig.Outcome) Row {
	r := Row{Name: m.Name, Defect: m.Defect, Correct: m.Correct, Violates: m.Violates, Seen: m.Seen, Needs: m.Needs, Failures: []Failure{}}
	slices.SortFunc(outcomes, func(a, b rig.Outcome) int { return cmp.Compare(a.Case.ID, b.Case.ID) })
	for _, o := range outcomes {
		r.Cases++
		switch o.Result.Status {
		case oracle.Pass, oracle.Fail, oracle.Blocked:
			r.add(m, o)
		case oracle.Broken:
			r.Broken = append(r.Broken, o.Case.ID+": "+o.Result.Reason)
		}
	}
	return r
}

func (r *Row) add(m mutants.Mutant, o rig.Outcome) {
	for _, v := range o.Result.Verdicts {
		early := v.Since != ""
		if v.Status != oracle.Fail || early && v.Requirement != m.Violates || !early && o.Result.Status == oracle.Blocked {
			continue // what else fell in a simpler world is told there
		}
		f := r.failure(v)
		f.Mark = mark(m, v, f.Mark)
		f.Cases = append(f.Cases, o.Case.ID)
		r.Caught = r.Caught || f.Mark == Caught
	}
}

// failure finds the entry of a requirement, or makes it. A case may ask less
// than the requirement does: the highest level that was asked stands.
func (r *Row) failure(v oracle.Verdict) *Failure {
	i := slices.IndexFunc(r.Failures, func(f Failure) bool { return f.Requirement == v.Requirement })
	if i < 0 {
		r.Failures = append(r.Failures, Failure{Requirement: v.Requirement, Level: v.Level, Reason: v.Reason})
		i = len(r.Failures) - 1
	}
	if f := &r.Failures[i]; v.Level == requirement.Must && f.Level != requirement.Must {
		f.Level, f.Reason, f.Cases = v.Level, v.Reason, nil
	}
	return &r.Failures[i]
}

func mark(m mutants.Mutant, v oracle.Verdict, before Mark) Mark {
	switch {
	case v.Requirement == m.Violates && (v.Level != requirement.Must || !m.Correct):
		return Caught
	case v.Level != requirement.Must && before != "":
		return before
	case v.Level != requirement.Must:
		return Lesser
	case m.Expected(v.Requirement) && !m.Correct:
		return Collateral
	}
	return Surprise
}

// Wrong says what is wrong with the verdicts on this client; empty if nothing.
func (r Row) Wrong() string {
	switch {
	case len(r.Broken) > 0:
		return "not performed: " + r.Broken[0]
	case r.Violates != "" && !r.Caught:
		return fmt.Sprintf("not caught by %s", r.Violates)
	}
	for _, f := range r.Failures {
		if f.Mark == Surprise {
			return fmt.Sprintf("fails %s in %s: %s", f.Requirement, f.Cases[0], f.Reason)
		}
	}
	return ""
}
