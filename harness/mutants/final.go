package mutants

import (
	"gauntlet/harness/judge/requirement"
	"gauntlet/harness/msn/msnhttp"
	"gauntlet/harness/run/adapter"
)

// takesContinue sends its next request behind a 100 Continue, before the
// answer has come.
var takesContinue = Mutant{
	Name:     "takes-continue",
	Defect:   "takes 100 Continue for the answer",
	Violates: "exchange.final-answer",
	Seen:     "libpurple 2, Gaim, msn-pecan, Kopete",
	Needs:    NeedsFault,
	Cases:    []string{"effect-head-continue"},
	Also:     []Collateral{{crossed, []requirement.ID{"exchange.one-in-flight", "session-id.newest", "answer.delivered", "close.reopens-once", "command.carried-out"}}},
	New:      tampered(func(adapter.Setup) tamper { return tamper{answer: contented, reads: true} }),
}

func contented(a *answer) {
	asked := query(a.asked)
	if a.status() == 100 && asked.SessionID != "" {
		a.head.SetStart("HTTP/1.1 200 OK")
		a.setSession(msnhttp.SessionHeader{SessionID: asked.SessionID})
		a.whole = true
		a.cutTo(0)
	}
}

// takesHints goes by what an interim answer says of the session.
var takesHints = Mutant{
	Name:     "takes-hints",
	Defect:   "takes fields of an interim answer for the answer's",
	Violates: "exchange.final-answer",
	Seen:     "dusty 159: took 103 for the answer",
	Needs:    NeedsFault,
	Cases:    []string{"interim-another-id-*"},
	Also: []Collateral{
		{thrownOut, []requirement.ID{"session-id.newest", "connection.session-survives"}},
		{abandons, []requirement.ID{"close.says-out"}},
	},
	New: tampered(hintTaken),
}

func hintTaken(adapter.Setup) tamper {
	hint := ""
	return tamper{answer: func(a *answer) {
		if h, ok := a.session(); ok && a.status()/100 == 1 {
			hint = h.SessionID
		} else if ok && hint != "" {
			h.SessionID, hint = hint, ""
			a.setSession(h)
		}
	}}
}

// readsOn takes what stands behind an answer for the answer to its next request.
var readsOn = Mutant{
	Name:     "reads-on",
	Defect:   "takes a second answer on its connection for that to its next request",
	Violates: "exchange.final-answer",
	Needs:    NeedsFault,
	Cases:    []string{"behind-the-end-*-answer", "each-answer-twice-*"},
	Also:     []Collateral{{crossed, []requirement.ID{"exchange.one-in-flight", "session-id.newest", "close.reopens-once", "command.carried-out", "answer.delivered"}}},
	New:      tampered(func(adapter.Setup) tamper { return tamper{answer: func(*answer) {}, reads: true} }),
}
