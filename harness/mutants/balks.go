package mutants

import (
	"bytes"
)

// balks takes ClientPort 0 for nonsense, and stops.
var balks = Mutant{
	Name:     "balks",
	Defect:   "stops at a profile with ClientPort 0",
	Violates: "profile.accepted",
	New:      diesOf(portless),
}

func portless(a *answer) bool { return bytes.Contains(a.body, []byte("\r\nClientPort: 0\r\n")) }
