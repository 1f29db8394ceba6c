package catalogue

import (
	"fmt"
	"slices"
	"strings"

	"gauntlet/harness/requirement"
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
	if !isSentence(c.Why) {
		errs = append(errs, c.errorf("%s: why is not a sentence: %q", c.ID, c.Why))
	}
	if c.Title == "" {
		errs = append(errs, c.errorf("%s: no title", c.ID))
	}
	if len(c.Proves) == 0 {
		errs = append(errs, c.errorf("%s: proves nothing", c.ID))
	}
	for _, id := range c.Proves {
		if _, ok := requirement.ByID(id); !ok {
			errs = append(errs, c.errorf("%s: unknown requirement %q", c.ID, id))
		}
	}
	if len(c.Workload) == 0 {
		errs = append(errs, c.errorf("%s: the user does nothing", c.ID))
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
