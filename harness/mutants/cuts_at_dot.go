package mutants

import (
	"strings"
)

// cutsAtDot takes the id for the number that does not change.
var cutsAtDot = Mutant{
	Name:     "cuts-at-dot",
	Defect:   "keeps of a SessionID what stands before its dot",
	Violates: "session-id.newest",
	Seen:     "Escargot's web client and a Kotlin client: use the constant part",
	New:      onIDs(beforeDot),
}

func beforeDot(id string) string {
	before, _, _ := strings.Cut(id, ".")
	return before
}
