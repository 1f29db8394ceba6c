package mutants

import (
	"gauntlet/harness/judge/requirement"
	"gauntlet/harness/msn/client"
	"gauntlet/harness/msn/session"
	"gauntlet/harness/run/adapter"
)

// rushesID believes the head of an answer that was cut, and repeats the command
// under the id that it had shown: for the gateway that is another request.
var rushesID = Mutant{
	Name:     "rushes-id",
	Defect:   "repeats a command under the new id that a cut answer had shown",
	Violates: "session-id.newest",
	Seen:     "MSNPSharp: takes the id from the head, and resends when the body was not read to its end",
	Needs:    NeedsFault,
	Cases:    []string{"cut-body-*"},
	Also:     []Collateral{{sentAgain, []requirement.ID{"command.carried-out", "command.not-doubled", "answer.delivered"}}},
	New:      adapter.BuiltIn(client.Habits{Session: session.Habits{AfterLoss: session.SendUnderNew}}),
}
