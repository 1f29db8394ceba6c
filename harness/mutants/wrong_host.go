package mutants

import (
	"gauntlet/harness/msn/client"
	"gauntlet/harness/run/adapter"
)

// wrongHost opens its session where a direct connection would go.
var wrongHost = Mutant{
	Name:     "wrong-host",
	Defect:   "opens its session at messenger.hotmail.com",
	Violates: "open.dispatch-host",
	Seen:     "MSNPSharp",
	New:      newWrongHost,
}

func newWrongHost(s adapter.Setup) (adapter.Client, error) {
	s.Gateway = "messenger.hotmail.com"
	return adapter.BuiltIn(client.Habits{})(s)
}
