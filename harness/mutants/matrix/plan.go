package matrix

import (
	"fmt"
	"slices"
	"time"

	"gauntlet/harness/mutants"
	"gauntlet/harness/run/catalogue"
)

// sample are cases that every client is put through.
var sample = []string{
	"control-direct", "control-forward-8080", "cut-poll-answer-rst-forward", "cut-message-answer-rst-forward",
	"kicked-apart-direct", "forgotten-direct", "route-proxy-switched-off",
}

// long is a script that takes more time than it is worth here.
const long = 10 * time.Minute

// Quick is what suffices to catch a client: the cases that it names, or else one
// of each file that proves what it violates, and the sample. One that is to be
// blamed for nothing is put through one case of each file. A hostile one
// takes long, and sees what it names alone.
func Quick(m mutants.Mutant, cases []catalogue.Case) (Plan, error) {
	globs := m.Cases
	if !m.Hostile {
		globs = slices.Concat(m.Cases, sample)
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
	return list
}
