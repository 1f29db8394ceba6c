package catalogue

import (
	"fmt"
	"slices"
	"strings"

	"gauntlet/harness/judge/requirement"
)

// Lint checks the catalogue as a whole: each case by itself as far as Load
// cannot, ids that are given twice, and must-requirements that no case proves.
func Lint(cases []Case) []error {
	var errs []error
	taken := map[string]Case{}
	for _, c := range cases {
		if first, ok := taken[c.ID]; ok {
			errs = append(errs, c.errorf("id %q is given already at %s:%d", c.ID, first.File, first.Line))
		}
		taken[c.ID] = c
		errs = append(errs, c.lint()...)
	}
	return append(errs, unproved(cases)...)
}

func (c Case) lint() []error {
	var errs []error
	want := func(ok bool, format string, args ...any) {
		if !ok {
			errs = append(errs, c.errorf(c.ID+": "+format, args...))
		}
	}
	want(isSentence(c.Why), "why is not a sentence: %q", c.Why)
	want(c.Title != "", "no title")
	want(len(c.Proves) > 0, "proves nothing")
	want(len(c.Workload) > 0, "the user does nothing")
	for _, id := range c.Proves {
		_, ok := requirement.ByID(id)
		want(ok, "unknown requirement %q", id)
	}
	return errs
}

func (c Case) errorf(format string, args ...any) error {
	return fmt.Errorf("%s:%d: "+format, append([]any{c.File, c.Line}, args...)...)
}

// isSentence wants five words and an end; fewer say nothing.
func isSentence(text string) bool {
	text = strings.TrimSpace(text)
	return strings.HasSuffix(text, ".") && len(strings.Fields(text)) >= 5
}

func unproved(cases []Case) []error {
	var errs []error
	for _, r := range requirement.All() {
		proved := slices.ContainsFunc(cases, func(c Case) bool { return slices.Contains(c.Proves, r.ID) })
		if r.Level == requirement.Must && !proved {
			errs = append(errs, fmt.Errorf("no case proves %s, which is a must", r.ID))
		}
	}
	return errs
}
