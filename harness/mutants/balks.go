package mutants

import (
	"bytes"

	"gauntlet/harness/judge/requirement"
)

// balks takes ClientPort 0 for nonsense, and stops.
var balks = Mutant{
	Name:     "balks",
	Defect:   "stops at a profile with ClientPort 0",
	Violates: "profile.accepted",
	Also:     []Collateral{{fallsSilent, []requirement.ID{"poll.keeps-going", "command.carried-out"}}},
	New:      diesOf(portless),
}

func portless(a *answer) bool { return bytes.Contains(a.body, []byte("\r\nClientPort: 0\r\n")) }
