// Package mutants holds clients with one known defect each. They prove that
// the judge can say no: each names the requirement that it must be caught by.
// Beside them stand clients that are odd and correct, which prove that it does
// not say no too easily.
//
// Most are the reference client, either with another habit (harness/msn/session)
// or with somebody between it and its network who changes what is dialled,
// sent or read. One file a client; the lists are in registry.go.
package mutants

import (
	"cmp"
	"slices"

	"gauntlet/harness/judge/requirement"
	"gauntlet/harness/run/adapter"
)

// Mutant is a client that is wrong, or odd, in one known way.
type Mutant struct {
	Name     string
	Defect   string         // what it does, in one sentence
	Correct  bool           // it is odd and breaks no must
	Violates requirement.ID // what its cases have to catch it by; of an odd one, the lesser thing that it does not do, if any
	Seen     string         // the real client that had it, where one did
	Needs    Need           // what has to be there for it to show
	Cases    []string       // globs of cases that show it, beside those that prove what it violates
	Also     []Collateral   // musts that fall with it
	Hostile  bool           // does not end, or takes its process down: for worker processes only
	New      adapter.Factory
}

// Need is what has to be there for a defect to show.
type Need string

// The needs.
const (
	NeedsNothing Need = ""
	NeedsFault   Need = "a fault"
	NeedsSetting Need = "a setting" // of the gateway, of a box, or of the client's own
)

// Collateral are musts that a client breaks beside the one that it is to be
// caught by.
type Collateral struct {
	Because Reason
	Breaks  []requirement.ID
}

// Expected tells whether a failure of that requirement is no surprise.
func (m Mutant) Expected(id requirement.ID) bool {
	return id == m.Violates || slices.ContainsFunc(m.Also, func(c Collateral) bool { return slices.Contains(c.Breaks, id) })
}

// All lists the clients that are wrong, by name.
func All() []Mutant { return sorted(wrong()) }

// Odd lists the clients that are odd and correct, by name.
func Odd() []Mutant { return sorted(odd()) }

func sorted(list []Mutant) []Mutant {
	slices.SortFunc(list, func(a, b Mutant) int { return cmp.Compare(a.Name, b.Name) })
	return list
}

// Named finds a client, wrong or odd.
func Named(name string) (Mutant, bool) {
	list := append(All(), Odd()...)
	i := slices.IndexFunc(list, func(m Mutant) bool { return m.Name == name })
	if i < 0 {
		return Mutant{}, false
	}
	return list[i], true
}

// Names lists the names of all, the wrong ones first.
func Names() []string {
	var names []string
	for _, m := range append(All(), Odd()...) {
		names = append(names, m.Name)
	}
	return names
}
