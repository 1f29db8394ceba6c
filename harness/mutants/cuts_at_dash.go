package mutants

import (
	"strings"

	"gauntlet/harness/judge/requirement"
)

// cutsAtDash takes an id for a word.
var cutsAtDash = Mutant{
	Name:     "cuts-at-dash",
	Defect:   "reads a SessionID up to its first dash",
	Violates: "session-id.newest",
	Seen:     "a Kotlin client: matches \\w+",
	Needs:    NeedsSetting,
	Cases:    []string{"id-uuid-last", "id-unreserved-last"},
	Also:     []Collateral{{thrownOut, []requirement.ID{"connection.session-survives", "command.carried-out"}}},
	New:      onIDs(beforeDash),
}

func beforeDash(id string) string {
	before, _, _ := strings.Cut(id, "-")
	return before
}
