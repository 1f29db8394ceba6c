package mutants

import (
	"gauntlet/harness/judge/requirement"
	"gauntlet/harness/msn/client"
	"gauntlet/harness/msn/session"
	"gauntlet/harness/run/adapter"
)

// overlaps sends a command at once, on a second connection, while another request is out.
var overlaps = Mutant{
	Name:     "overlaps",
	Defect:   "sends a command while another request is out",
	Violates: "exchange.one-in-flight",
	Seen:     "the official client 5; BitlBee: beside its long poll",
	Also:     []Collateral{{crossed, []requirement.ID{"gateway-ip.followed", "session-id.newest", "close.honoured", "connection.backs-off", "command.carried-out", "command.in-order", "answer.delivered"}}},
	New:      adapter.BuiltIn(client.Habits{Session: session.Habits{Waiting: session.SendAtOnce}}),
}
