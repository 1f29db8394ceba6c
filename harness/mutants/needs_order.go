package mutants

import (
	"strings"

	"gauntlet/harness/judge/requirement"
	"gauntlet/harness/msn/msnhttp"
)

// needsOrder cuts the header at fixed words, and keeps what it had if they are
// not there.
var needsOrder = Mutant{
	Name:     "needs-order",
	Defect:   "keeps its old SessionID when the header is laid out otherwise",
	Violates: "session-id.newest",
	Seen:     "emesene 1: cuts at \"; GW-IP=\"; Kopete, libpurple and Miranda need the order too",
	Needs:    NeedsSetting,
	Cases:    []string{"header-varied", "header-reordered"},
	Also: []Collateral{
		{misread, []requirement.ID{"gateway-ip.followed", "close.reopens-once", "command.carried-out", "command.not-lost", "answer.delivered"}},
		{fallsSilent, []requirement.ID{"poll.keeps-going"}},
	},
	New: onAnswers(standardOnly),
}

func standardOnly(a *answer) {
	value := a.field(msnhttp.HeaderName)
	asked := query(a.asked)
	if asked.SessionID == "" || strings.HasPrefix(value, "SessionID=") && strings.Contains(value, "; GW-IP=") {
		return
	}
	a.setSession(msnhttp.SessionHeader{SessionID: asked.SessionID})
}
