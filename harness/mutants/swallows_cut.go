package mutants

import "gauntlet/harness/judge/requirement"

// swallowsCut takes what came for all that there is.
var swallowsCut = Mutant{
	Name:     "swallows-cut",
	Defect:   "takes a body that was cut for a whole one",
	Violates: "answer.delivered",
	Seen:     "libpurple 2 without a Content-Length; Miranda",
	Needs:    NeedsFault,
	Cases:    []string{"cut-body-*"},
	Also: []Collateral{
		{misread, []requirement.ID{"session-id.newest", "command.carried-out"}},
		{swallowed, []requirement.ID{"exchange.one-in-flight", "command.not-lost"}},
	},
	New: onAnswers(acceptCut),
}

func acceptCut(a *answer) {
	if !a.whole {
		a.cutTo(len(a.body))
	}
}
