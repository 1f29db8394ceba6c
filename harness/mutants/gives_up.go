package mutants

import (
	"gauntlet/harness/adapter"
	"gauntlet/harness/client"
	"gauntlet/harness/requirement"
	"gauntlet/harness/session"
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
