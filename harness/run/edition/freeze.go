package edition

import (
	"fmt"
	"io"
	"maps"
	"regexp"
	"slices"

	"gauntlet/harness/judge/requirement"
	"gauntlet/harness/run/catalogue"
)

// names is the form of an edition's name: a year and the number within it.
func names() *regexp.Regexp { return regexp.MustCompile(`^[0-9]{4}\.[1-9][0-9]*$`) }

// Freeze makes an edition of the cases as they are.
func Freeze(name string, cases []catalogue.Case) (Edition, error) {
	if !names().MatchString(name) {
		return Edition{}, fmt.Errorf("edition %q: a name is a year and a number, as 2026.1", name)
	}
	e := Edition{Name: name, Requirements: map[requirement.ID]requirement.Level{}, Levels: levels()}
	for _, q := range requirement.All() {
		e.Requirements[q.ID] = q.Level
	}
	for i := range e.Levels {
		e.Levels[i].Cases = map[string]string{}
		for _, c := range cases {
			if levelOf(c) != e.Levels[i].Name {
				continue
			}
			digest, err := CaseDigest(c)
			if err != nil {
				return Edition{}, err
			}
			e.Levels[i].Cases[c.ID] = digest
		}
	}
	e.Digest = e.digest()
	return e, nil
}

// Write writes an edition as Load reads it, in an order that makes two editions
// comparable line by line.
func (e Edition) Write(out io.Writer) error {
	lines := []string{
		"# A frozen edition of the catalogue, written by `gauntlet freeze`. Do not edit it:",
		"# the digest below is of all the rest. What changes goes into the next edition.",
		fmt.Sprintf("edition: %q", e.Name), fmt.Sprintf("digest: %q", e.Digest), "requirements:",
	}
	for _, id := range slices.Sorted(maps.Keys(e.Requirements)) {
		lines = append(lines, fmt.Sprintf("  %s: %s", id, e.Requirements[id]))
	}
	lines = append(lines, "levels:")
	for _, l := range e.Levels {
		lines = append(lines, "- name: "+l.Name, fmt.Sprintf("  asks: %q", l.Asks), "  cases:")
		for _, id := range slices.Sorted(maps.Keys(l.Cases)) {
			lines = append(lines, fmt.Sprintf("    %s: %q", id, l.Cases[id]))
		}
	}
	for _, line := range lines {
		if _, err := fmt.Fprintln(out, line); err != nil {
			return fmt.Errorf("writing edition %s: %w", e.Name, err)
		}
	}
	return nil
}
