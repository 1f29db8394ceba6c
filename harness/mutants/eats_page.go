package mutants

import (
	"gauntlet/harness/judge/requirement"
	"gauntlet/harness/msn/msnhttp"
)

// eatsPage takes every answer with 200 for the gateway's, and a page for MSNP.
var eatsPage = Mutant{
	Name:     "eats-page",
	Defect:   "parses a captive portal's page as MSNP",
	Violates: "answer.delivered",
	Seen:     "libpurple 2, papyon, emesene 2, aMSN",
	Needs:    NeedsFault,
	Cases:    []string{"effect-portal-poll-*", "effect-portal-message-*"},
	Also:     []Collateral{{misread, []requirement.ID{"command.carried-out", "command.not-lost"}}},
	New:      onAnswers(adopt),
}

func adopt(a *answer) {
	asked := query(a.asked)
	if _, ok := a.session(); !ok && a.status() == 200 && asked.SessionID != "" {
		a.setSession(msnhttp.SessionHeader{SessionID: asked.SessionID})
	}
}
