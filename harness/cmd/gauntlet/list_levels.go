package main

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"gauntlet/harness/run/catalogue"
	"gauntlet/harness/run/edition"
)

// listLevels names the levels of the newest edition; with their names, the
// cases that they consist of.
func listLevels(names []string) ([]row, error) {
	e, err := newestEdition()
	if err != nil {
		return nil, err
	}
	if len(names) > 0 {
		ids, err := casesOfLevels(e, names)
		return titled(ids), err
	}
	var rows []row
	for _, l := range e.Levels {
		rows = append(rows, row{ID: l.Name, Title: l.Asks, Notes: []string{"edition " + e.Name, fmt.Sprintf("%d cases", len(l.Cases))}})
	}
	return rows, nil
}

// casesOfLevels are the ids of the cases of the levels with those names, in
// whatever case they are written.
func casesOfLevels(e edition.Edition, names []string) ([]string, error) {
	var ids []string
	for _, name := range names {
		i := slices.IndexFunc(e.Levels, func(l edition.Level) bool { return strings.EqualFold(name, l.Name) })
		if i < 0 {
			return nil, fmt.Errorf("no level %q in edition %s; gauntlet list --levels names them", name, e.Name)
		}
		ids = append(ids, slices.Sorted(maps.Keys(e.Levels[i].Cases))...)
	}
	return ids, nil
}

// titled are frozen cases with their titles of today.
func titled(ids []string) []row {
	today, err := allCases()
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
