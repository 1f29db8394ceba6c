package mutants

import (
	"strings"

	"gauntlet/harness/judge/requirement"
)

// diesOfChunks looks for a Content-Length and for nothing else.
var diesOfChunks = Mutant{
	Name:     "dies-of-chunks",
	Defect:   "dies of an answer in chunks",
	Violates: "command.carried-out",
	Seen:     "msn-pecan, aMSN",
	Needs:    NeedsFault,
	Cases:    []string{"effect-head-chunked"},
	Also:     []Collateral{{fallsSilent, []requirement.ID{"connection.recovers"}}},
	New: diesOf(func(a *answer) bool {
		return strings.EqualFold(a.field("Transfer-Encoding"), "chunked")
	}),
}
