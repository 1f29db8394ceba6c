package mutants

import (
	"gauntlet/harness/judge/requirement"
	"gauntlet/harness/msn/client"
	"gauntlet/harness/msn/session"
	"gauntlet/harness/run/adapter"
)

// givesUp takes the end of a connection for the end of everything.
var givesUp = Mutant{
	Name:     "gives-up",
	Defect:   "ends the session at the first closed connection, and does not open another",
	Violates: "connection.session-survives",
	Seen:     "libpurple 2, Gaim, Kopete, gtmess-gw: a closed connection is the end of the account's session",
	Needs:    NeedsFault,
	Also:     []Collateral{{fallsSilent, []requirement.ID{"poll.keeps-going", "close.says-out", "connection.recovers", "command.carried-out", "command.not-lost", "answer.delivered"}}},
	New:      adapter.BuiltIn(client.Habits{Session: session.Habits{AfterLoss: session.GiveUpAtFirst}, Reopens: -1}),
}
