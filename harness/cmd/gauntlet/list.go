package main

import (
	"errors"
	"fmt"
	"io"
	"maps"
	"path"
	"slices"
	"strings"
	"text/tabwriter"
	"unicode/utf8"

	"github.com/spf13/cobra"

	"gauntlet/harness/judge/requirement"
	"gauntlet/harness/msn/servers"
	"gauntlet/harness/mutants"
	"gauntlet/harness/report"
	"gauntlet/harness/run/adapter"
	"gauntlet/harness/run/catalogue"
	"gauntlet/harness/run/near"
	"gauntlet/harness/run/sweep"
	"gauntlet/harness/run/workload"
	"gauntlet/proxies"
	"gauntlet/proxies/fault"
)

// row is one thing listed; the JSON form is an object with these fields.
type row struct {
	ID    string   `json:"id"`
	Title string   `json:"title"`
	Notes []string `json:"notes,omitempty"`
}

func listCommand() *cobra.Command {
	var asJSON, coverage bool
	var swept string
	var kinds kindsListed
	c := &cobra.Command{
		Use:   "list [GLOB…]",
		Short: "List the cases, the requirements, the source's statements, the levels, the mutants, the effects or the quirks",
		RunE: func(cmd *cobra.Command, globs []string) error {
			if coverage {
				return listCoverage(cmd.OutOrStdout(), swept, asJSON)
			}
			if swept != "" {
				return fmt.Errorf("--swept %s belongs to --coverage: say gauntlet list --coverage --swept %s", swept, swept)
			}
			rows, err := kinds.rows(globs)
			if err != nil {
				return err
			}
			if kinds.words() && !asJSON {
				return printColumns(cmd.OutOrStdout(), rows)
			}
			return printRows(cmd.OutOrStdout(), rows, asJSON)
		},
	}
	c.Flags().BoolVar(&asJSON, "json", false, "as a JSON array")
	c.Flags().BoolVar(&kinds.requirements, "requirements", false, "what is asked of a client, in place of the cases")
	c.Flags().BoolVar(&kinds.statements, "statements", false, "what the source says, S1 to S61, in place of the cases")
	c.Flags().BoolVar(&kinds.mutants, "mutants", false, "the wrong clients, in place of the cases")
	c.Flags().BoolVar(&coverage, "coverage", false, "where each statement of the source is proved, an error if one is not; and which effects no case has in which state of the protocol")
	c.Flags().StringVar(&swept, "swept", "", "with --coverage: count what the sweep in this run directory has reached, too")
	c.Flags().BoolVar(&kinds.effects, "effects", false, "what a fault can do, in place of the cases")
	c.Flags().BoolVar(&kinds.quirks, "quirks", false, "what a box can do otherwise than a faithful one, in place of the cases")
	c.Flags().BoolVar(&kinds.steps, "steps", false, "what a user can do, in place of the cases")
	c.Flags().BoolVar(&kinds.knobs, "knobs", false, "what of a gateway a case can turn, in place of the cases")
	c.Flags().BoolVar(&kinds.proxies, "proxies", false, "what a client can be told of proxies, in place of the cases")
	c.Flags().BoolVar(&kinds.levels, "levels", false, "the levels of certification of the newest edition, and with a level's name its cases")
	c.MarkFlagsMutuallyExclusive("requirements", "statements", "mutants", "coverage", "knobs", "steps", "effects", "quirks", "proxies", "levels")
	return c
}

// kindsListed says what is listed in place of the cases.
type kindsListed struct {
	requirements, statements, mutants, knobs, steps, effects, quirks, proxies, levels bool
}

// words reports whether words are listed of which there is much to say.
func (k kindsListed) words() bool { return k.knobs || k.steps || k.effects || k.quirks || k.proxies }

func (k kindsListed) rows(globs []string) ([]row, error) {
	switch {
	case k.levels:
		return listLevels(globs)
	case k.knobs:
		return matching(listKnobs(), globs)
	case k.steps:
		return matching(listSteps(), globs)
	case k.effects:
		return matching(listEffects(), globs)
	case k.quirks:
		return matching(listQuirks(), globs)
	case k.proxies:
		return matching(listProxies(), globs)
	case k.requirements:
		return matching(listRequirements(), globs)
	case k.statements:
		return matching(listStatements(), globs)
	case k.mutants:
		return matching(listMutants(), globs)
	}
	return listCases(globs)
}

