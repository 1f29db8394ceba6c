package html

import (
	"slices"
	"strings"

	"gauntlet/harness/judge/oracle"
	"gauntlet/harness/judge/requirement"
	"gauntlet/harness/report"
	"gauntlet/harness/run/rig"
)

// index is what the page knows before a case is looked at.
type index struct {
	Title        string                   `json:"title"`
	Runs         []runEntry               `json:"runs"`
	Requirements []requirementEntry       `json:"requirements"`
	Statements   map[string]string        `json:"statements"` // what each says, by its name
	Cases        []entry                  `json:"cases"`
	PerChunk     int                      `json:"per_chunk"`
	Changes      map[string]report.Change `json:"changes"` // of a comparison, by case
}

type runEntry struct {
	report.Summary
	Cases int     `json:"cases"` // in place of their ids
	Dir   string  `json:"dir"`
	Since []since `json:"since,omitempty"`
	Swept *Grid   `json:"swept,omitempty"`
}

// since is a must that a run broke in a simpler world than that of its cases.
type since struct {
	Requirement string `json:"requirement"`
	ComesOf     string `json:"comes_of,omitempty"`
	Since       string `json:"since"`
	Cases       int    `json:"cases"` // that stand on it
	Example     string `json:"example"`
}

// sinceOf gathers them, in the order of their first cases.
func sinceOf(cases []Case) (list []since) {
	for _, c := range cases {
		for _, v := range c.Result.Earlier() {
			if v.Level != requirement.Must {
				continue
			}
			i := slices.IndexFunc(list, func(s since) bool { return s.Requirement == string(v.Requirement) && s.Since == v.Since })
			if i < 0 {
				i, list = len(list), append(list, since{Requirement: string(v.Requirement), ComesOf: string(report.CauseThen(c.Result, v)), Since: v.Since, Example: c.Result.ID})
			}
			list[i].Cases++
		}
	}
	return list
}

type requirementEntry struct {
	ID         string   `json:"id"`
	Level      string   `json:"level"`
	Standing   string   `json:"standing"`
	Sentence   string   `json:"sentence"`
	Rationale  string   `json:"rationale"`
	Statements []string `json:"statements"`
}

// entry is a case on one line, with each client's result.
type entry struct {
	ID         string      `json:"id"`
	Title      string      `json:"title"`
	Way        []string    `json:"way"` // the boxes
	Definition *definition `json:"definition,omitempty"`
	Box        string      `json:"box"` // the kind of way, for the matrix
	Family     string      `json:"family"`
	Runs       []*outcome  `json:"runs"` // null where a run lacks the case
	source     string      // where the family is written
}

// outcome is a result on one line.
type outcome struct {
	Status   oracle.Status `json:"status"`
	Reason   string        `json:"reason,omitempty"`
	Known    string        `json:"known,omitempty"`
	Faults   string        `json:"faults,omitempty"` // their lines
	Verdicts string        `json:"verdicts"`         // a letter for each requirement, see letter
	Took     int64         `json:"took"`             // ms of the run's own clock
	Wall     int64         `json:"wall"`             // ms
	Requests int           `json:"requests"`
}

func indexOf(p Page, entries []entry) index {
	x := index{Title: p.Title, Runs: []runEntry{}, Statements: map[string]string{}, Cases: entries, PerChunk: perChunk}
	for _, r := range p.Runs {
		r.Summary.Cases = nil
		x.Runs = append(x.Runs, runEntry{r.Summary, len(r.Cases), r.Dir, sinceOf(r.Cases), r.Swept})
	}
	for _, q := range requirement.All() {
		x.Requirements = append(x.Requirements, describeRequirement(q))
	}
	for _, s := range requirement.Places() {
		x.Statements[s.Statement.String()] = s.Says
	}
	if p.Changes != nil {
		x.Changes = map[string]report.Change{}
	}
	for _, d := range p.Changes {
		x.Changes[d.ID] = d.Change
	}
	nameFamilies(x.Cases)
	return x
}

func describeRequirement(q requirement.Requirement) requirementEntry {
	e := requirementEntry{
		ID: string(q.ID), Level: string(q.Level), Standing: string(q.Standing),
		Sentence: q.Sentence, Rationale: q.Rationale, Statements: []string{},
	}
	for _, s := range q.Statements {
		e.Statements = append(e.Statements, s.String())
	}
	return e
}

// nameFamilies calls the cases of one document of a case file by what their
// ids have in common.
func nameFamilies(cases []entry) {
	names := map[string]string{}
	for _, c := range cases {
		name, known := names[c.source]
		if !known || c.source == "" {
			name = c.ID
		}
		names[c.source] = common(name, c.ID)
	}
	for i, c := range cases {
		cases[i].Family = names[c.source]
		if c.source == "" {
			cases[i].Family = c.ID
		}
	}
}

// common is the beginning that two ids share, in whole words.
func common(a, b string) string {
	x, y := strings.Split(a, "-"), strings.Split(b, "-")
	n := 0
	for n < min(len(x), len(y)) && x[n] == y[n] {
		n++
	}
	return strings.Join(x[:n], "-")
}

// outline is a result as the index has it.
func outline(r rig.Result) *outcome {
	o := &outcome{Status: r.Status, Reason: r.Reason, Known: r.Known, Took: r.Protocol, Wall: r.Wall, Requests: r.Economy.Requests}
	var lines []string
	for _, f := range r.Faults {
		lines = append(lines, f.Text)
	}
	o.Faults = strings.Join(lines, "; ")
	letters := slices.Repeat([]byte{'-'}, len(requirement.IDs()))
	for _, v := range r.Verdicts {
		if i := slices.Index(requirement.IDs(), v.Requirement); i >= 0 {
			letters[i] = letter(v)
		}
	}
	o.Verdicts = string(letters)
	return o
}

// letter is a verdict: P passed, F failed and counts, f failed and does not, I
// not concluded, - not judged.
func letter(v oracle.Verdict) byte {
	switch {
	case v.Status == oracle.Pass:
		return 'P'
	case v.Status == oracle.Fail && v.Level == requirement.Must:
		return 'F'
	case v.Status == oracle.Fail:
		return 'f'
	case v.Status == oracle.Inconclusive:
		return 'I'
	}
	return '-'
}
