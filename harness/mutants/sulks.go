package mutants

import (
	"gauntlet/harness/judge/requirement"
	"gauntlet/harness/msn/client"
	"gauntlet/harness/run/adapter"
)

// sulks is told that its session is gone, and leaves it at that.
var sulks = Mutant{
	Name:     "sulks",
	Defect:   "opens no other session when the gateway has forgotten its own",
	Violates: "close.reopens-once",
	Seen:     "Pidgin, Kopete, Miranda 0.5: signed off by the first 400",
	Needs:    NeedsSetting,
	Cases:    []string{"forgotten-direct"},
	Also:     []Collateral{{fallsSilent, []requirement.ID{"poll.keeps-going", "connection.recovers", "command.carried-out", "command.not-lost"}}},
	New:      adapter.BuiltIn(client.Habits{Reopens: -1}),
}
