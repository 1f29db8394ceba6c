package matrix

import (
	"fmt"
	"hash/fnv"
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
// blamed for nothing is put through one case of every third file, so that each file
// sees some of them; a Whole plan has them all. A hostile one takes long, and sees
// what it names alone.
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
	if !m.Correct {
		return list
	}
	own := fnv.New32a()
	own.Write([]byte(m.Name))
	var part []catalogue.Case
	for i := int(own.Sum32() % share); i < len(list); i += share {
		part = append(part, list[i])
	}
	return part
}

// share is the part of the files of which a client sees one that is to be blamed for
// nothing: a third.
const share = 3
