package mutants

import (
	"strings"

	"gauntlet/harness/judge/requirement"
)

// cutsAtDot takes the id for the number that does not change.
var cutsAtDot = Mutant{
	Name:     "cuts-at-dot",
	Defect:   "keeps of a SessionID what stands before its dot",
	Violates: "session-id.newest",
	Seen:     "Escargot's web client and a Kotlin client: use the constant part",
	Also:     []Collateral{{thrownOut, []requirement.ID{"connection.session-survives", "command.carried-out"}}},
	New:      onIDs(beforeDot),
}

func beforeDot(id string) string {
	before, _, _ := strings.Cut(id, ".")
	return before
}
