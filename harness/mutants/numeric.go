package mutants

import (
	"strings"

	"gauntlet/harness/judge/requirement"
)

// numeric reads ids as a number, a dot and a number.
var numeric = Mutant{
	Name:     "numeric",
	Defect:   "reads a SessionID as digits, a dot and digits",
	Violates: "session-id.newest",
	Seen:     "Gaim 0.8x, msn-pecan, gtmess-gw: expect two numbers with a dot between",
	Needs:    NeedsSetting,
	Cases:    []string{"id-uuid-last", "id-hex-last", "id-unreserved-last"},
	Also:     []Collateral{{thrownOut, []requirement.ID{"connection.session-survives", "command.carried-out"}}},
	New:      onIDs(firstNumber),
}

func firstNumber(id string) string {
	return id[:len(id)-len(strings.TrimLeft(id, "0123456789."))]
}
