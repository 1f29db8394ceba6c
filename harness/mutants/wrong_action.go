package mutants

import (
	"strings"

	"gauntlet/harness/judge/requirement"
)

// wrongAction gives a name to what has none.
var wrongAction = Mutant{
	Name:     "wrong-action",
	Defect:   "sends commands with Action=command",
	Violates: "exchange.form",
	Also:     []Collateral{{thrownOut, []requirement.ID{"close.reopens-once", "command.carried-out"}}},
	New:      onRequests(nameAction),
}

func nameAction(request []byte) []byte {
	return requery(request, func(q string) string {
		if strings.Contains(q, "Action=") {
			return q
		}
		return "Action=command&" + q
	})
}
