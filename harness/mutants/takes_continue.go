package mutants

import (
	"gauntlet/harness/judge/requirement"
	"gauntlet/harness/msn/msnhttp"
)

// takesContinue sends its next request behind a 100 Continue, before the
// answer has come.
var takesContinue = Mutant{
	Name:     "takes-continue",
	Defect:   "takes 100 Continue for the answer",
	Violates: "exchange.one-in-flight",
	Seen:     "libpurple 2, Gaim, msn-pecan, Kopete",
	Needs:    NeedsFault,
	Cases:    []string{"effect-head-continue"},
	Also:     []Collateral{{crossed, []requirement.ID{"session-id.newest", "close.reopens-once", "command.carried-out"}}},
	New:      onAnswers(contented),
}

func contented(a *answer) {
	asked := query(a.asked)
	if a.status() == 100 && asked.SessionID != "" {
		a.lines[0] = "HTTP/1.1 200 OK"
		a.setSession(msnhttp.SessionHeader{SessionID: asked.SessionID})
		a.whole = true
		a.cutTo(0)
	}
}
