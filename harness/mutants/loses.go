package mutants

import (
	"gauntlet/harness/judge/history"
	"gauntlet/harness/judge/requirement"
	"gauntlet/harness/msn/client"
	"gauntlet/harness/msn/session"
	"gauntlet/harness/run/adapter"
)

// loses forgets the request whose answer did not come, and says nothing of it.
var loses = Mutant{
	Name:     "loses",
	Defect:   "drops the command whose answer was lost, and does not tell its user",
	Violates: "command.not-lost",
	Seen:     "emesene 2: tries once more, then the command is lost",
	Needs:    NeedsFault,
	Cases:    []string{"cut-message-forward-*"},
	Also:     []Collateral{{fallsSilent, []requirement.ID{"close.says-out", "command.carried-out"}}},
	New:      newLoses,
}

func newLoses(s adapter.Setup) (adapter.Client, error) {
	report := s.Report
	s.Report = func(e history.Event) {
		if e.Kind != history.Uncertain {
			report(e)
		}
	}
	return adapter.BuiltIn(client.Habits{Session: session.Habits{AfterLoss: session.DropIt}})(s)
}