// matching are the rows that a glob fits, all if there is none.
func matching(rows []row, globs []string) ([]row, error) {
	if len(globs) == 0 {
		return rows, nil
	}
	var found []row
	for _, r := range rows {
		for _, glob := range globs {
			if ok, err := path.Match(glob, r.ID); err != nil {
				return nil, fmt.Errorf("%q: the glob is malformed: a [ without ]", glob)
			} else if ok {
				found = append(found, r)
				break
			}
		}
	}
	if found == nil {
		var ids []string
		for _, r := range rows {
			ids = append(ids, r.ID)
		}
		hint := near.Hint(globs[0], ids, "without a word all are listed")
		return nil, fmt.Errorf("nothing matches %s; %s", strings.Join(globs, " or "), hint)
	}
	return found, nil
}

func listCases(globs []string) ([]row, error) {
	cases, err := library().Choose("", globs)
	if err != nil {
		return nil, err
	}
	var rows []row
	for _, c := range cases {
		notes := []string{c.Chain.String()}
		for _, f := range c.Faults {
			notes = append(notes, f.String())
		}
		rows = append(rows, row{ID: c.ID, Title: c.Title, Notes: notes})
	}
	return rows, nil
}

// listKnobs names the knobs, and what each takes.
func listKnobs() []row {
	var rows []row
	for _, k := range servers.Knobs() {
		rows = append(rows, row{ID: k.Name, Title: k.Doc, Notes: []string{k.Form}})
	}
	return rows
}

// listSteps names what a user can do.
func listSteps() []row {
	var rows []row
	for _, w := range workload.Words() {
		rows = append(rows, row{ID: string(w.Verb), Title: w.Doc, Notes: []string{w.Form}})
	}
	return rows
}

// listProxies names what a client can be told of proxies.
func listProxies() []row {
	var rows []row
	for _, w := range catalogue.ProxyWords() {
		rows = append(rows, row{ID: string(w.Setting), Title: w.Doc, Notes: []string{"proxy: " + string(w.Setting)}})
	}
	return rows
}

func listRequirements() []row {
	var rows []row
	for _, q := range requirement.All() {
		notes := []string{string(q.Level)}
		for _, s := range q.Statements {
			notes = append(notes, s.String())
		}
		rows = append(rows, row{ID: string(q.ID), Title: q.Sentence, Notes: notes})
	}
	return rows
}

// listStatements tells what each statement says, and what it asks of a client.
func listStatements() []row {
	var rows []row
	for _, p := range requirement.Places() {
		var notes []string
		for _, q := range p.Statement.Requirements() {
			notes = append(notes, string(q.ID))
		}
		rows = append(rows, row{ID: p.Statement.String(), Title: p.Says, Notes: notes})
	}
	return rows
}

func listMutants() []row {
	var rows []row
	for _, m := range mutants.All() {
		rows = append(rows, row{ID: m.Name, Title: m.Defect, Notes: []string{string(m.Violates)}})
	}
	return rows
}

func printRows(out io.Writer, rows []row, asJSON bool) error {
	if asJSON {
		return report.JSON(out, rows)
	}
	w := tabwriter.NewWriter(out, 0, 4, 2, ' ', 0)
	for _, r := range rows {
		fmt.Fprintf(w, "%s\t%s\t%s\n", r.ID, r.Title, strings.Join(r.Notes, "; "))
	}
	return w.Flush()
}

// printColumns prints the words on the left, and on the right what there is to say
// of each, folded.
func printColumns(out io.Writer, rows []row) error {
	left := 0
	for _, r := range rows {
		left = max(left, utf8.RuneCountInString(r.ID)+2)
	}
	var text strings.Builder
	for _, r := range rows {
		word := r.ID
		for _, note := range append([]string{r.Title}, r.Notes...) {
			for _, line := range report.Fold(note, width-left, 0) {
				fmt.Fprintf(&text, "%-*s%s\n", left, word, line)
				word = ""
			}
		}
	}
	_, err := io.WriteString(out, text.String())
	return err
}

// listEffects names what a fault can do: how it is written, what then happens,
// at which landmarks.
func listEffects() []row {
	effects := fault.Effects()
	var rows []row
	for _, name := range slices.Sorted(maps.Keys(effects)) {
		kind := effects[name]
		rows = append(rows, row{ID: name, Title: kind.Doc, Notes: []string{kind.Form(name), kind.Where()}})
	}
	return rows
}

