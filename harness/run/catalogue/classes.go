package catalogue

import (
	"fmt"
	"slices"
	"time"
)

// classesOf picks, in the order of the catalogue, the cases that prove something
// which none before them does: a requirement after an effect at a landmark.
// Cases whose script is longer than longest are left out. It is what a run in
// real time can afford.
func classesOf(cases []Case, longest time.Duration) []Case {
	seen := map[string]bool{}
	var picked []Case
	for _, c := range cases {
		if c.Workload.Length() > longest {
			continue
		}
		adds := false
		for _, class := range c.classes() {
			adds = adds || !seen[class]
			seen[class] = true
		}
		if adds {
			picked = append(picked, c)
		}
	}
	return picked
}

// Affordable are the classes of what is possible. A class that nothing possible is of
// is named by a case that is not, so that somebody is told why.
func Affordable(cases []Case, possible func(Case) bool, longest time.Duration) []Case {
	var first, rest []Case
	for _, c := range cases {
		if possible(c) {
			first = append(first, c)
		} else {
			rest = append(rest, c)
		}
	}
	picked := map[string]bool{}
	for _, c := range classesOf(append(first, rest...), longest) {
		picked[c.ID] = true
	}
	return slices.DeleteFunc(slices.Clone(cases), func(c Case) bool { return !picked[c.ID] })
}

// classes are the pairs of a requirement with a disturbance that a case looks
// at.
func (c Case) classes() []string {
	disturbances := []string{"undisturbed"}
	if len(c.Faults) > 0 {
		disturbances = nil
	}
	for _, f := range c.Faults {
		disturbances = append(disturbances, fmt.Sprint(f.Effect.Name, " at ", f.Landmark.At))
	}
	var classes []string
	for _, id := range c.Proves {
		for _, d := range disturbances {
			classes = append(classes, fmt.Sprint(id, " after ", d))
		}
	}
	return classes
}
