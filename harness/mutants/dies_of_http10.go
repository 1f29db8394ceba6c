package mutants

import "gauntlet/harness/judge/requirement"

// diesOfHTTP10 knows one version.
var diesOfHTTP10 = Mutant{
	Name:     "dies-of-http10",
	Defect:   "dies of an answer of HTTP/1.0",
	Violates: "command.carried-out",
	Seen:     "msn-pecan until 2008",
	Needs:    NeedsFault,
	Cases:    []string{"effect-head-http10"},
	Also:     []Collateral{{fallsSilent, []requirement.ID{"connection.session-survives", "connection.recovers"}}},
	New:      diesOf(func(a *answer) bool { return a.version() == "HTTP/1.0" }),
}