// listQuirks names the quirks, with the boxes that can have them.
func listQuirks() []row {
	var rows []row
	for _, q := range proxies.Quirks() {
		var kinds []string
		for _, kind := range q.Of() {
			kinds = append(kinds, string(kind))
		}
		rows = append(rows, row{ID: q.Word, Title: q.Help, Notes: []string{strings.TrimSpace(q.Word + " " + q.Argument()), "of " + strings.Join(kinds, ", ")}})
	}
	return rows
}

// listLevels names the levels of the newest edition; with their names, the
// cases that they consist of.
func listLevels(names []string) ([]row, error) {
	if len(names) > 0 {
		ids, err := library().CasesOfLevels(names, adapter.InProcess)
		return titled(ids), err
	}
	e, err := library().Newest()
	if err != nil {
		return nil, err
	}
	var rows []row
	for _, l := range e.Levels {
		rows = append(rows, row{ID: l.Name, Title: l.Asks, Notes: []string{"edition " + e.Name, fmt.Sprintf("%d cases", len(l.Cases))}})
	}
	return rows, nil
}

// titled are frozen cases with their titles of today.
func titled(ids []string) []row {
	today, err := library().Cases()
	var rows []row
	for _, id := range ids {
		title := "it is not in the catalogue any more"
		if i := slices.IndexFunc(today, func(c catalogue.Case) bool { return c.ID == id }); err == nil && i >= 0 {
			title = today[i].Title
		}
		rows = append(rows, row{ID: id, Title: title})
	}
	return rows
}

// listCoverage shows where each statement of the source is proved. A gap is an
// error.
func listCoverage(out io.Writer, swept string, asJSON bool) error {
	cases, err := library().Cases()
	if err != nil {
		return err
	}
	var rows []row
	for _, p := range requirement.Places() {
		rows = append(rows, row{ID: p.Statement.String(), Title: p.Says, Notes: placeOf(p, cases)})
	}
	empty, err := listEmpty(cases, swept)
	if err != nil {
		return err
	}
	if rows = append(rows, empty...); asJSON {
		err = printRows(out, rows, true)
	} else {
		err = printCoverage(out, rows)
	}
	proved := func(id requirement.ID) bool {
		return slices.ContainsFunc(cases, func(c catalogue.Case) bool { return slices.Contains(c.Proves, id) })
	}
	return errors.Join(append([]error{err}, requirement.Gaps(requirement.Places(), requirement.All(), proved)...)...)
}

// listEmpty names for each state of the protocol the effects that never strike there:
// in no case, and in no point of a sweep.
func listEmpty(cases []catalogue.Case, swept string) ([]row, error) {
	covered := sweep.Coverage{}
	if swept != "" {
		var err error
		if covered, err = coverageIn(swept); err != nil {
			return nil, fmt.Errorf("--swept %s: %w", swept, err)
		}
	}
	for _, c := range cases {
		covered.Add(c.Faults)
	}
	var rows []row
	for _, state := range covered.States() {
		if empty := covered.Empty(state); len(empty) > 0 {
			rows = append(rows, row{ID: state, Title: "effects that never strike in this state", Notes: empty})
		}
	}
	return rows, nil
}

// placeOf says in a few words where a statement is proved.
func placeOf(p requirement.Place, cases []catalogue.Case) []string {
	if p.Reason != "" {
		return []string{"background: " + p.Reason}
	}
	var notes []string
	for _, q := range p.Statement.Requirements() {
		n := 0
		for _, c := range cases {
			if slices.Contains(c.Proves, q.ID) {
				n++
			}
		}
		notes = append(notes, fmt.Sprintf("%s (%s, %d cases)", q.ID, q.Level, n))
	}
	if p.Spec != "" {
		notes = append(notes, p.Spec)
	}
	return notes
}

func printCoverage(out io.Writer, rows []row) error {
	w := tabwriter.NewWriter(out, 0, 4, 2, ' ', 0)
	for _, r := range rows {
		fmt.Fprintf(w, "%s\t%s\n\t  %s\n", r.ID, r.Title, strings.Join(r.Notes, "; "))
	}
	return w.Flush()
}
