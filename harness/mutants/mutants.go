// Package mutants holds clients with one known defect each. They prove that
// the judge can say no: each names the requirement that it must be caught by.
// One file a mutant; the list is in this one.
package mutants

import (
	"slices"

	"gauntlet/harness/adapter"
	"gauntlet/harness/requirement"
)

// Mutant is a client that is wrong in one known way.
type Mutant struct {
	Name     string
	Defect   string         // what it does, in one sentence
	Violates requirement.ID // what its cases have to catch it by
	Hostile  bool           // does not end, or takes its process down: for worker processes only
	New      adapter.Factory
}

// All lists the mutants by name.
func All() []Mutant {
	list := []Mutant{
		reopens, overlaps, loses, doubles, absent,
		storms, hangs, clings, spins, panics, leaks,
	}
	slices.SortFunc(list, func(a, b Mutant) int {
		if a.Name < b.Name {
			return -1
		}
		return 1
	})
	return list
}

// Named finds a mutant.
func Named(name string) (Mutant, bool) {
	i := slices.IndexFunc(All(), func(m Mutant) bool { return m.Name == name })
	if i < 0 {
		return Mutant{}, false
	}
	return All()[i], true
}

// Names lists the names in order.
func Names() []string {
	var names []string
	for _, m := range All() {
		names = append(names, m.Name)
	}
	return names
}
