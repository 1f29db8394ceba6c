// Package mutants holds clients with one known defect each. They prove that
// the judge can say no: each names the requirement that it must be caught by.
// Beside them stand clients that are odd and correct, which prove that it does
// not say no too easily.
//
// Most are the reference client, either with another habit (harness/msn/session)
// or with somebody between it and its network who changes what is dialled,
// sent or read. They are grouped by what they get wrong; the lists are in
// registry.go.
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
	Floods   bool           // asks on and on without a pause, which takes long
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

// Expected reports whether a failure of that requirement is no surprise.
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

// Reason says why a client breaks musts beside the one that its defect is
// about. There are ten at most: where a defect would need another, its cases
// are too coarse.
type Reason string

// The reasons.
const (
	fallsSilent Reason = "it sends nothing more, or nothing for long, and what its user asked for waits with it"
	thrownOut   Reason = "the gateway does not serve what it sends, and ends its session or opens none"
	sentAgain   Reason = "what was processed is processed again, later and as something else"
	crossed     Reason = "answers cross, so that it knows neither the newest id nor the end of its session"
	misread     Reason = "it reads the server's bytes from the wrong place, and its user sees them twice or not at all"
	abandons    Reason = "the sessions that it leaves behind get no farewell, and what waited in them is gone"
	elsewhere   Reason = "it gets on where its settings lead nowhere, by going another way"
	uncurbed    Reason = "what it asks on the side comes to nothing, and it asks on without a pause"
	neverOver   Reason = "it does not end, and what it holds stays with it"
	swallowed   Reason = "what it took for an answer is none, so that it neither repeats nor backs off"
)
