package edition

import (
	"cmp"
	"fmt"
	"io"
	"maps"
	"regexp"
	"slices"
	"time"

	"gauntlet/harness/judge/requirement"
	"gauntlet/harness/run/adapter"
	"gauntlet/harness/run/catalogue"
	"gauntlet/harness/run/protocol"
	"gauntlet/harness/run/rig"
)

// names is the form of an edition's name: a year and the number within it.
func names() *regexp.Regexp { return regexp.MustCompile(`^[0-9]{4}\.[1-9][0-9]*$`) }

// Freeze makes an edition of the cases as they are, for clients that speak that.
func Freeze(speaks protocol.Protocol, name string, cases []catalogue.Case) (Edition, error) {
	if !names().MatchString(name) {
		return Edition{}, fmt.Errorf("edition %q: a name is a year and a number, as 2026.1", name)
	}
	e := Edition{Name: name, Requirements: map[requirement.ID]requirement.Level{}, Levels: levels()}
	for _, q := range requirement.All() {
		e.Requirements[q.ID] = q.Level
	}
	for i := range e.Levels {
		var err error
		if e.Levels[i].Cases, err = e.Levels[i].freeze(speaks, cases); err != nil {
			return Edition{}, err
		}
	}
	e.Digest = e.digest()
	return e, nil
}

// freeze are the digests of the cases that belong to the level, as they are put
// to its kind of client.
func (l Level) freeze(speaks protocol.Protocol, cases []catalogue.Case) (map[string]string, error) {
	frozen := map[string]string{}
	for _, c := range cases {
		suited, _ := rig.Suited(c, rig.Options{Speaks: speaks, ClientKind: l.For})
		if l.Name != named(levelOf(c), l.For) || !canBeMet(speaks, c, suited, l.For) {
			continue
		}
		digest, err := caseDigest(suited)
		if err != nil {
			return nil, err
		}
		frozen[c.ID] = digest
	}
	return frozen, nil
}

// longestAlone is how long a script may be that a black box is put through. It
// has no virtual time, and what it can be asked for in an hour it can in minutes.
const longestAlone = 10 * time.Minute

// canBeMet reports whether a case can be asked on any machine, and of a program:
// a level that nobody can meet says nothing.
func canBeMet(speaks protocol.Protocol, c, suited catalogue.Case, kind adapter.Kind) bool {
	program := rig.Options{Speaks: speaks, Mode: rig.Netns, ClientKind: cmp.Or(kind, adapter.Driven), HearsOff: true}
	switch {
	case rig.Inexpressible(c, rig.Options{Mode: rig.Virtual}) != "", rig.Inexpressible(c, program) != "":
		return false
	}
	return kind == adapter.InProcess || suited.Workload.Length() <= longestAlone
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
		lines = append(lines, fmt.Sprintf("- name: %q", l.Name))
		if l.For != "" {
			lines = append(lines, "  for: "+string(l.For))
		}
		lines = append(lines, fmt.Sprintf("  asks: %q", l.Asks), "  cases:")
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
