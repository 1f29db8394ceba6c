package mutants

import "gauntlet/harness/judge/requirement"

// diesOfVia expects the header fields that it has seen on a straight way.
var diesOfVia = Mutant{
	Name:     "dies-of-via",
	Defect:   "dies of an answer with a field of a proxy's",
	Violates: "command.carried-out",
	Needs:    NeedsSetting,
	Cases:    []string{"effect-head-marked", "signed-*"},
	Also:     []Collateral{{fallsSilent, []requirement.ID{"connection.session-survives", "connection.recovers"}}},
	New:      diesOf(func(a *answer) bool { return a.field("Via") != "" || a.field("X-Cache") != "" }),
}
