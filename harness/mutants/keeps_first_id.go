package mutants

import "gauntlet/harness/judge/requirement"

// keepsFirstID reads the SessionID in the answer to its open and in no other.
var keepsFirstID = Mutant{
	Name:     "keeps-first-id",
	Defect:   "goes on with the first SessionID for ever",
	Violates: "session-id.newest",
	Seen:     "Escargot's web client: never looks at the header again",
	Also: []Collateral{
		{misread, []requirement.ID{"close.says-out", "close.reopens-once", "connection.session-survives", "command.carried-out", "answer.delivered"}},
		{fallsSilent, []requirement.ID{"poll.keeps-going"}},
	},
	New: onAnswers(forgetID),
}

// forgetID has the answer say what the request had said.
func forgetID(a *answer) {
	asked := query(a.asked)
	if h, ok := a.session(); ok && asked.SessionID != "" {
		h.SessionID = asked.SessionID
		a.setSession(h)
	}
}
