package mutants

import (
	"strings"

	"gauntlet/harness/judge/requirement"
)

// wrongServer spells the server otherwise.
var wrongServer = Mutant{
	Name:     "wrong-server",
	Defect:   "opens a switchboard session with Server=sb",
	Violates: "open.begins",
	Also:     []Collateral{{thrownOut, []requirement.ID{"command.carried-out", "command.not-lost"}}},
	New:      onRequests(lowerServer),
}

func lowerServer(request []byte) []byte {
	return requery(request, func(q string) string { return strings.Replace(q, "Server=SB", "Server=sb", 1) })
}
