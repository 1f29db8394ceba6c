package main

import (
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"text/tabwriter"

	"gauntlet/harness/judge/requirement"
	"gauntlet/harness/run/catalogue"
)

// listCoverage shows where each statement of the source is proved. A gap is an
// error.
func listCoverage(out io.Writer, asJSON bool) error {
	cases, err := allCases()
	if err != nil {
		return err
	}
	var rows []row
	for _, p := range requirement.Places() {
		rows = append(rows, row{ID: p.Statement.String(), Title: p.Says, Notes: placeOf(p, cases)})
	}
	if asJSON {
		err = printRows(out, rows, true)
	} else {
		err = printCoverage(out, rows)
	}
	proved := func(id requirement.ID) bool {
		return slices.ContainsFunc(cases, func(c catalogue.Case) bool { return slices.Contains(c.Proves, id) })
	}
	return errors.Join(append([]error{err}, requirement.Gaps(proved)...)...)
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
