package mutants

import (
	"slices"
	"strings"

	"gauntlet/harness/judge/requirement"
	"gauntlet/harness/msn/msnhttp"
)

// caseSensitive knows the header in one spelling.
var caseSensitive = Mutant{
	Name:     "case-sensitive",
	Defect:   "does not see the session header in another spelling",
	Violates: "connection.session-survives",
	Seen:     "papyon, pymsn, msn-pecan, Kopete, SIM, MSNPSharp",
	Needs:    NeedsSetting,
	Cases:    []string{"header-name-*"},
	Also:     []Collateral{{thrownOut, []requirement.ID{"command.carried-out"}}},
	New:      onAnswers(exactName),
}

func exactName(a *answer) {
	exact := func(line string) bool { return strings.HasPrefix(line, msnhttp.HeaderName+":") }
	if !slices.ContainsFunc(a.lines, exact) {
		a.set(msnhttp.HeaderName, "")
	}
}
