package report

import (
	"cmp"
	"fmt"
	"strings"

	"gauntlet/harness/judge/oracle"
	"gauntlet/harness/judge/requirement"
	"gauntlet/harness/report/inert"
	"gauntlet/harness/run/rig"
)

// Entry is what a test report says of one case, whichever report it is: JUnit
// XML, the summary of a CI step, or Ginkgo's own, to which it is given with
// AddReportEntry. Its texts are harmless and, if the outcome's were, masked.
type Entry struct {
	Case      string   `json:"case"`
	Title     string   `json:"title"`
	Family    string   `json:"family"` // the file that the case is written in, without its ending
	Client    string   `json:"client"`
	Mode      rig.Mode `json:"mode"`
	Seed      uint64   `json:"seed"`
	Status    string   `json:"status"`
	Reason    string   `json:"reason,omitempty"`
	Known     string   `json:"known,omitempty"` // why the failure was expected
	Chain     []string `json:"chain"`
	Faults    []string `json:"faults"` // with how often they fired
	Broken    []Broken `json:"broken"`
	Reproduce string   `json:"reproduce"`
	WallMS    int64    `json:"wall_ms"`
	Text      string   `json:"text"` // for people, with the exchanges; several lines

	status oracle.Status
}

// Broken is one must that the client broke.
type Broken struct {
	Requirement requirement.ID `json:"requirement"`
	ComesOf     requirement.ID `json:"comes_of,omitempty"` // the failure that it follows from; empty if it stands by itself
	Sentence    string         `json:"sentence"`
	Statements  []string       `json:"statements"`
	Reason      string         `json:"reason"`
	Exchanges   []int          `json:"exchanges"` // at hop 0
}

// NewEntry tells of an outcome.
func NewEntry(o rig.Outcome) Entry {
	r := o.Result
	e := Entry{
		Case: inert.Line(r.ID), Title: inert.Line(r.Title), Family: familyOf(o), Client: inert.Line(r.Client), Mode: r.Mode, Seed: r.Seed,
		Status: r.Status.String(), Reason: inert.Line(r.Reason), Known: inert.Line(r.Known),
		Chain: lines(r.Chain), Faults: []string{}, Broken: []Broken{}, Reproduce: inert.Line(r.Reproduce), WallMS: r.Wall,
		status: r.Status,
	}
	for _, f := range r.Faults {
		e.Faults = append(e.Faults, inert.Line(fmt.Sprintf("%s (fired %s)", f.Text, times(f.Fired))))
	}
	for _, f := range r.Findings() {
		e.Broken = append(e.Broken, broken(f.Verdict, f.ComesOf))
		for _, v := range f.Follows {
			e.Broken = append(e.Broken, broken(v, cmp.Or(v.ComesOf, f.Requirement)))
		}
	}
	e.Text = textOf(o)
	return e
}

// String is the entry for people.
func (e Entry) String() string { return e.Text }

// Is reports whether the case ended so.
func (e Entry) Is(s oracle.Status) bool { return e.status == s }

func broken(v oracle.Verdict, comesOf requirement.ID) Broken {
	q, _ := requirement.ByID(v.Requirement)
	b := Broken{Requirement: v.Requirement, ComesOf: comesOf, Sentence: q.Sentence, Statements: []string{}, Reason: inert.Line(v.Reason), Exchanges: append([]int{}, v.Exchanges...)}
	for _, s := range q.Statements {
		b.Statements = append(b.Statements, s.String())
	}
	return b
}

// textOf is what the terminal would say.
func textOf(o rig.Outcome) string {
	var text strings.Builder
	t := Terminal{Out: &text}
	if o.Result.Status == oracle.Pass {
		t.say("%s  %s: %s", o.Result.Status, o.Result.ID, o.Result.Title)
		t.say("  %s", Remark(o.Result))
	} else {
		t.problem(alike{example: o, cases: []string{o.Result.ID}})
	}
	return inert.Block(strings.TrimPrefix(text.String(), "\n"))
}

// familyOf is the name of the file of the case's family.
func familyOf(o rig.Outcome) string {
	name := o.Case.File[strings.LastIndexAny(o.Case.File, `/\`)+1:]
	if name = strings.TrimSuffix(name, ".yaml"); name == "" {
		return "cases"
	}
	return inert.Line(name)
}

func lines(texts []string) []string {
	out := make([]string, len(texts))
	for i, text := range texts {
		out[i] = inert.Line(text)
	}
	return out
}
