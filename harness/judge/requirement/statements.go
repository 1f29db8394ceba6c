package requirement

import (
	"fmt"
	"slices"
)

// Place is where a statement of the source is proved, or why it is not.
type Place struct {
	Statement Statement
	Says      string // the statement, in our words
	Spec      string // the file of the specs that prove it of the gateway or of a box; their label is the statement's name
	Reason    string // why nothing proves it: it is background
}

// Source is the document whose statements are numbered.
const Source = "MSN Messenger Protocol: HTTP Connections, version 2.1 (hypothetic.org)"

// last is the number of the last statement.
const last Statement = 61

// Requirements are what the statement asks of a client.
func (s Statement) Requirements() []Requirement {
	return slices.DeleteFunc(All(), func(r Requirement) bool { return !slices.Contains(r.Statements, s) })
}

// Places tells of every statement where it is proved, in order.
func Places() []Place { return slices.Clone(places) }

// Background are the statements that say nothing of what a client, a gateway
// or a proxy does; only they may carry a reason.
var background = []Statement{1, 2, 3, 4, 8, 18, 22, 23, 24, 47, 56, 60, 61}

// Gaps says what is wrong with the places of the statements, given the
// requirements that cases prove: a statement without a place, a reason where
// there must be a proof, a must that no case proves. It is told the tables, Places
// and All, so that one can try what it says of others.
func Gaps(places []Place, table []Requirement, proved func(ID) bool) []error {
	var errs []error
	for s := Statement(1); s <= last; s++ {
		errs = append(errs, gap(s, places, table)...)
	}
	for _, r := range table {
		if r.Level == Must && !proved(r.ID) {
			errs = append(errs, fmt.Errorf("%s: no case proves it", r.ID))
		}
		for _, s := range r.Statements {
			if s < 1 || s > last {
				errs = append(errs, fmt.Errorf("%s: there is no statement %s", r.ID, s))
			}
		}
	}
	return errs
}

func gap(s Statement, places []Place, table []Requirement) []error {
	i := slices.IndexFunc(places, func(p Place) bool { return p.Statement == s })
	if i < 0 {
		return []error{fmt.Errorf("%s has no place", s)}
	}
	p := places[i]
	required := slices.ContainsFunc(table, func(r Requirement) bool { return slices.Contains(r.Statements, s) })
	switch {
	case p.Reason != "" && !slices.Contains(background, s):
		return []error{fmt.Errorf("%s is not background and needs a proof, not a reason", s)}
	case p.Reason == "" && p.Spec == "" && !required:
		return []error{fmt.Errorf("%s is proved nowhere", s)}
	}
	return nil
}
