package mutants

import (
	"fmt"

	"gauntlet/harness/judge/requirement"
)

// miscounts announces less than it sends.
var miscounts = Mutant{
	Name:     "miscounts",
	Defect:   "sends a Content-Length that is too small",
	Violates: "exchange.form",
	Also:     []Collateral{{thrownOut, []requirement.ID{"command.carried-out"}}},
	New:      onRequests(miscount),
}

func miscount(request []byte) []byte {
	_, body := split(request)
	return setField(request, "Content-Length", fmt.Sprint(len(body)/2))
}
