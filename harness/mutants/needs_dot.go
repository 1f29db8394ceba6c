package mutants

import (
	"strings"
)

// needsDot looks for the dot and uses what it did not find.
var needsDot = Mutant{
	Name:     "needs-dot",
	Defect:   "dies of a SessionID without a dot",
	Violates: "command.carried-out",
	Seen:     "msn-pecan, Gaim 0.8x: crash on an id without a dot",
	Needs:    NeedsSetting,
	Cases:    []string{"id-nodot-last"},
	New:      diesOf(dotless),
}

func dotless(a *answer) bool {
	h, ok := a.session()
	return ok && !strings.Contains(h.SessionID, ".")
}
