package matrix

import (
	"fmt"
	"hash/fnv"
	"slices"
	"time"

	"gauntlet/harness/mutants"
	"gauntlet/harness/run/catalogue"
)

// undisturbed is the case that clients are put through whatever is wrong with them.
const undisturbed = "control-direct"

// sample are cases of which they are put through some: each of them sees clients enough that
// are wrong in something else.
var sample = []string{
	"control-forward-8080", "cut-poll-answer-rst-forward", "cut-message-answer-rst-forward",
	"kicked-apart-direct", "forgotten-direct", "route-proxy-switched-off",
}

// long is a script that takes more time than it is worth here.
const long = 10 * time.Minute

// Quick is what suffices to catch a client: the cases that it names, or else one
// of each file that proves what it violates; and undisturbed, and a third of the sample.
// One that is to be blamed for nothing is put through the whole sample, and one case of
// every third file, so that each file sees some of them; a Whole plan has them all. One
// that is hostile or floods takes long, and sees what it names alone.
func Quick(m mutants.Mutant, cases []catalogue.Case) (Plan, error) {
	globs := m.Cases
	switch {
	case m.Correct:
		globs = slices.Concat(m.Cases, []string{undisturbed}, sample)
	case !m.Hostile && !m.Floods:
		globs = slices.Concat(m.Cases, []string{undisturbed}, part(m, sample))
	}
	chosen, err := catalogue.Select(cases, globs...)
	if err != nil {
		return Plan{}, fmt.Errorf("mutant %s: %w", m.Name, err)
	}
	if m.Correct || m.Cases == nil {
		chosen = append(chosen, oneOfEach(m, cases, chosen)...)
	}
	return Plan{m, chosen}, nil
}

// Whole is the whole catalogue, but for hostile ones.
func Whole(m mutants.Mutant, cases []catalogue.Case) (Plan, error) {
	if m.Hostile {
		return Quick(m, cases)
	}
	return Plan{m, cases}, nil
}

// oneOfEach takes the first case of each file that concerns the client and
// of which none is chosen yet: what is in a file is about one thing, and a client
// that falls over it falls over most of it.
func oneOfEach(m mutants.Mutant, cases, chosen []catalogue.Case) []catalogue.Case {
	var list []catalogue.Case
	for _, c := range cases {
		concerns := (m.Correct || slices.Contains(c.Proves, m.Violates)) && c.Workload.Length() < long
		sibling := func(other catalogue.Case) bool { return other.File == c.File }
		if concerns && !slices.ContainsFunc(chosen, sibling) && !slices.ContainsFunc(list, sibling) {
			list = append(list, c)
		}
	}
	if !m.Correct {
		return list
	}
	return part(m, list)
}

// share is which part of a list a client sees: a third.
const share = 3

// part is the client's own third of a list.
func part[T any](m mutants.Mutant, list []T) (own []T) {
	name := fnv.New32a()
	name.Write([]byte(m.Name))
	for i := int(name.Sum32() % share); i < len(list); i += share {
		own = append(own, list[i])
	}
	return own
}
