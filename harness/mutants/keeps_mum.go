package mutants

import (
	"gauntlet/harness/judge/history"
	"gauntlet/harness/msn/client"
	"gauntlet/harness/run/adapter"
)

// keepsMum opens another session and lets its user believe that nothing happened.
var keepsMum = Mutant{
	Name:     "keeps-mum",
	Defect:   "does not tell its user that the session was lost",
	Violates: "close.reopens-once",
	Needs:    NeedsSetting,
	Cases:    []string{"forgotten-direct"},
	New:      newKeepsMum,
}

func newKeepsMum(s adapter.Setup) (adapter.Client, error) {
	report := s.Report
	s.Report = func(e history.Event) {
		if e.Kind != history.Reopened {
			report(e)
		}
	}
	return adapter.BuiltIn(client.Habits{})(s)
}
