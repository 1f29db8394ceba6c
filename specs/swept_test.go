package specs

import (
	"errors"
	"fmt"
	"os"
	"regexp"
	"slices"
	"strings"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"gauntlet/harness/judge/requirement"
	"gauntlet/harness/mutants"
)

// swept is what a sweep has found of a client: one cause, as it tells of it.
type swept struct {
	Cause requirement.ID
	Point string // as small as it goes
}

// causes are those that a sweep tells of, those with the most points first.
func causes(stdout string) (list []swept) {
	for _, found := range regexp.MustCompile(`(?m)^\d+ points?: (?:since .*: )?([a-z.-]+)(?:, at .*)?\n  (.* \| .*)$`).FindAllStringSubmatch(stdout, -1) {
		list = append(list, swept{requirement.ID(found[1]), found[2]})
	}
	return list
}

// everywhere is the same for all of them: no word of where a defect is to be looked for.
var everywhere = []string{
	"sweep", "--until-it-fails", "--for", "5m", "--out", "out", "--boxes", "direct", "--boxes", "forward port 8080",
	"--dialect", "documented,strict,documented with gw-ip name,documented with gw-ip moving",
}

// A mutant that needs a fault keeps every must on a way where nothing happens.
var _ = Describe("gauntlet sweep of a client with a known defect", func() {
	table := os.Getenv("GAUNTLET_SWEPT") // a file for the table of all; without one none is swept here: see sweep_test.go
	finds := func(m mutants.Mutant) {
		args := append(slices.Clone(everywhere), "--client", "mutant:"+m.Name)
		if q, _ := requirement.ByID(m.Violates); q.Level != requirement.Must {
			args = append(args, "--strict")
		}
		call := gauntlet(args...)
		Expect(call.code).To(BeElementOf(0, 1), call.stderr)
		found := causes(call.stdout)
		named := func(right func(requirement.ID) bool) int {
			return slices.IndexFunc(found, func(s swept) bool { return right(s.Cause) })
		}
		i, how := named(func(id requirement.ID) bool { return id == m.Violates }), "its defect"
		if i < 0 {
			i, how = named(m.Expected), "falls with it"
		}
		row := m.Name + ": not found\n"
		if i >= 0 {
			row = fmt.Sprintf("%s: %s (%s), after %s\n  %s\n", m.Name, found[i].Cause, how, regexp.MustCompile(`\d+ points in \d+ s`).FindString(call.stdout), found[i].Point)
		}
		for _, s := range found {
			if !m.Expected(s.Cause) {
				row += fmt.Sprintf("  besides: %s\n  %s\n", s.Cause, s.Point)
			}
		}
		f, err := os.OpenFile(table, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
		Expect(err).NotTo(HaveOccurred())
		_, err = f.WriteString(row)
		Expect(errors.Join(err, f.Close())).To(Succeed())
		Expect(i).To(BeNumerically(">=", 0), row+call.stdout)
		Expect(strings.Count(found[i].Point, "hop ")).To(BeNumerically("<=", 2), row)
		Expect(row).NotTo(ContainSubstring("besides"))
	}

	for _, m := range mutants.All() {
		if m.Needs == mutants.NeedsFault && table != "" {
			It("finds it untold, and names its cause by two faults at most: "+m.Name, func() { finds(m) })
		}
	}
})
